"""Readings of what a user gave from Python, and which of them make sense of the numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backproof.doctor.diagnosis import Match
from backproof.doctor.evidence import Evidence
from backproof.doctor.mapping import Reading, canonical, named, readings
from backproof.doctor.reading import Observed
from backproof.errors import WeightsError
from backproof.fields import Array
from backproof.spec import Batch, ModelSpec
from backproof.step import Network
from backproof.verdict import K

ATTEMPTS = 8
"""How many readings of the user's arrays that make as much sense as others are searched for mistakes."""

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Attempt:
    """One reading of everything that the user gave, and how many tensors it makes right at first sight."""

    batch: Batch
    weights: Reading
    gradients: Reading
    steps: list[Observed]
    right: int


@dataclass(frozen=True)
class Given:
    """The user's arrays by the user's names, and everything that the weights may be by their shapes."""

    spec: ModelSpec
    weights: Arrays
    gradients: Arrays
    history: Sequence[tuple[Arrays, Arrays]]
    readings: Sequence[Reading]

    @classmethod
    def of(
        cls, spec: ModelSpec, weights: Any, gradients: Any, history: Sequence[tuple[Arrays, Arrays]]
    ) -> "Given":
        """Return what was given.

        Raises
        ------
        WeightsError
            If weights cannot be the spec's, or either is no dict or list of arrays.
        """
        arrays = named(weights, "weights")
        own = {} if gradients is None else named(gradients, "gradients")
        return cls(spec, arrays, own, history, readings(spec, arrays, "weights"))

    def attempts(self, batches: Sequence[Batch]) -> list[Attempt]:
        """Return the readings that make most tensors right at first sight, the user's order first."""
        found = [self._attempt(batch, reading) for batch in batches for reading in self.readings]
        most = max(one.right for one in found)
        return [one for one in found if one.right == most][:ATTEMPTS]

    def _attempt(self, batch: Batch, reading: Reading) -> Attempt:
        """Return a reading, with that reading of the gradients which makes most of them right."""
        before = canonical(self.spec, reading, self.weights)
        steps = [
            Observed(batch.x, batch.y, canonical(self.spec, reading, one), canonical(self.spec, reading, other))
            for one, other in self.history
        ] or [Observed(batch.x, batch.y, before, {})]
        network = Network(self.spec)
        with np.errstate(all="ignore"):
            record = network.step(network.initial_state(np.float64, before), *batch)
        right = sum(_near(w - before[name], record.updates[name]) for name, w in steps[0].after.items())
        if not self.gradients:
            return Attempt(batch, reading, {}, steps, right)
        counts = []
        options = list(self._of_gradients(reading))
        for one in options:
            own = canonical(self.spec, one, self.gradients)
            counts.append(sum(_near(g, record.gradients[name]) for name, g in own.items()))
        best = options[int(np.argmax(counts))]
        steps[0] = replace(steps[0], gradients=canonical(self.spec, best, self.gradients))
        return Attempt(batch, reading, best, steps, right + max(counts))

    def _of_gradients(self, reading: Reading) -> Iterator[Reading]:
        """Yield what the gradients may be, first of all the same as the weights, one by one."""
        options = readings(self.spec, self.gradients, "gradients", complete=False)
        mirror = dict(zip(self.gradients, reading.values(), strict=False))
        if len(self.gradients) == len(reading) and mirror in options:
            yield mirror
        yield from options

    def matches(self, chosen: Attempt) -> tuple[Match, ...]:
        """Return what each of the user's arrays turned out to be."""
        several = len(self.readings) > 1
        factors: dict[str, float] = {}
        if self.gradients:
            right = Evidence(self.spec, chosen.steps[:1])
            factors = {
                seen.name: _factor(seen.found, seen.of(right.records[0]), seen.floor.value) for seen in right.seen
            }
        return tuple(
            Match(user, prefix + name, place.transposed, factors.get(prefix + name, 1.0), several)
            for prefix, reading in (("", chosen.weights), ("d ", chosen.gradients))
            for user, place in reading.items()
            for name in place.names
        )

    def notes(self, chosen: Attempt) -> Iterator[str]:
        """Yield what is worth saying of how the arrays lie."""
        turned = {name: place.transposed for place in chosen.weights.values() for name in place.names}
        for user, place in chosen.gradients.items():
            name = place.names[0]
            if not place.free and turned[name] != place.transposed:
                yield f"gradient {user} lies transposed against {name}: an update has to turn it"


def _near(found: Array, right: Array) -> bool:
    """Return whether more than half of the digits agree: enough to choose between readings of the same arrays."""
    kind = found.dtype if found.dtype.kind == "f" else np.dtype(np.float64)
    return bool(np.abs(found - right).max() <= np.sqrt(np.finfo(kind).eps) * np.abs(right).max())


def _factor(found: Array, right: Array, floor: float) -> float:
    """Return c where an array is c times the right one to rounding; 1 where there is no such number."""
    square = float((right * right).sum())
    c = float((found * right).sum()) / square if square else 1.0
    off = np.abs(found - c * right).max()
    return c if np.abs(found - right).max() > K * floor and off <= K * floor * max(1.0, abs(c)) else 1.0


def history(
    step: Callable[[Any, Any, Any], Any], weights: Any, batch: Any, steps: int
) -> list[tuple[dict[str, Array], dict[str, Array]]]:
    """Return the weights before and after each of some steps of a black box, which sees copies only.

    Raises
    ------
    WeightsError
        If it returns anything but the weights in the form in which it was given them.
    """
    found = []
    for _ in range(steps):
        before, given = named(weights, "weights"), deepcopy(weights)
        x, y = deepcopy(batch)
        returned = step(given, x, y)
        weights = deepcopy(given if returned is None else returned)
        after = named(weights, "step")
        if {n: w.size for n, w in after.items()} != {n: w.size for n, w in before.items()}:
            raise WeightsError("step: expected the new weights in the form of the old, found another")
        found.append((before, after))
    return found
