"""Every forward pass that a chain of layers makes in a recording, and the training steps they belong to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np

from backproof.doctor.infer import indices
from backproof.doctor.infer.lasting import update_times
from backproof.doctor.infer.links import Chain, Link, Pass, less
from backproof.doctor.infer.values import Values, equal, rows
from backproof.doctor.recording import SCALAR
from backproof.fields import Array

TRIES = 60
"""How many sights of an output's place are tried before a pass is given up."""

PATIENCE = 2000
"""How many sights of the first layer's output may go by without a pass."""

MOST = 3000
__all__ = ["Pass", "Step", "all_passes", "steps", "trained"]

FEW = 3
STEPS = 8
"""How many training steps are read."""


@dataclass(frozen=True)
class Step:
    """The passes between two updates whose gradient the update takes, and the parameters after it."""

    passes: tuple[Pass, ...]
    after: Pass

    @property
    def x(self) -> Array:
        """The batch."""
        return np.concatenate([one.x for one in self.passes])

    def z(self, layer: int) -> Array:
        """The batch's z of one layer."""
        return np.concatenate([one.z[layer] for one in self.passes])

    def a(self, layer: int) -> Array:
        """The batch's a of one layer."""
        return np.concatenate([one.a[layer] for one in self.passes])

    @property
    def begun(self) -> int:
        """When the first pass began."""
        return self.passes[0].begun

    @property
    def ended(self) -> int:
        """When the next pass with other parameters began."""
        return self.after.begun


def all_passes(values: Values, chain: Chain) -> Iterator[Pass]:
    """Yield the passes of a chain in the order of time."""
    if chain.by_index:
        yield from islice(indices.passes(values, chain), MOST)
        return
    time = 0
    for _ in range(MOST):
        found = _next(values, chain, time)
        if found is None:
            return
        yield found
        time = found.ended


def _next(values: Values, chain: Chain, start: int) -> Pass | None:
    """Return the first pass that ends after `start`."""
    first = values.recording.of_site[chain.links[0].out.site]
    position = int(np.searchsorted(first, start + 1))
    for time in first[position : position + PATIENCE]:
        found = _from(values, chain, int(time), start)
        if found is not None:
            return found
    return None


def _from(values: Values, chain: Chain, time: int, start: int) -> Pass | None:
    """Return the pass whose first layer's output was seen at `time`, or None if there is none."""
    x: Array | None = None
    weights, biases, zs, activations = [], [], [], []
    begun = time
    for number, link in enumerate(chain.links):
        if number:
            found = _following(values, link, x, time)
        else:
            source = values.latest(chain.input.site, time)
            if source is None:
                return None
            begun = source
            x = rows(
                values.array(source).T
                if chain.input.flipped and values.array(source).ndim == 2
                else values.array(source)
            )
            if link.augmented:
                x = less(x, link.augmented)
            if x.shape[1] != link.x.shape[1]:
                return None
            given = x
            found = _at(values, link, x, time)
        if found is None:
            return None
        time, W, b, z, a = found
        weights.append(W)
        biases.append(b)
        zs.append(z)
        activations.append(a)
        x = a
    return Pass(max(begun, start), time, given, tuple(weights), tuple(biases), tuple(zs), tuple(activations))


Found = tuple[int, Array, Array | None, Array, Array]


def _following(values: Values, link: Link, x: Array | None, after: int) -> Found | None:
    """Return the first sight after a time at which a layer's output is right for its input."""
    times = values.recording.of_site[link.out.site]
    start = int(np.searchsorted(times, after + 1))
    for time in times[start : start + TRIES]:
        found = _at(values, link, x, int(time))
        if found is not None:
            return found
    # An identity's output is the last layer's z itself, seen at the same time.
    return _at(values, link, x, after)


def _at(values: Values, link: Link, x: Array | None, time: int) -> Found | None:
    """Return what a layer computed by a time at which its output's place was evaluated, if that is its output."""
    assert x is not None
    seen = values.array(time)
    if seen.size != len(x) * link.units:
        return None
    source = values.latest(link.weight.site, time)
    bias_source = values.latest(link.bias.site, time) if link.bias else None
    if source is None or (link.bias and bias_source is None):
        return None
    weight = values.array(source)
    bias = None if bias_source is None else values.array(bias_source)
    if not link.fits(x, weight, bias):
        return None
    W, b = link.parameters(weight, bias)
    z, a = link.forward(x, weight, bias)
    wanted = seen.T if link.out.flipped and seen.ndim == 2 else seen
    same = wanted.size == a.size and (
        equal(a, wanted.reshape(a.shape)) or _both_overflow(a, wanted.reshape(a.shape))
    )
    return (time, W, b, z, a) if same else None


def _both_overflow(a: Array, b: Array) -> bool:
    return not np.all(np.isfinite(a)) and bool(np.array_equal(np.isfinite(a), np.isfinite(b)))


def steps(passes: Iterable[Pass]) -> list[Step]:
    """Return the training steps: the passes with the same parameters before each change of these.

    The last pass before a change is a training step's. The others count if there are as many at most steps:
    one observation at a time, whose gradients are added up. What is evaluated in between belongs to no step.
    """
    groups: list[list[Pass]] = []
    for one in passes:
        if groups and groups[-1][-1].same_parameters(one):
            groups[-1].append(one)
        elif len(groups) > STEPS:
            break
        else:
            groups.append([one])
    trained = [_alike(group) for group in groups[:-1]]
    if not trained:
        return []
    counts = [len(group) for group in trained]
    usual = min(max(set(counts), key=lambda n: (counts.count(n), -n)), max(counts))
    return [Step(tuple(group[-usual:]), groups[number + 1][0]) for number, group in enumerate(trained)]


def trained(values: Values, chain: Chain) -> list[Step]:
    """Return the training steps of a chain, also where only the first update was made, or updates in vain."""
    found = steps(all_passes(values, chain))
    if found or chain.by_index:
        return found
    seen = list(islice(all_passes(values, chain), STEPS))
    updates = np.sort([*update_times(values), *_in_vain(values, chain)])
    pairs = [
        (one, other)
        for one, other in pairwise(seen)
        if np.searchsorted(updates, one.ended) < np.searchsorted(updates, other.begun)
    ]
    if pairs:
        return [Step((one,), other) for one, other in pairs]
    after = _left(values, chain, seen[-1]) if seen else None
    return [] if after is None else [Step(tuple(_alike(seen)), after)]


def _in_vain(values: Values, chain: Chain) -> list[int]:
    """Return when the weights of a chain were stepped from in vain, as by a name that is forgotten."""
    recording = values.recording
    times = [int(recording.of_site[link.weight.site][0]) for link in chain.links]
    contents = {int(recording.event_contents[t]) for t in times} - {SCALAR}
    return [t for content in contents for t in values.stepped_from(content)]


def _left(values: Values, chain: Chain, last: Pass) -> Pass | None:
    """Return what the last pass would be with the weights that the script leaves, or None if it has the same."""
    weights, biases, zs, activations = [], [], [], []
    x, ended = last.x, last.ended
    for link in chain.links:
        weight, time = _latest(values, link.weight.site, last.ended)
        bias, later = _latest(values, link.bias.site, last.ended) if link.bias else (None, time)
        if not link.fits(x, weight, bias):
            return None  # layers that share their code: what it held last is another one's
        ended = max(ended, time, later)
        W, b = link.parameters(weight, bias)
        z, a = link.forward(x, weight, bias)
        weights.append(W)
        biases.append(b)
        zs.append(z)
        activations.append(a)
        x = a
    found = Pass(ended + 1, ended + 1, last.x, tuple(weights), tuple(biases), tuple(zs), tuple(activations))
    return None if found.same_parameters(last) else found


def _latest(values: Values, site: int, after: int) -> tuple[Array, int]:
    """Return what a name held last, and since when: an array like the one that `site` yielded last."""
    recording = values.recording
    text = recording.sites[site].text
    known = values.latest(site, after + 1)
    assert known is not None
    array, time = values.array(known), known
    for number, other in enumerate(recording.sites):
        if other.text in (text, text.removesuffix(".T")) and number in recording.of_site:
            turned = other.text != text
            for t in recording.of_site[number][::-1][:FEW]:
                held = values.array(int(t)).T if turned else values.array(int(t))
                if t > time and held.shape == array.shape:
                    array, time = held, int(t)
    return array, time


def _alike(group: list[Pass]) -> list[Pass]:
    """Return the passes of a group that took as many observations as its last, each input once."""
    kept: list[Pass] = []
    for one in group:
        same_size = one.x.shape == group[-1].x.shape
        if same_size and (len(one.x) == 1 or not any(np.array_equal(one.x, other.x) for other in kept)):
            kept.append(one)
    if len(kept) > 1 and len(kept[-1].x) > 1:
        return kept[-1:]
    return kept
