"""What the network's output is compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backproof.doctor.infer.partners import partners
from backproof.doctor.infer.passes import Pass, Step
from backproof.doctor.infer.products import operation
from backproof.doctor.infer.values import Values, equal, rows, tolerance
from backproof.fields import Array

COMPARED = {"Sub": 4.0, "subtract": 4.0, "Div": 2.0, "Mult": 2.0, "divide": 2.0, "multiply": 2.0}
"""How much an operation with the output says for an array's being the target."""


@dataclass(frozen=True)
class Target:
    """An array that may be the targets: where it stands, its values step by step, and what speaks for it.

    `y` is (N, G) for each step, or (N,) where it holds classes. `sign` is −1 where the code has y − a.
    """

    site: int
    flipped: bool
    y: tuple[Array, ...]
    score: float

    @property
    def classes(self) -> bool:
        """Whether it holds the number of a class for each observation."""
        return self.y[0].ndim == 1


def find(values: Values, steps: Sequence[Step], flipped: bool, named: str | None = None) -> list[Target]:
    """Return what may be the targets, the likeliest first.

    A target has an entry for each of the output, or a class for each observation; it is there at every pass; and
    it is compared with the output.
    """
    last = len(steps[0].passes[0].a) - 1
    inputs = [step.x for step in steps]
    found = []
    for site, score in _sites(values, steps, last, named):
        for classes in (False, True):
            arrays: list[Array] = []
            for step in steps:
                read = _read(values, step, site, classes, flipped, last)
                if read is None:
                    break
                arrays.append(read)
            if len(arrays) < len(steps):
                continue
            y = tuple(arrays)
            outputs = [step.a(last) for step in steps]
            if any(one.shape == a.shape and equal(a, one) for one, a in zip(y, outputs, strict=True)):
                continue
            if not _constant(inputs, y):
                continue
            taken = [one.shape == x.shape and equal(x, one) for one, x in zip(y, inputs, strict=True)]
            if any(taken):
                score -= 3 if sum(taken) > len(taken) // 2 else 0  # an autoencoder's targets are its inputs
            found.append(Target(site, flipped, y, score - 0.5 * classes))
            break
    scattered = partners(values, steps) if steps[0].a(last).shape[1] > 1 and named is None else None
    if scattered is not None:
        found.append(Target(scattered[0], False, scattered[1], 2.5))
    found = [t for t in found if not any(_error_of(values, t, other, steps, last) for other in found)]
    unique: list[Target] = []
    for target in sorted(found, key=lambda t: -t.score):
        if not any(
            all(np.array_equal(a, b) for a, b in zip(target.y, other.y, strict=True))
            for other in unique
            if other.y[0].shape == target.y[0].shape
        ):
            unique.append(target)
    return unique[:12]


def _error_of(values: Values, one: Target, other: Target, steps: Sequence[Step], last: int) -> bool:
    """Return whether what may be a target is the output less another, times a number: an error.

    The other way round the target is the output less the error: the error is what was not there before.
    """
    if one is other or one.classes or _since(values, one) <= _since(values, other):
        return False
    for step, e, y in zip(steps, one.y, other.y, strict=False):
        a = step.a(last)
        wanted = a - (y[:, None] == np.arange(a.shape[1]) if other.classes else y)
        square = float((wanted**2).sum())
        if not np.isfinite(square) or square == 0 or not np.any(e):
            return False
        c = float((wanted * e).sum()) / square
        if np.abs(e - c * wanted).max() > max(tolerance(a), 1e-8) * np.abs(e).max():
            return False
    return True


def _since(values: Values, target: Target) -> int:
    """Return when the targets of the last step were first seen."""
    sights = [values.first(content) for content, _ in values.find(rows(target.y[-1]))]
    return min((t for t in sights if t is not None), default=0)


def _constant(inputs: Sequence[Array], y: Sequence[Array]) -> bool:
    """Return whether the same observations have the same targets at every step."""
    return all(np.array_equal(y[0], one) for x, one in zip(inputs, y, strict=True) if np.array_equal(x, inputs[0]))


def _sites(values: Values, steps: Sequence[Step], last: int, named: str | None) -> Iterator[tuple[int, float]]:
    """Yield the places seen in the first pass' own time that may hold a target, with what speaks for them."""
    recording = values.recording
    first = steps[0].passes[0]
    stop = steps[0].passes[1].begun if len(steps[0].passes) > 1 else steps[0].ended
    scores: dict[int, float] = {}
    a, z = first.a[last], first.z[last]
    for time in range(first.begun, min(stop, first.begun + 20000)):
        site = int(recording.event_sites[time])
        kind = recording.sites[site].kind
        if kind in ("Name", "Attribute", "Subscript", "Call", "store", "BinOp"):
            base = {"Name": 1.0, "Attribute": 1.0, "Subscript": 0.9, "store": 0.5, "Call": 0.2, "BinOp": 0.0}[kind]
            scores.setdefault(site, base)
        if kind in ("BinOp", "Call"):
            weight = COMPARED.get(operation(recording.sites[site]))
            if weight is None:
                continue
            operands = values.operands(time)
            if len(operands) != 2:
                continue
            arrays = [values.array(t) for t in operands]
            for mine, other in ((0, 1), (1, 0)):
                size = arrays[mine].size
                if _is_part(arrays[mine], a) or (weight < 4 and _is_part(arrays[mine], z)):
                    partner = int(recording.event_sites[operands[other]])
                    bonus = weight if size == a.size else 0.5 * weight
                    scores[partner] = max(scores.get(partner, 0.0), bonus + (scores.get(partner, 0.0) % 1))
                    # y[k] of a list y: the list itself is the target.
                    for child in recording.children.get(partner, []):
                        scores[child] = max(scores.get(child, 0.0), 0.8 * bonus)
    if named is not None:
        scores = {site: 10.0 for site in scores if recording.sites[site].text == named}
    yield from sorted(scores.items(), key=lambda pair: -pair[1])[:60]


def _is_part(array: Array, a: Array) -> bool:
    """Return whether an array is the output, in any orientation, or one of its entries."""
    if array.size == a.size:
        return equal(a.ravel(), array.ravel()) or (array.ndim == 2 and equal(a.ravel(), array.T.ravel()))
    return array.size == 1 and bool(np.any(np.abs(a - array.ravel()[0]) <= 1e-12 * np.abs(a)))


def _read(values: Values, step: Step, site: int, classes: bool, flipped: bool, last: int) -> Array | None:
    """Return the targets of a step that a site holds, or None if it does not hold any such."""
    pieces = []
    for number, one in enumerate(step.passes):
        stop = step.passes[number + 1].begun if number + 1 < len(step.passes) else step.ended
        found = _of_pass(values, one, stop, site, classes, flipped, last)
        if found is None:
            return None
        pieces.append(found)
    return np.concatenate(pieces)


def _of_pass(
    values: Values, one: Pass, stop: int, site: int, classes: bool, flipped: bool, last: int
) -> Array | None:
    recording = values.recording
    times = recording.of_site.get(site, np.zeros(0, int))
    shape = one.a[last].shape
    size = shape[0] if classes else shape[0] * shape[1]
    # What is seen after the pass is compared with it; what is seen before may have been handed over.
    start = int(np.searchsorted(times, one.ended))
    before = int(np.searchsorted(times, one.begun))
    order = [*times[start : start + 40], *times[before:start][::-1][:40]]
    if recording.sites[site].kind == "store":  # handed over once, for more than one pass
        order += [*times[max(before - 1, 0) : before]]
    for time in order:
        if time >= stop:
            continue
        array = values.array(int(time))
        if array.size != size:
            continue
        if classes:
            whole = array.astype(np.float64)
            if shape[1] > 1 and np.all(whole == np.round(whole)) and whole.min() >= 0 and whole.max() < shape[1]:
                return array.ravel().astype(np.int64)
            continue
        laid = array.T if flipped and array.ndim == 2 else array
        return laid.reshape(shape).astype(one.a[last].dtype)
    return None
