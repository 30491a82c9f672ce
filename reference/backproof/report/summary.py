"""What every report says, in numbers and plain words; steps are counted from 1 here, as a reader counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from backproof.check import Report
from backproof.verdict import Answer, Comparison, Verdict

_GRAVITY: dict[Answer, int] = {"agree": 0, "cannot tell": 1, "differ": 2}


@dataclass(frozen=True)
class Totals:
    """How many comparisons there were, and the largest distances among those that could be judged."""

    compared: int
    agree: int
    differ: int
    cannot_tell: int
    largest_ratio: float
    largest_relative: float


def totals(verdict: Verdict) -> Totals:
    """Count a verdict."""
    answers = [c.answer for c in verdict.comparisons]
    return Totals(
        len(answers),
        answers.count("agree"),
        answers.count("differ"),
        answers.count("cannot tell"),
        verdict.worst(),
        verdict.worst_relative(),
    )


@dataclass(frozen=True)
class Row:
    """One tensor over all steps: for each implementation the gravest comparison, the farthest among equals."""

    phase: str
    tensor: str
    cells: dict[str, Comparison]
    would_catch: float
    """The smallest relative error that the tests of this tensor would have caught at every step."""


def rows(verdict: Verdict) -> list[Row]:
    """Return one row per tensor, in the order of calculation."""
    found: dict[tuple[str, str], list[Comparison]] = {}
    for comparison in verdict.comparisons:
        found.setdefault((comparison.phase, comparison.tensor), []).append(comparison)
    result = []
    for (phase, tensor), comparisons in found.items():
        cells: dict[str, Comparison] = {}
        for one in comparisons:
            before = cells.get(one.implementation)
            if before is None or _gravity(one) > _gravity(before):
                cells[one.implementation] = one
        blindness = max(verdict.blindness(one.floor) for one in comparisons)
        result.append(Row(phase, tensor, cells, blindness))
    return result


def worst_rows(every: list[Row], limit: int) -> list[Row]:
    """Return the `limit` gravest rows, still in the order of calculation."""

    def gravity(row: Row) -> tuple[int, float]:
        return max(_gravity(cell) for cell in row.cells.values())

    kept = sorted(range(len(every)), key=lambda index: gravity(every[index]), reverse=True)[:limit]
    return [every[index] for index in sorted(kept)]


def _gravity(comparison: Comparison) -> tuple[int, float]:
    return _GRAVITY[comparison.answer], comparison.ratio


def place(step: int, phase: str, tensor: str) -> str:
    """Return `step 1, backward, d dense1.weight` for a step that counts from 0."""
    return f"step {step + 1}, {phase}, {tensor}"


def entry(comparison: Comparison) -> str:
    """Return the entry that is farthest off, with the two values."""
    if comparison.farthest is None:
        return comparison.tensor
    index = str(list(comparison.farthest.index)) if comparison.farthest.index else ""
    values = f"expected {comparison.farthest.expected!r}, found {comparison.farthest.found!r}"
    return f"{comparison.tensor}{index}: {values}"


def how_far(verdict: Verdict, comparison: Comparison) -> str:
    """Return by how much one implementation is off, in units of rounding and of the tensor."""
    if comparison.reason:
        return f"{comparison.implementation}: {comparison.reason}"
    floor = comparison.floor
    share = f" ({number(100 * comparison.distance / floor.scale)} % of it)" if floor.scale else ""
    return (
        f"{comparison.implementation}: off by {number(comparison.distance)} where the largest entry should be "
        f"{number(floor.scale)}{share}; {number(comparison.ratio)} times what rounding explains, "
        f"{verdict.k:g} are allowed"
    )


def differing(verdict: Verdict) -> Iterator[Comparison]:
    """Yield what differs, in the order of calculation."""
    return (comparison for comparison in verdict.comparisons if comparison.answer == "differ")


def unjudged(verdict: Verdict) -> dict[str, int]:
    """Return how many comparisons could not be judged, by reason, the most frequent first."""
    counts: dict[str, int] = {}
    for comparison in verdict.comparisons:
        if comparison.answer == "cannot tell":
            counts[comparison.reason] = counts.get(comparison.reason, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


def taking_part(report: Report) -> str:
    """Return who took part, with versions."""
    return ", ".join(
        " + ".join(f"{package} {version}" for package, version in versions.items()) or name
        for name, versions in report.versions.items()
    )


def number(value: float) -> str:
    """Return two significant digits, short: 0.36, 12, 15,000, 3.1e+05."""
    if not np.isfinite(value):
        return f"{value:g}"
    rounded = float(f"{value:.2g}")
    if rounded == 0.0 or 1e-3 <= abs(rounded) < 100:
        return f"{rounded:g}"
    return f"{rounded:,.0f}" if 100 <= abs(rounded) < 1e5 else f"{rounded:.1e}"


def names(comparisons: Iterable[Comparison]) -> list[str]:
    """Return the implementations, each once, in order."""
    return list(dict.fromkeys(comparison.implementation for comparison in comparisons))
