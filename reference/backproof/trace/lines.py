"""What a worked calculation consists of: pure data, in the reader's convention, nothing formatted.

Formulas are text in Unicode (`Z¹ = X W¹ + b¹`), with names of parameters and layers in backticks; `markup` turns
them into LaTeX, HTML and ASCII.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backproof.fields import Array


@dataclass(frozen=True)
class Entry:
    """One number worked out: `symbol` = `terms` = `value`. Terms are numbers and the text between them."""

    symbol: str
    terms: tuple[str | float, ...]
    value: float


@dataclass(frozen=True)
class Line:
    """One quantity: its symbol, its formula, its values in the reader's layout, and what it is in words.

    `tensor` is its label in `StepRecord.tensors` where it is recorded there, and that of a parameter `augmented`
    where bias and weight are one matrix. `observation` counts from 1 in a calculation that takes one at a time.
    """

    symbol: str
    formula: str
    values: Array
    name: str
    tensor: str = ""
    note: str = ""
    observation: int | None = None
    entries: tuple[Entry, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the values."""
        return self.values.shape


@dataclass(frozen=True)
class Section:
    """Lines in the order of calculation, of one `observation` or of all, and what is to be said before them."""

    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
    observation: int | None = None


@dataclass(frozen=True)
class Step:
    """One training step; `number` counts from 1."""

    number: int
    sections: tuple[Section, ...]

    def lines(self) -> Iterator[Line]:
        """Yield all lines."""
        for section in self.sections:
            yield from section.lines


@dataclass(frozen=True)
class Definition:
    """What a layer, a loss or an optimizer computes, in the words of the reference: paragraphs of text."""

    kind: str
    text: tuple[str, ...]


@dataclass(frozen=True)
class Calculation:
    """A network's training steps, written out."""

    title: str
    convention: str
    facts: Mapping[str, str]
    """What is calculated: layers, loss, optimizer."""
    legend: tuple[str, ...]
    """How it is written."""
    definitions: tuple[Definition, ...]
    steps: tuple[Step, ...]
