"""From a recording to a reading: which network a script trains, on what, and how.

Nothing is told by a name, everything by what the arrays do. A dense layer is a product of two arrays of which one
changes from step to step; its bias is what is added; its activation the function whose value was seen next. A
training step is what happens between two changes of the weights. The target is what the output is compared with;
the loss the one whose gradient the last layer's update follows, or whose value the code computes; the rate is the
ratio of both.
"""

from backproof.doctor.hints import Hints
from backproof.doctor.infer.activations import candidates
from backproof.doctor.infer.chain import Chain, find
from backproof.doctor.infer.choice import choose
from backproof.doctor.infer.numbers import constants
from backproof.doctor.infer.passes import Step, all_passes, steps
from backproof.doctor.infer.report import reading
from backproof.doctor.infer.unreadable import Unreadable
from backproof.doctor.infer.values import Values
from backproof.doctor.reading import Reading
from backproof.doctor.recording import Recording

__all__ = ["Unreadable", "infer"]

MANY = 8
"""How many of the best chains are followed through the recording."""


def infer(recording: Recording, hints: Hints | None = None) -> Reading:
    """Return which network a script trains, as far as its recording tells.

    Raises
    ------
    Unreadable
        If no arrays were seen, or no network among them, or none that is trained; with what was found instead.
    """
    hints = hints or Hints()
    if not recording.contents:
        raise Unreadable("no array of numbers was seen in the script")
    values = Values(recording)
    chain, found = _trained(values, hints)
    numbers = constants(values)
    chosen = choose(values, chain, found, numbers, hints)
    if chosen is None:
        raise Unreadable("found the network, but nothing that its output is compared with: name it with --targets")
    return reading(values, chain, found, chosen, hints)


def _trained(values: Values, hints: Hints) -> tuple[Chain, list[Step]]:
    """Return the layers and the training steps of the best chain that is trained."""
    chains = find(values, candidates(values), hints.weights)
    best: tuple[tuple[int, int], Chain, list[Step]] | None = None
    for chain in chains[:MANY]:
        found = steps(all_passes(values, chain))
        rank = (len(chain.links), len(found))
        if found and (best is None or rank > best[0]):
            best = rank, chain, found
        if best is not None and len(chain.links) < best[0][0]:
            break
    if best is None:
        raise Unreadable(
            "found no layer whose weights change: expected products of data and weights, from step to step"
            if chains
            else "found no product of an array with another that changes from step to step"
        )
    return best[1], best[2]
