"""Readings of what a user gave from Python, and which of them make sense of the numbers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic
from typing import Any

import numpy as np

from backproof.doctor.diagnosis import Match
from backproof.doctor.evidence import Evidence
from backproof.doctor.mapping import Place, Reading, assigned, canonical, named, possible, readings, styled
from backproof.doctor.reading import Observed
from backproof.errors import WeightsError
from backproof.fields import Array
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State
from backproof.verdict import K

ATTEMPTS = 8
"""How many readings of the user's arrays that make as much sense as others are searched for mistakes."""

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Attempt:
    """One reading of everything that the user gave."""

    batch: Batch
    weights: Reading
    gradients: Reading
    steps: list[Observed]


class Gradients:
    """What the user's gradients may be, laid out to compare them with the right ones of many readings.

    With `labelled`, they have the same names as the weights, and are what these are.
    """

    def __init__(self, spec: ModelSpec, arrays: Arrays, labelled: bool) -> None:
        self.labelled = labelled
        self.places = possible(spec, arrays, "gradients") if arrays else {}
        self.styles = styled(self.places)
        if next(assigned(self.styles[next(iter(self.styles))]), None) is None:
            raise WeightsError("gradients: several arrays that can only be the same parameter")
        self.rows: dict[str, list[tuple[str, Place]]] = {}
        flat: dict[str, list[Array]] = {}
        for user, own in self.places.items():
            for place in own:
                for name, array in place.take(arrays[user], spec).items():
                    self.rows.setdefault(name, []).append((user, place))
                    flat.setdefault(name, []).append(array.ravel())
        self.stacks = {name: np.stack(own) for name, own in flat.items()}

    def read(self, weights: Reading, right: Arrays) -> tuple[Reading, float]:
        """Return the reading that is most like the right gradients, if in doubt as the weights; and its points."""
        points: dict[tuple[str, Place], float] = {}
        for name, stack in self.stacks.items():
            for at, own in zip(self.rows[name], _points(stack, right[name]), strict=True):
                points[at] = points.get(at, 0.0) + float(own)
        mirror = self._beside(weights)
        lies = next(((one.transposed, one.bias) for one in weights.values() if not one.free), None)
        options = []
        for style in sorted(self.styles, key=lambda one: one != lies):
            places = {user: self._sorted(user, own, mirror, points) for user, own in self.styles[style].items()}
            surest = sorted(places, key=lambda user: -points[user, places[user][0]])
            one = next(assigned({user: places[user] for user in surest}))
            options.append(({user: one[user] for user in places}, sum(points[at] for at in one.items())))
        return max(options, key=lambda option: option[1])

    def _sorted(
        self, user: str, own: list[Place], mirror: Reading, points: Mapping[tuple[str, Place], float]
    ) -> list[Place]:
        """Return what an array may be, the likeliest first."""
        names = mirror[user].names if user in mirror else ()

        def order(one: Place) -> tuple[bool, float, bool]:
            other = one.names != names
            return self.labelled and other, -np.floor(2.0 * points[user, one]), other

        return sorted(own, key=order)

    def as_weights(self, weights: Reading) -> Reading | None:
        """Return the reading in which gradients are and lie what the weights are and lie; None if they cannot."""
        mirror = self._beside(weights)
        there = mirror.keys() == self.places.keys() and all(mirror[u] in own for u, own in self.places.items())
        return mirror if there else None

    def _beside(self, weights: Reading) -> Reading:
        """Return the place of the weight that goes by the same name, or stands at the same position."""
        if self.labelled:
            return {user: weights[user] for user in self.places}
        return dict(zip(self.places, weights.values(), strict=True)) if len(self.places) == len(weights) else {}


@dataclass(frozen=True)
class Given:
    """The user's arrays by the user's names; `several` if shapes alone do not tell what the weights are."""

    spec: ModelSpec
    weights: Arrays
    gradients: Arrays
    history: Sequence[tuple[Arrays, Arrays]]
    options: Gradients
    several: bool

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
        labelled = isinstance(gradients, Mapping) and own.keys() <= arrays.keys()
        several = len(list(islice(readings(spec, arrays, "weights"), 2))) > 1
        return cls(spec, arrays, own, history, Gradients(spec, own, labelled), several)

    def attempts(self, batches: Sequence[Batch], seconds: float) -> tuple[list[Attempt], bool]:
        """Return the readings that are most like the right tensors, and whether there was no time for all.

        That in the user's order comes first of those that make as many tensors right, or a multiple of it.
        """
        end, late = monotonic() + seconds, False
        found: list[tuple[float, Batch, Reading, Reading]] = []
        for reading in readings(self.spec, self.weights, "weights"):
            found += [self._compared(batch, reading) for batch in batches]
            late = monotonic() > end
            if late or any(one[0] >= self._most(one[3]) for one in found[-len(batches) :]):
                break
        most = max(np.floor(2.0 * one[0]) for one in found)
        first, *others = [one for one in found if np.floor(2.0 * one[0]) == most]
        chosen = [first, *sorted(others, key=lambda one: -one[0])]
        attempts: list[Attempt] = []
        for _, batch, weights, gradients in chosen[:ATTEMPTS]:
            attempts.append(self._attempt(batch, weights, gradients))
            same = self.options.as_weights(weights)
            if same is not None and same != gradients:
                attempts.append(self._attempt(batch, weights, same))
        return attempts[:ATTEMPTS], late

    def _most(self, gradients: Reading) -> float:
        """Return the points of a backprop that is right."""
        return sum(len(one.names) for one in gradients.values()) + len(self.spec.parameters) * bool(self.history)

    def _compared(self, batch: Batch, reading: Reading) -> tuple[float, Batch, Reading, Reading]:
        """Return a reading of the weights with the best of the gradients, after its points for both."""
        before = canonical(self.spec, reading, self.weights)
        network, seen = Network(self.spec), 0.0
        with np.errstate(all="ignore"):
            record = network.step(network.initial_state(np.float64, before), *batch)
            gradients, points = self.options.read(reading, record.gradients) if self.gradients else ({}, 0.0)
            for number, one in enumerate(self.history[: self.spec.optimizer.accumulate]):
                earlier, after = (canonical(self.spec, reading, arrays) for arrays in one)
                if number:  # gradients are accumulated: before, there is no update that could tell
                    weights = {name: w.astype(np.float64) for name, w in earlier.items()}
                    record = network.step(State(weights, record.slots, record.buffers, number), *batch)
                updates = {name: (w - earlier[name]).reshape(1, -1) for name, w in after.items()}
                seen = sum(float(_points(own, record.updates[name])[0]) for name, own in updates.items())
        points += seen
        return points, batch, reading, gradients

    def _attempt(self, batch: Batch, weights: Reading, gradients: Reading) -> Attempt:
        """Return a reading with the steps that it makes of the arrays."""
        steps = [
            Observed(batch.x, batch.y, canonical(self.spec, weights, one), canonical(self.spec, weights, other))
            for one, other in self.history
        ] or [Observed(batch.x, batch.y, canonical(self.spec, weights, self.weights), {})]
        steps[0] = replace(steps[0], gradients=canonical(self.spec, gradients, self.gradients))
        return Attempt(batch, weights, gradients, steps)

    def matches(self, chosen: Attempt) -> tuple[Match, ...]:
        """Return what each of the user's arrays turned out to be."""
        factors: dict[str, float] = {}
        if self.gradients:
            right = Evidence(self.spec, chosen.steps[:1])
            factors = {
                seen.name: _factor(seen.found, seen.of(right.records[0]), seen.floor.value) for seen in right.seen
            }
        return tuple(
            Match(user, prefix + name, place.transposed, factors.get(prefix + name, 1.0), self.several)
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


def _points(found: Array, right: Array) -> Array:
    """Return 1 for a row that is the right tensor, ½ for a multiple of it, else at most 0.01 by the angle.

    More than half of the digits must agree: enough to choose between readings of the same arrays.
    """
    kind = found.dtype if found.dtype.kind == "f" else np.dtype(np.float64)
    own, one = found.astype(np.float64), right.ravel()
    digits, square = np.sqrt(np.finfo(kind).eps), one @ one
    along = own @ one
    same = np.abs(own - one).max(axis=1) <= digits * np.abs(one).max()
    off = np.abs(own - (along / square)[:, None] * one).max(axis=1) if square else np.inf
    multiple = (off <= digits * np.abs(own).max(axis=1)) & (along != 0.0) & (one.size > 1)
    angle = np.abs(along) / np.sqrt(square * (own * own).sum(axis=1))
    return np.select([same, multiple], [1.0, 0.5], 0.01 * np.nan_to_num(np.minimum(angle, 1.0)))


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
