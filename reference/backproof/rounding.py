"""Arrays that round: the reference run as a machine of lesser precision would run it.

`Rounded` is an ndarray whose every operation is done in float64 and then disturbed as the working precision
would disturb it, so that the layers' code knows nothing of it. The model, with u the unit roundoff and ξ uniform
in [−1, 1], drawn anew for every entry:

- every operation yields r · (1 + uξ), an elementary function (exp, log, tanh, erf, a power) r · (1 + 4uξ): nobody
  rounds those correctly, XLA and Eigen were measured up to 5 u off; and what approximates it errs in one direction
  over a stretch of arguments, so that in every other run all ξ of one call have the same sign; negation, maximum,
  comparison, adding zero and the like are exact;
- a sum or contraction over n terms gains uξ(Σ|terms| + √(n/3)|sum|): the first part is the rounding of the
  terms, the second that of the partial sums, in whatever order an implementation adds; where m terms of a sum
  equal the one before (all pixels below a global average), they round alike, and it gains uξ m/4 |sum| more;
- a compiler may compute a value anew for each use, and fuse a product into an addition in one of them: each use of
  a sum gains uξ|product|, each use of a gradient what two evaluations differ by, and so does what is made of them
  by +, × and ÷. (Else g / √g² would be 1 to rounding even where g is what a cancellation has left.)
- a constant that is no short binary fraction (0.9, not 0.5) is rounded each time it is used;
- below the smallest normal number a result keeps a random share of itself, since some implementations flush
  it to zero and some do not; above the largest it is infinite.

Comparisons are decisions: a unit within rounding of its kink may switch side in a correct implementation. A
`Probe` records them in one run and replays them in the next, so that the smooth effect of rounding and the
effect of a switched unit are measured apart. A sign is a decision too, but it is not replayed: where an update is
the sign of what is nothing but rounding (Lion), what follows from it is to be seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof.fields import Array

_COMPARISONS = {np.greater, np.greater_equal, np.less, np.less_equal}
_EXACT = {np.negative, np.positive, np.absolute, np.maximum, np.minimum, np.clip, np.floor, np.rint}


_CORRECTLY_ROUNDED = {np.add, np.subtract, np.multiply, np.divide, np.square, np.sqrt}


ELEMENTARY = 4.0
"""How many units of roundoff an elementary function may be off."""


@dataclass
class Decision:
    """A comparison or sign of the recorded run: who won, by how much, how far rounding moved the margin."""

    outcome: Array
    margin: Array
    moved: Array

    def doubtful(self, safety: float, scaled: float, linear: float) -> Array:
        """Return the flat indices of the entries whose margin lies within rounding of 0.

        Rounding was enlarged by 1 / `scaled`, which says nothing of margins that moved by more than the share
        `linear`.
        """
        far = self.moved > linear * np.abs(self.margin).max(initial=0.0)
        return np.flatnonzero(np.abs(self.margin) < safety * np.where(far, 1.0, scaled) * self.moved)


@dataclass
class Probe:
    """How one run rounds, and what it decides.

    `unit` 0 disturbs nothing. The first run records its decisions; later ones are given them to replay, with
    the entries in `flips` (decision, entry) turned over.
    """

    unit: float
    limits: "np.finfo[Any]"
    rng: np.random.Generator
    replay: list[Decision] | None = None
    flips: frozenset[tuple[int, int]] = frozenset()
    recorded: list[Decision] = field(default_factory=list)
    _next: int = 0

    def wrap(self, array: Any) -> "Rounded":
        """Return a copy of the array that rounds by this probe."""
        return self.adopt(np.array(array, dtype=np.float64))

    def adopt(self, array: Array) -> "Rounded":
        """Return a fresh array, numbers or a mask, as one that rounds by this probe."""
        result = np.asarray(array).view(Rounded)
        result.probe = self
        return result

    def xi(self, shape: tuple[int, ...]) -> Array:
        """Draw ξ for every entry."""
        return self.rng.uniform(-1.0, 1.0, shape)

    def constant(self, value: float) -> float:
        """Return a Python number as the working precision may hold it."""
        if self.unit and float(np.float32(value)) != value:
            return value * (1.0 + self.unit * float(self.rng.uniform(-1.0, 1.0)))
        return value

    def disturb(self, exact: Array, error: Array, *, elementary: bool = False) -> Array:
        """Return `exact` with an error of up to `error`, at the ends of the range too."""
        if not self.unit:
            return exact
        xi = self.xi(exact.shape)
        if elementary and self.rng.random() < 0.5:
            xi = np.copysign(xi, self.rng.uniform(-1.0, 1.0))
        result = exact + error * xi
        magnitude = np.abs(result)
        small, large = magnitude < self.limits.tiny, magnitude > self.limits.max
        if (small | large).any():
            result = np.where(small, result * np.abs(self.xi(result.shape)), result)
            result = np.where(large, np.copysign(np.inf, result), result)
        return result

    def compare(self, outcome: Array, margin: Array) -> Array:
        """Record who won, or replay it."""
        decision, flipped = self._decision(outcome, margin)
        outcome = decision.outcome.copy()
        for entry in flipped:
            outcome.flat[entry] = not outcome.flat[entry]
        return outcome

    def sign(self, margin: Array) -> Array:
        """Return the sign, and record it the first time."""
        outcome = np.sign(margin)
        _, flipped = self._decision(outcome, margin)
        for entry in flipped:
            outcome.flat[entry] = -outcome.flat[entry] or 1.0
        return outcome

    def _decision(self, outcome: Array, margin: Array) -> tuple[Decision, list[int]]:
        """Return the next decision and its entries to be turned over; note how far its margin has moved."""
        if self.replay is None:
            self.recorded.append(Decision(outcome, margin, np.zeros(margin.shape)))
            return self.recorded[-1], []
        decision, index = self.replay[self._next], self._next
        self._next += 1
        if self.unit:
            decision.moved = np.fmax(decision.moved, np.abs(margin - decision.margin))
        return decision, [entry for other, entry in self.flips if other == index]


class Rounded(np.ndarray[Any, np.dtype[Any]]):
    """A float64 array whose operations round as its probe says."""

    probe: Probe
    is_product: bool = False
    anew: Array | None = None
    """How much the value may differ from use to use, where a compiler may compute it anew for each."""

    def __array_finalize__(self, parent: Any) -> None:
        if isinstance(parent, Rounded):
            self.probe = parent.probe

    def reshape(self, *shape: Any, **options: Any) -> Any:
        """Return the same numbers in another shape, and what they may differ by."""
        result = super().reshape(*shape, **options)
        if self.anew is not None:
            result.anew = np.broadcast_to(self.anew, self.shape).reshape(result.shape)
        return result

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, self.probe.constant(value) if isinstance(value, int | float) else value)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        probe = _probe(inputs)
        plain = [_plain(probe, value) for value in inputs]
        result = np.asarray(getattr(ufunc, method)(*plain, **options))
        if ufunc in _COMPARISONS:
            return probe.adopt(probe.compare(result, np.subtract(*np.broadcast_arrays(*plain))))
        if ufunc is np.sign:
            return probe.adopt(probe.sign(plain[0]))
        if result.dtype.kind == "b":
            return probe.adopt(result)
        result = result.astype(np.float64, copy=False)
        if ufunc in _EXACT or not probe.unit:
            return probe.adopt(result)
        if method == "reduce" or ufunc is np.matmul:
            units = _of_a_sum(ufunc, plain, options, result, probe.unit)
            return probe.adopt(probe.disturb(result, probe.unit * units))
        elementary = ufunc not in _CORRECTLY_ROUNDED
        error = (ELEMENTARY if elementary else 1.0) * probe.unit * np.abs(result)
        if ufunc is np.add or ufunc is np.subtract:
            error = error * (np.not_equal(plain[0], 0) & np.not_equal(plain[1], 0))
        disturbed = probe.adopt(probe.disturb(result, error, elementary=elementary))
        disturbed.is_product = ufunc is np.multiply or ufunc is np.square
        disturbed.anew = _anew(ufunc, inputs, plain, probe.unit)
        return disturbed

    def __array_function__(self, func: Any, types: Iterable[type], args: Any, kwargs: Any) -> Any:
        """Keep the class through np.where, np.concatenate and other functions that only move numbers."""
        result = super().__array_function__(func, types, args, kwargs)
        return self.probe.adopt(result) if isinstance(result, np.ndarray) else result


def _of_a_sum(ufunc: np.ufunc, plain: list[Any], options: dict[str, Any], result: Array, unit: float) -> Array:
    """Return the error of a sum or contraction, in units of roundoff."""
    if ufunc is np.matmul:
        terms, size = np.abs(plain[0]) @ np.abs(plain[1]), plain[0].shape[-1]
        equal: Array | float = 0.0  # products hardly repeat
    else:
        terms, size = ufunc.reduce(np.abs(plain[0]), **options), plain[0].size // max(result.size, 1)
        equal = _repeats(plain[0], options.get("axis"), unit).reshape(result.shape) / 4.0
    return terms + (np.sqrt(size / 3.0) + equal) * np.abs(result)


def _repeats(array: Array, axis: int | tuple[int, ...] | None, unit: float) -> Array:
    """Return how many terms of each sum equal the one before, which the disturbed run has made differ a little."""
    axes = range(array.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    terms = np.moveaxis(array, tuple(axes), range(len(axes)))
    terms = terms.reshape(-1, *terms.shape[len(axes) :])
    return ((np.abs(terms[1:] - terms[:-1]) <= 8.0 * unit * np.abs(terms[1:])) & (terms[1:] != 0)).sum(axis=0)


def _anew(ufunc: np.ufunc, inputs: tuple[Any, ...], plain: list[Any], unit: float) -> Array | None:
    """Return how much the result may differ from use to use: passed on by + − × ÷, begun by a fused product."""
    if ufunc is np.square:
        return None if inputs[0].anew is None else 2.0 * inputs[0].anew * np.abs(plain[0])
    if ufunc is np.divide:
        numerator = inputs[0].anew if isinstance(inputs[0], Rounded) else None
        return None if numerator is None else numerator / np.abs(plain[1])
    if ufunc not in (np.add, np.subtract, np.multiply):
        return None
    parts = []
    for index, value in enumerate(inputs):
        if not isinstance(value, Rounded):
            continue
        if value.anew is not None:
            parts.append(value.anew * np.abs(plain[1 - index]) if ufunc is np.multiply else value.anew)
        if value.is_product and ufunc is not np.multiply:
            parts.append(unit * np.abs(plain[index]))
    return sum(parts[1:], parts[0]) if parts else None


def _probe(inputs: tuple[Any, ...]) -> Probe:
    return next(value.probe for value in inputs if isinstance(value, Rounded))


def _plain(probe: Probe, value: Any) -> Any:
    """Return an operand in ordinary numbers, as this use of it sees it."""
    if not isinstance(value, Rounded):
        return probe.constant(value) if isinstance(value, float) else value
    plain = value.view(np.ndarray)
    if value.anew is None:
        return plain
    # Not past zero where nothing lies there: a sum of squares stays one, whatever the gradients in it.
    anew = value.anew if (plain < 0).any() else np.minimum(value.anew, plain)
    return plain + anew * probe.xi(anew.shape)
