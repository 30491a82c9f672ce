"""The report on the terminal."""

from collections.abc import Iterable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from backproof.doctor.consultation import Outcome
from backproof.doctor.report.blocks import Block, Change, Facts, Listing, Page, Paragraph, Table, Verbatim
from backproof.doctor.report.figures import ASCII, drawn
from backproof.trace.markup import to_ascii

COLOURS: dict[Outcome, str] = {
    "right and learning": "green",
    "right": "green",
    "right, not learning": "yellow",
    "cannot tell": "yellow",
    "not read": "yellow",
    "wrong": "red",
}
INDENT = 2


def show(page: Page, console: Console) -> None:
    """Print a report."""
    printer = _Printer(console)
    console.print(printer.text(page.title, "bold"))
    console.print()
    console.print(printer.text(page.answer, f"bold {COLOURS[page.outcome]}"))
    for section in page.sections:
        console.print()
        console.print(printer.text(section.title, "bold underline"))
        for before, block in zip((None, *section.blocks), section.blocks, strict=False):
            if before is not None and not isinstance(before, Paragraph) and type(block) is not type(before):
                console.print()
            printer.block(block)


class _Printer:
    """Prints blocks to one console, in characters that it can encode."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def encoded(self, words: str) -> str:
        """Return words as near as the console can show them."""
        try:
            words.encode(self.console.encoding)
        except UnicodeEncodeError:
            return to_ascii(words.translate(ASCII))
        return words

    def text(self, words: str, style: str = "", code: str = "cyan") -> Text:
        """Return text without markup; what stands in backticks is code."""
        pieces = words.split("`")
        text = Text(style=style)
        for position, piece in enumerate(pieces):
            text.append(self.encoded(piece), code if position % 2 else None)
        return text

    def print(self, content: Text | Grid, indent: int = INDENT) -> None:
        """Print with a margin."""
        self.console.print(Padding(content, (0, 0, 0, indent), expand=False))

    def block(self, block: Block) -> None:
        """Print one block."""
        if isinstance(block, Paragraph):
            label = Text(f"{block.label}: " if block.label else "", "bold")
            self.print(label.append_text(self.text(block.text, "dim" if block.style == "note" else "")))
        elif isinstance(block, Listing):
            self.pairs([("-", point) for point in block.points])
        elif isinstance(block, Facts):
            self.pairs(block.rows)
        elif isinstance(block, Verbatim):
            self.verbatim(block.lines)
        elif isinstance(block, Change):
            self.change(block)
        elif isinstance(block, Table):
            self.table(block)
        else:
            self.print(self.text(block.caption, "bold"))
            self.verbatim(drawn(block))

    def verbatim(self, lines: Iterable[str]) -> None:
        """Print lines as they are; what is too long for the console is cut."""
        for line in lines:
            self.console.print(Text(" " * INDENT + self.encoded(line)), no_wrap=True, overflow="ellipsis")

    def pairs(self, rows: Sequence[tuple[str, str]]) -> None:
        """Print names, and beside each what is said of it."""
        grid = Grid.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column()
        for name, words in rows:
            grid.add_row(self.text(name, "dim"), self.text(words))
        self.print(grid)

    def change(self, change: Change) -> None:
        """Print what is written, and below it what it should be."""
        self.print(self.text(change.caption))
        written, right = ("−", "+") if change.code else ("as written:  ", "should be:   ")
        for label, words, style in ((written, change.written, "red"), (right, change.right, "green")):
            if words is not None:
                self.print(Text(self.encoded(f"{label} {words}"), style), 2 * INDENT)

    def table(self, table: Table) -> None:
        """Print a table."""
        if table.caption:
            self.print(self.text(table.caption))
        grid = Grid(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
        for position, name in enumerate(table.columns):
            grid.add_column(
                self.text(name), justify="right" if position in table.numeric else "left", overflow="fold"
            )
        for row in table.rows:
            grid.add_row(*(self.text(cell) for cell in row))
        self.print(grid)
