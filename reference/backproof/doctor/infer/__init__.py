"""From a recording to a reading: which network a script trains, on what, and how.

Nothing is told by a name alone, but by what the arrays do. A dense layer is a product of two arrays of which one
changes from step to step; its bias is what is added; its activation the function whose value was seen next. A
training step is what happens between two changes of the weights. The target is what the output is compared with;
the loss the one whose gradient the last layer's update follows, or whose value the code computes; the rate is the
ratio of both.
"""

from collections.abc import Iterator

from backproof.doctor.hints import Hints
from backproof.doctor.infer.activations import candidates
from backproof.doctor.infer.chain import Chain, find
from backproof.doctor.infer.choice import choose
from backproof.doctor.infer.judging import Judgement, judgements
from backproof.doctor.infer.links import Place
from backproof.doctor.infer.numbers import Number, constants
from backproof.doctor.infer.partial import unread
from backproof.doctor.infer.passes import Step, trained
from backproof.doctor.infer.persistence import kept
from backproof.doctor.infer.report import reading
from backproof.doctor.infer.unreadable import Unreadable
from backproof.doctor.infer.values import Values
from backproof.doctor.reading import Reading
from backproof.doctor.recording import Recording

__all__ = ["Unreadable", "infer"]

MANY = 8
"""How many of the best chains are followed through the recording."""

SHOWN = 6
"""How many names a message tells."""

CONVINCING = 13.5
"""A chain whose output, targets and loss are judged so well is looked no further than."""

PER_LAYER = 2.0
"""What a layer more speaks for a chain."""

Trained = tuple[Chain, list[Step], list[Number], list[Judgement]]


def infer(recording: Recording, hints: Hints | None = None) -> Reading:
    """Return which network a script trains, as far as its recording tells.

    Raises
    ------
    Unreadable
        If no arrays were seen, or no network among them, or none that is trained; with what was found instead.
    """
    hints = hints or Hints()
    if not len(recording):
        raise Unreadable("no numbers were seen in the script")
    values = Values(recording)
    chain, found, numbers, ranked = _best(values, hints)
    if not ranked:
        raise Unreadable(
            "found layers, but nothing that the output of the last is compared with: "
            + (f"{hints.targets} does not fit it" if hints.targets else "name it with --targets")
            + " (dense layers and their activations are read; recurrence and convolutions are not)"
        )
    if before := unread(values, chain, found):
        names = ", ".join(before[:SHOWN])
        raise Unreadable(
            f"found only the last layers, {len(chain.links)} of them: what they take is computed with {names}, "
            "trained as well, in a way that is not read (dense layers and their activations are)"
        )
    return reading(values, chain, found, choose(values, chain, found, numbers, ranked, hints), hints)


def _best(values: Values, hints: Hints) -> Trained:
    """Return the layers whose output is best explained as that of a network in training."""
    best: tuple[tuple[bool, float], Trained] | None = None
    for chain, found in _trained(values, hints):
        numbers = constants(values, found[0].begun, found[-1].ended)
        ranked = judgements(values, chain, found, numbers, hints)
        score = (ranked[0].score if ranked else 0.0) + PER_LAYER * len(chain.links)
        follows = bool(ranked) and ranked[0].natural
        if best is None or (follows, score) > best[0]:
            best = (follows, score), (chain, found, numbers, ranked)
        if ranked and ranked[0].score >= CONVINCING:
            break
    if best is None:
        raise Unreadable("found no layer whose weights change from step to step: expected data times weights")
    return best[1]


def _trained(values: Values, hints: Hints) -> Iterator[tuple[Chain, list[Step]]]:
    """Yield chains of layers that make training steps, the likeliest first.

    Where no chain's weights are kept from step to step, they may be put together anew at each.
    """
    whole: list[tuple[Place, ...]] = []
    others: list[tuple[Chain, list[Step]]] = []
    for chain in find(values, candidates(values), hints.weights)[:MANY]:
        weights = tuple(link.weight for link in chain.links)
        if any(len(longer) > len(weights) and longer[-len(weights) :] == weights for longer in whole):
            continue  # the last layers of what is trained as a whole
        found = trained(values, chain)
        if found and kept(values, chain, found):
            whole.append(weights)
            yield chain, found
        elif found:
            others.append((chain, found))
    if not whole:
        yield from others
