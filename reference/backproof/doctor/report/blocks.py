"""What a page of the report is made of. In a text, what stands in backticks is code; nothing else is markup."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from backproof.doctor.consultation import Outcome
from backproof.fields import Array


@dataclass(frozen=True)
class Paragraph:
    """Some sentences, after a `label` where there is one; a `note` is of less weight."""

    text: str
    style: Literal["plain", "note"] = "plain"
    label: str = ""


@dataclass(frozen=True)
class Listing:
    """Several points, one below the other."""

    points: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Names, and what is to be said of each."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Verbatim:
    """Lines as a program wrote them."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """Something as it stands and as it should be (None where nobody can say): a line of code, or a formula."""

    caption: str
    written: str
    right: str | None
    code: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of texts under headings. Columns of numbers, by position, are aligned to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True)
class Curve:
    """The loss of one run: `losses` at `iterations`."""

    label: str
    iterations: Array
    losses: Array


@dataclass(frozen=True)
class LossFigure:
    """How the loss goes: the run itself, then experiments; plateaus of the run by first and last iteration."""

    caption: str
    curves: tuple[Curve, ...]
    plateaus: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Strip:
    """The slopes f′(z) of one activation. One below the `bound` hands on hardly anything."""

    label: str
    slopes: Array
    bound: float

    @property
    def share_below(self) -> float:
        """The share of slopes below the bound."""
        return float(np.mean(self.slopes < self.bound))


@dataclass(frozen=True)
class SlopesFigure:
    """How the slopes of each activation are spread, on a logarithmic axis."""

    caption: str
    strips: tuple[Strip, ...]


Figure = LossFigure | SlopesFigure
Block = Paragraph | Listing | Facts | Verbatim | Change | Table | Figure


@dataclass(frozen=True)
class Section:
    """Blocks under a heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """The whole report: the answer in a sentence, and sections."""

    title: str
    outcome: Outcome
    answer: str
    sections: tuple[Section, ...] = field(default_factory=tuple)


def code(text: str) -> str:
    """Return somebody's text as code: on one line, and without backticks of its own."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"
