"""A worked calculation on the terminal: formula, shape and numbers, wide tables in blocks of columns."""

from collections.abc import Iterator

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from backproof.trace.figures import Figures, Summary, Table, blocks, new_notes, said_of, visible
from backproof.trace.lines import Calculation, Line, Section, Step
from backproof.trace.markup import plain, to_ascii

INDENT = 4


def show(calculation: Calculation, console: Console, precision: int = 7, full: bool = False) -> None:
    """Print a calculation."""
    printer = _Printer(console, Figures(precision, full))
    calculation = visible(calculation, full)
    printer.head(calculation)
    for step in calculation.steps:
        printer.step(step)


class _Printer:
    """Prints to one console, in characters that it can encode."""

    def __init__(self, console: Console, figures: Figures) -> None:
        self.console, self.figures, self.width = console, figures, console.width

    def text(self, words: str, style: str = "") -> Text:
        """Return text without markup; what the console cannot encode is written as near as can be."""
        words = plain(words)
        try:
            words.encode(self.console.encoding)
        except UnicodeEncodeError:
            words = to_ascii(words)
        return Text(words, style)

    def line(self, words: str, style: str = "", indent: int = 0) -> None:
        """Print one paragraph, wrapped at words."""
        self.wrapped(self.text(words, style), indent)

    def wrapped(self, text: Text, indent: int) -> None:
        """Print text, wrapped at words."""
        for line in text.wrap(self.console, max(self.width - indent, 20)):
            line.rstrip()
            self.console.print(Text(" " * indent).append_text(line), no_wrap=True, crop=False)

    def head(self, calculation: Calculation) -> None:
        """Print what is calculated, how it is written, and the formulas that are not in the lines."""
        self.line(f"{calculation.title}: the worked calculation, {calculation.convention} convention", "bold")
        for name, words in calculation.facts.items():
            self.line(f"{name}: {words}", "", 2)
        self.console.print()
        for words in (*calculation.legend, self.figures.rounding):
            self.line(words, "dim", 2)
        if calculation.definitions:
            self.rule("Formulas")
        for definition in calculation.definitions:
            self.line(definition.kind, "bold")
            for paragraph in definition.text:
                for words in paragraph.split("\n") if paragraph.startswith(" ") else (paragraph,):
                    self.line(words.strip(), "", 6 if paragraph.startswith(" ") else 2)

    def rule(self, title: str) -> None:
        """Print a heading."""
        self.console.print()
        ascii_only = self.text("─").plain != "─"
        self.console.print(Rule(self.text(title, "bold"), align="left", characters="-" if ascii_only else "─"))

    def step(self, step: Step) -> None:
        """Print one step."""
        noted, position = new_notes(step), 0
        for section in step.sections:
            self.rule(f"Step {step.number}: {section.title[:1].lower()}{section.title[1:]}")
            for words in section.notes:
                self.line(words, "", 2)
            for line in section.lines:
                self.quantity(line, section, line.note if position in noted else "")
                position += 1

    def quantity(self, line: Line, section: Section, note: str) -> None:
        """Print one quantity: formula on the left, shape and words on the right, numbers below."""
        left, right = self.text(line.formula, "bold"), self.text(said_of(line, section), "dim")
        room = self.width - left.cell_len - 2
        if right.cell_len <= room:
            left.append(" " * (room + 2 - right.cell_len)).append_text(right)
            self.console.print(left, no_wrap=True, overflow="ignore", crop=False)
        else:
            self.wrapped(left, 0)
            self.wrapped(right, INDENT)
        if note:
            self.line(note, "dim", INDENT)
        for entry in line.entries:
            terms = "".join(t if isinstance(t, str) else self.figures.factor(t) for t in entry.terms)
            self.line(f"{entry.symbol} = {terms} = {self.figures.number(entry.value)}", "", INDENT)
        if not line.entries or line.values.ndim > 1:
            self.values(line)

    def values(self, line: Line) -> None:
        """Print the numbers of a quantity."""
        shown = self.figures.shown(line.values)
        if isinstance(shown, Summary):
            self.line(str(shown), "", INDENT)
            return
        lines = [" " * INDENT + words for table in shown for words in rows(table, self.width - INDENT)]
        self.console.print("\n".join(lines), markup=False, highlight=False, no_wrap=True, crop=False)


def rows(table: Table, width: int) -> Iterator[str]:
    """Yield a table as lines no wider than this, points under points; a wide one in blocks of its columns."""
    for label, block in blocks(table, width):
        if label:
            yield label
        for row in block:
            cells = (" " * len(cell.before) + cell.text + " " * len(cell.after) for cell in row)
            yield "  ".join(cells).rstrip()
