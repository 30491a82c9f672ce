"""Numbers as text, and what of a calculation is shown: large arrays and long sums are summed up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backproof.fields import Array
from backproof.trace.lines import Calculation, Line, Section, Step

MOST, LONGEST, MOST_IN_SLICES = 200, 20, 40
"""An array of more entries, or with a longer row or column, is summed up; one of more than two axes sooner."""

FIRST = 4
"""So many of its entries are shown then, and so many observations of a calculation that takes one at a time."""

WHOLE = 1e7
"""Whole numbers below it are printed as such."""


@dataclass(frozen=True)
class Table:
    """Rows of numbers as text; the label says which part of an array of more than two axes they are."""

    label: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Summary:
    """What is said of an array that is too large to be shown."""

    first: tuple[str, ...]
    least: str
    largest: str
    mean: str

    def __str__(self) -> str:
        first = ", ".join(self.first)
        return f"first {first}, ...; least {self.least}, largest {self.largest}, mean {self.mean}"


class Figures:
    """Numbers with so many decimals.

    A number that would lose most of its digits, or is very large, is printed in powers of ten; a whole number
    without decimals, since nothing was rounded.
    """

    def __init__(self, precision: int, full: bool = False) -> None:
        self.precision, self.full = precision, full
        self.smallest = 10.0 ** -(precision // 2 + 1)

    @property
    def rounding(self) -> str:
        """What is to be said about the numbers."""
        return (
            f"Figures are rounded to {self.precision} decimals, very small and very large ones to as many digits; "
            "one without decimals is exactly that in double precision. Nothing is calculated with rounded figures."
        )

    def number(self, value: float) -> str:
        """Return one number."""
        value = float(value)
        if not np.isfinite(value):
            return str(value)
        if abs(value) < WHOLE and value == int(value):
            return str(int(value))
        if self.smallest <= abs(value) < WHOLE:
            return f"{value:.{self.precision}f}"
        return f"{value:.{max(self.precision - 1, 0)}e}"

    def factor(self, value: float) -> str:
        """Return one number as it stands within a formula: a negative one in parentheses."""
        text = self.number(value)
        return f"({text})" if text.startswith("-") else text

    def shown(self, values: Array) -> tuple[Table, ...] | Summary:
        """Return an array as tables, or what is said of it if it is large and not all is asked for."""
        most = MOST if values.ndim <= 2 else MOST_IN_SLICES
        large = values.size > most or max(values.shape[-2:], default=1) > LONGEST
        if values.size and large and not self.full:
            flat = values.reshape(-1)
            with np.errstate(all="ignore"):
                extremes = (flat.min(), flat.max(), flat.mean())
            least, largest, mean = (self.number(value) for value in extremes)
            return Summary(tuple(self.number(v) for v in flat[:FIRST]), least, largest, mean)
        return tuple(self._tables(values))

    def _tables(self, values: Array) -> Iterator[Table]:
        if values.ndim <= 2:
            table = values.reshape(1, -1) if values.ndim < 2 else values
            yield Table("", tuple(tuple(self.number(v) for v in row) for row in table))
            return
        for place in np.ndindex(values.shape[:-2]):
            label = ", ".join(str(i + 1) for i in place)
            yield Table(f"[{label}]", tuple(tuple(self.number(v) for v in row) for row in values[place]))


@dataclass(frozen=True)
class Cell:
    """A number in a column, and what it lacks on either side to be as wide as the widest, points under points."""

    text: str
    before: str
    after: str


def column(numbers: Sequence[str]) -> list[Cell]:
    """Return the numbers of a column, to be aligned at their points."""
    heads = [number.partition(".")[0] for number in numbers]
    tails = [number[len(head) :] for number, head in zip(numbers, heads, strict=True)]
    signed, digits = any(head.startswith("-") for head in heads), [len(head.lstrip("-")) for head in heads]
    before = [
        "-" * (signed and not head.startswith("-")) + "0" * (max(digits) - own)
        for head, own in zip(heads, digits, strict=True)
    ]
    longest = max(tails, key=len)
    after = [longest[len(tail) :] for tail in tails]
    return [Cell(*parts) for parts in zip(numbers, before, after, strict=True)]


def blocks(table: Table, width: int) -> Iterator[tuple[str, list[tuple[Cell, ...]]]]:
    """Yield a table in blocks of its columns that are no wider than so many characters, each with its label."""
    columns = [column(numbers) for numbers in zip(*table.rows, strict=True)]
    widths = [len(own[0].before + own[0].text + own[0].after) + 2 for own in columns]
    first = 0
    while first < len(columns):
        last = first + 1
        while last < len(columns) and sum(widths[first : last + 1]) <= width + 2:
            last += 1
        which = f"columns {first + 1} to {last}:" if last - first > 1 else f"column {last}:"
        label = [table.label] * bool(table.label) + [which] * (last - first < len(columns))
        yield " ".join(label), list(zip(*columns[first:last], strict=True))
        first = last


def said_of(line: Line, section: Section) -> str:
    """Return what a quantity is, and its shape: output of hidden, 2 × 3."""
    one = "" if line.observation in (None, section.observation) else f"observation {line.observation}"
    shape = f"length {line.shape[0]}" if len(line.shape) == 1 else " × ".join(map(str, line.shape))
    return ", ".join(part for part in (line.name, one, shape) if part)


def visible(calculation: Calculation, full: bool) -> Calculation:
    """Return what is shown of a calculation: of many observations one by one, the first."""
    many = max((line.observation or 0 for step in calculation.steps for line in step.lines()), default=0)
    if full or many <= FIRST:
        return calculation
    steps = tuple(_first_observations(step) for step in calculation.steps)
    said = f"Observations 1 to {FIRST} of {many} are shown; with the others it goes the same way."
    return replace(calculation, steps=steps, legend=(*calculation.legend, said))


def _first_observations(step: Step) -> Step:
    sections = []
    for section in step.sections:
        lines = tuple(line for line in section.lines if (line.observation or 0) <= FIRST)
        if lines or not section.lines:
            sections.append(replace(section, lines=lines))
    return replace(step, sections=tuple(sections))


def new_notes(step: Step) -> set[int]:
    """Return the positions, among the lines of a step, of those whose note has not been said before."""
    said: set[str] = set()
    found = set()
    for position, line in enumerate(step.lines()):
        if line.note and line.note not in said:
            said.add(line.note)
            found.add(position)
    return found
