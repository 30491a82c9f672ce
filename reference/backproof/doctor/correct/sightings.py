"""Where the code has a tensor: found by value, up to a factor, whichever way it lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backproof.doctor.correct.runs import proportion
from backproof.doctor.infer.values import Values
from backproof.doctor.reading import Reading
from backproof.doctor.recording import SCALAR, Site
from backproof.fields import Array

SLACK = {np.dtype(np.float32): 1e-4, np.dtype(np.float16): 1e-2}

MOST = 20_000
"""How many events after a step's first output are looked at."""

NOTHING = 1e-12

DISTINCT = 4
"""With fewer entries, an array is in proportion to too much: the factor must then be a usual one."""


@dataclass(frozen=True)
class Sighting:
    """An event that yields `factor` times a tensor, transposed where `flipped`."""

    time: int
    site: int
    factor: float
    flipped: bool

    def laid(self, tensor: Array, shape: tuple[int, ...]) -> Array:
        """Return what the event would yield for another tensor."""
        return (self.factor * (tensor.T if self.flipped else tensor)).reshape(shape)


class Sightings:
    """The training steps in a recording, and what was seen in each."""

    def __init__(self, reading: Reading) -> None:
        assert reading.recording is not None
        self.recording = reading.recording
        self.values = Values(reading.recording)
        self.reading = reading
        self.sizes = np.array([content.size for content in self.recording.contents] + [1])  # the last for SCALAR

    @cached_property
    def windows(self) -> list[tuple[int, int]]:
        """When each step's first layer was first calculated, and when the next step's was."""
        begun: list[int] = []
        for step in self.reading.steps:
            outputs = [np.asarray(step.outputs[n]) for n in self.reading.spec.layer_names if n in step.outputs]
            after = begun[-1] + 1 if begun else 0
            seen = (self.values.seen(part, after) for z in outputs for part in (z, z[:1]))
            first = next((one[0] for one in seen if one is not None), None)
            if first is None:
                break
            begun.append(first)
        return [
            (start, min(stop, start + MOST))
            for start, stop in zip(begun, [*begun[1:], len(self.recording)], strict=True)
        ]

    @cached_property
    def usual(self) -> list[float]:
        """Factors by which people's tensors differ from ours."""
        rows = len(self.reading.steps[0].x)
        entries = rows * int(np.prod(self.reading.spec.shapes[-1]))
        rate = self.reading.spec.optimizer.rate(0)
        plain = [c / n for n in (1, rows, entries) for c in (1.0, 2.0, 0.5)] + [float(rows), float(entries)]
        return [sign * c * r for c in plain for r in (1.0, rate, 1 / rate) for sign in (1, -1)]

    def of(self, tensor: Array, step: int, factors: Sequence[float] | None = None) -> Iterator[Sighting]:
        """Yield the events of a step that yield a tensor times a factor (one of these), in order of time."""
        start, stop = self.windows[step]
        contents = self.recording.event_contents[start:stop]
        sizes = self.sizes[contents]
        # One number may stand for equal entries: a sum without an axis.
        alike = tensor.size > 1 and bool(np.ptp(tensor) == 0)
        fitting = np.flatnonzero((sizes == tensor.size) | ((contents == SCALAR) & alike))
        nothing = alike and bool(np.abs(tensor).max() < NOTHING)
        known: dict[int, tuple[float, bool] | None] = {}
        for offset in fitting:
            time = int(offset) + start
            content = int(contents[offset])
            if content == SCALAR and nothing:
                if self._adds_up_to_nothing(time):
                    for factor in factors or (1.0, -1.0):
                        yield Sighting(time, int(self.recording.event_sites[time]), factor, False)
                continue
            if content == SCALAR:
                how = self._fit(self.values.array(time), tensor.reshape(-1)[:1], factors)
            else:
                if content not in known:
                    known[content] = self._fit(self.recording.contents[content], tensor, factors)
                how = known[content]
            if how is not None:
                yield Sighting(time, int(self.recording.event_sites[time]), *how)

    def _adds_up_to_nothing(self, time: int) -> bool:
        """Return whether an event is a sum that rounding alone keeps from 0, as Σ(p − y) over all classes is."""
        text = self.recording.sites[int(self.recording.event_sites[time])].text
        return "sum(" in text and abs(float(self.recording.event_numbers[time])) < NOTHING

    def _fit(self, found: Array, tensor: Array, factors: Sequence[float] | None) -> tuple[float, bool] | None:
        if found.dtype.kind != "f":
            return None
        slack = SLACK.get(found.dtype, 1e-8)
        for laid, flipped in ((tensor, False), (tensor.T, True)):
            vector = sum(n > 1 for n in laid.shape) <= 1
            if flipped and (vector or laid.ndim != 2):
                continue
            squeezed = found.reshape(laid.shape) if vector or found.ndim > 2 else found
            factor = proportion(squeezed, laid, slack)
            if factor is None:
                continue
            few = self.usual if int(np.count_nonzero(tensor)) < DISTINCT else None
            for wanted in (factors, few):
                if wanted is not None:
                    near = [c for c in wanted if abs(c - factor) <= 10 * slack * abs(c)]
                    factor = near[0] if near else None
                    break
            if factor is not None:
                return factor, flipped
        return None

    def shape(self, sighting: Sighting, name: str, size: int) -> tuple[int, ...]:
        """Return the shape of what was seen; where that is one number for several, that of the parameter."""
        content = int(self.recording.event_contents[sighting.time])
        if content != SCALAR:
            return self.recording.contents[content].shape
        return () if size == 1 else self._shape_of(name.removeprefix("d "))

    def _shape_of(self, parameter: str) -> tuple[int, ...]:
        """Return how the code keeps a parameter."""
        source = self.reading.sources.get(parameter)
        for number, site in enumerate(self.recording.sites):
            if source is not None and (site.text, site.line) == (source.text, source.line):
                for time in self.recording.of_site.get(number, np.zeros(0, int))[:1]:
                    return self.values.array(int(time)).shape
        return ()

    def site(self, sighting: Sighting) -> Site:
        """Return the place of a sighting."""
        return self.recording.sites[sighting.site]


def in_order(found: Sequence[Sighting], last: bool) -> list[Sighting]:
    """Return the first sighting of each place, or the last, in the order of time, or backwards."""
    unique: dict[int, Sighting] = {}
    for one in reversed(found) if last else found:
        unique.setdefault(one.site, one)
    return list(unique.values())
