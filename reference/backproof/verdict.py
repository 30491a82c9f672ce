"""Two or more implementations' records to one verdict: agree, differ or cannot tell, and where first.

An implementation *agrees* on a tensor when its distance from the float64 reference is at most K times the
tensor's noise floor, *differs* when it is more, and where the floor is above 2 % of the tensor's scale one
*cannot tell*: rounding alone can make such a tensor anything (the gradient of a bias before a batch norm).
The first divergence is the first tensor, in the order of calculation, on which anybody differs; who is odd is
decided there by the majority of all that ran, the reference in the working precision included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Literal

import numpy as np

from backproof.fields import Array
from backproof.noise import Expectation, Floor, Label
from backproof.step import StepRecord

Answer = Literal["agree", "differ", "cannot tell"]

K = 10.0
"""How many noise floors a correct implementation may be from the reference; one number for everything.

The floor is the largest of S disturbed runs, so that a correct implementation, itself one more draw, stays near 1.
In 99.9 % of 10,000 random correct cases no ratio was above 4.4, and the largest was 6.8 (CONTRIBUTING says how).
"""

USELESS = 0.02
"""A floor above this share of the tensor's scale tells nothing.

After an update that nobody can tell it is the root of the working precision: what follows from an unknown is known
from the few runs that the floor rests on, which may miss rare values. Where more than half of the digits are left,
little follows from it (the bias of the keys of an attention is such an update, and changes nothing). But if nobody
can tell the network's output either, nothing after it can be told.
"""


@dataclass(frozen=True)
class Farthest:
    """The entry of a tensor that is farthest from the reference: its index and both values."""

    index: tuple[int, ...]
    expected: float
    found: float


@dataclass(frozen=True)
class Comparison:
    """One tensor of one implementation against the reference."""

    implementation: str
    step: int
    phase: str
    tensor: str
    answer: Answer
    distance: float
    floor: Floor
    ratio: float
    """The distance in units of the noise floor, or of the smallest normal number where that is larger."""
    reason: str = ""
    """Why the answer is what it is, where the distance alone does not say."""
    farthest: Farthest | None = None
    """Kept where the answer is "differ" and both have such a tensor."""

    @property
    def label(self) -> Label:
        """(step, phase, tensor)."""
        return self.step, self.phase, self.tensor


@dataclass(frozen=True)
class Divergence:
    """The first tensor on which implementations differ, and who is odd."""

    step: int
    phase: str
    tensor: str
    odd: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    """The implementations that agree with each other on this tensor, the largest group first."""
    comparisons: tuple[Comparison, ...]

    def __str__(self) -> str:
        """Say where and who, with steps counted from 1 as a reader counts."""
        if self.odd:
            who = " and ".join(self.odd) + (" is" if len(self.odd) == 1 else " are") + " odd"
        else:
            who = "no majority: " + " against ".join("+".join(group) for group in self.groups)
        return f"step {self.step + 1}, {self.phase}, {self.tensor}: {who}"


@dataclass(frozen=True)
class Verdict:
    """What the comparison of all implementations in one working precision says."""

    dtype: str
    comparisons: tuple[Comparison, ...]
    divergence: Divergence | None
    overflow: Label | None
    """Where the run first leaves the finite numbers, if it does."""
    doubtful: int
    """How many comparisons with a kink (z > 0) hang on rounding; the floors allow for either side."""
    notes: tuple[str, ...] = field(default=())
    k: float = K
    """How many noise floors are allowed."""

    @property
    def answer(self) -> Answer:
        """Differ if anything differs; agree if something in every phase, before any overflow, agrees."""
        if any(comparison.answer == "differ" for comparison in self.comparisons):
            return "differ"
        sound = takewhile(lambda comparison: comparison.label != self.overflow, self.comparisons)
        judged = {_aspect(comparison) for comparison in sound if comparison.answer == "agree"}
        return "agree" if judged >= {_aspect(comparison) for comparison in self.comparisons} else "cannot tell"

    def worst(self) -> float:
        """Return the largest ratio of error to noise floor among the tensors that could be judged."""
        return max((c.ratio for c in self.comparisons if c.answer != "cannot tell"), default=0.0)

    def worst_relative(self) -> float:
        """Return the largest difference relative to its tensor's scale among those that could be judged."""
        return max(
            (c.distance / c.floor.scale for c in self.comparisons if c.answer != "cannot tell" and c.floor.scale),
            default=0.0,
        )

    def horizon(self, share: float) -> int:
        """Return the step from which on no more than this share of outputs, gradients and updates could be judged.

        Noise grows along a run. At the horizon of 0.5 most comparisons have lost their meaning, at that of 0 all.
        The number of steps if the run ends before.
        """
        told: dict[int, list[bool]] = {}
        for comparison in self.comparisons:
            if comparison.phase in ("forward", "backward") or _aspect(comparison) == "Δ":
                told.setdefault(comparison.step, []).append(comparison.answer != "cannot tell")
        return max((step + 1 for step, one in told.items() if sum(one) > share * len(one)), default=0)

    def blindness(self, floor: Floor) -> float:
        """Return the smallest relative error that the test of a tensor with this floor would have caught."""
        return self.k * floor.relative


def _aspect(comparison: Comparison) -> str:
    """Return the phase of a comparison, with the updates apart from the weights they hardly change."""
    return "Δ" if comparison.tensor.startswith("Δ ") else comparison.phase


def judge(
    expectation: Expectation,
    runs: Mapping[str, Sequence[StepRecord]],
    dtype: Any,
    notes: Iterable[str] = (),
) -> Verdict:
    """Compare the records of every implementation with the reference's."""
    limits = np.finfo(dtype)
    overflow: Label | None = None
    outside = False
    comparisons: list[Comparison] = []
    divergence: Divergence | None = None
    useless = USELESS
    for index, exact in enumerate(expectation.records):
        output = next(reversed(exact.outputs))
        if expectation.resync:
            useless = USELESS
        theirs = {
            who: {(phase, name): tensor for phase, name, tensor in records[index].tensors()}
            for who, records in runs.items()
        }
        names = [(phase, name) for phase, name, _ in exact.tensors()]
        for phase, name, tensor in exact.tensors():
            label = (exact.step, phase, name)
            floor = expectation.floors[label]
            outside = outside or _leaves_the_range(tensor, floor, limits)
            if overflow is None and (outside or np.isinf(floor.value)):
                overflow = label
            overflown, row = overflow is not None, []
            for who, tensors in theirs.items():
                found = tensors.get((phase, name))
                row.append(_compare(who, label, tensor, found, floor, useless, limits, outside, overflown))
            comparisons += row
            if floor.relative > USELESS and name.startswith("Δ "):
                useless = min(useless, float(np.sqrt(limits.eps)))
            elif floor.relative > USELESS > useless and (phase, name) == ("forward", output):
                useless = 0.0
            if divergence is None and any(c.answer == "differ" for c in row):
                arrays = {who: tensors.get((phase, name)) for who, tensors in theirs.items()}
                divergence = _diverge(label, row, arrays, K * max(floor.value, float(limits.tiny)))
        for who, tensors in theirs.items():
            for phase, name in tensors.keys() - set(names):
                missing = Floor(0.0, 0.0)
                extra = Comparison(
                    who, exact.step, phase, name, "differ", np.inf, missing, np.inf, "not in the reference"
                )
                comparisons.append(extra)
                if divergence is None:
                    divergence = Divergence(exact.step, phase, name, (who,), ((who,),), (extra,))
    return Verdict(
        str(np.dtype(dtype)), tuple(comparisons), divergence, overflow, expectation.doubtful, tuple(notes)
    )


def _leaves_the_range(tensor: Array, floor: Floor, limits: "np.finfo[Any]") -> bool:
    return bool(not np.all(np.isfinite(tensor)) or floor.scale > float(limits.max))


def _compare(
    who: str,
    label: Label,
    exact: Array,
    found: Array | None,
    floor: Floor,
    useless: float,
    limits: "np.finfo[Any]",
    outside: bool,
    overflown: bool,
) -> Comparison:
    """Compare one tensor.

    `outside` says that the reference has left the range of numbers, so that nothing after it can be judged;
    `overflown` that it has, or that a disturbed run has: then an implementation may rightly have none either.
    """
    unit = max(floor.value, float(limits.tiny))

    def answer(what: Answer, distance: float, reason: str = "", at: int | None = None) -> Comparison:
        ratio = np.inf if np.isinf(distance) else distance / unit
        farthest = None
        if at is not None and found is not None:
            index = tuple(int(i) for i in np.unravel_index(at, exact.shape))
            farthest = Farthest(index, float(exact[index]), float(found[index]))
        return Comparison(who, *label, what, distance, floor, ratio, reason, farthest)

    if found is None:
        return answer("differ", np.inf, "missing")
    if found.shape != exact.shape:
        return answer("differ", np.inf, f"shape {found.shape}, expected {exact.shape}")
    finite = np.isfinite(exact)
    with np.errstate(invalid="ignore"):
        same = np.where(finite, np.isfinite(found), (found == exact) | (np.isnan(found) & np.isnan(exact)))
        differences = np.abs(np.where(finite & same, found.astype(np.float64) - exact, 0.0))
    distance = float(differences.max(initial=0.0))
    if not np.all(same):
        if overflown:
            return answer("cannot tell", np.inf, "after the overflow")
        return answer("differ", np.inf, "not finite in the same places", int(np.argmin(same)))
    if floor.relative > useless:
        reason = "after the overflow" if outside else "rounding alone reaches so far"
        return answer("cannot tell", distance, reason)
    if distance <= K * unit:
        return answer("agree", distance)
    if outside:
        return answer("cannot tell", distance, "after the overflow")
    return answer("differ", distance, at=int(np.argmax(differences)))


def _diverge(
    label: Label, row: Sequence[Comparison], arrays: Mapping[str, Array | None], allowed: float
) -> Divergence:
    """Group the implementations by agreement with each other and name those outside the largest group."""
    groups: list[list[str]] = []
    for who, array in arrays.items():
        for group in groups:
            if _near(arrays[group[0]], array, 2.0 * allowed):
                group.append(who)
                break
        else:
            groups.append([who])
    groups.sort(key=len, reverse=True)
    majority = len(groups) == 1 or len(groups[0]) > len(groups[1])
    differing = tuple(c.implementation for c in row if c.answer == "differ")
    odd: tuple[str, ...] = ()
    if len(groups) == 1:
        odd = differing
    elif majority and len(groups[0]) > 1:
        odd = tuple(who for group in groups[1:] for who in group)
    elif len(arrays) == 2:
        odd = differing
    return Divergence(*label, odd, tuple(tuple(group) for group in groups), tuple(row))


def _near(one: Array | None, other: Array | None, allowed: float) -> bool:
    if one is None or other is None or one.shape != other.shape:
        return False
    with np.errstate(invalid="ignore"):
        distance = np.abs(one.astype(np.float64) - other.astype(np.float64))
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    return bool(np.all(same | (distance <= allowed)))
