"""A report on the terminal: who took part, one table per precision, and the verdict in plain words."""

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from backproof.check import Report
from backproof.report.summary import (
    Row,
    differing,
    entry,
    how_far,
    names,
    number,
    place,
    rows,
    taking_part,
    totals,
    unjudged,
    worst_rows,
)
from backproof.verdict import Answer, Comparison, Verdict

ROWS = 30
"""A table has so many rows unless all are asked for: the gravest ones."""

COLOURS: dict[Answer, str] = {"agree": "green", "differ": "bold red", "cannot tell": "yellow"}
MARKS: dict[Answer, str] = {"agree": "✓", "differ": "✗", "cannot tell": "?"}
ASCII_MARKS: dict[Answer, str] = {"agree": "+", "differ": "X", "cannot tell": "?"}


def show(report: Report, console: Console, *, every: bool = False, tables: bool = True) -> None:
    """Print a report; `every` row of the tables or the gravest, or no `tables` at all."""
    printer = _Printer(console)
    printer.head(report)
    for verdict in report.verdicts:
        if tables:
            printer.table(report, verdict, every)
        printer.verdict(report, verdict)
    printer.answer(report)


class _Printer:
    """Prints to one console, in characters that it can encode."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.marks = ASCII_MARKS if console.options.ascii_only else MARKS

    def text(self, words: str, style: str = "") -> Text:
        """Return text without markup; what the console cannot encode is replaced."""
        if self.console.options.ascii_only:
            words = words.replace("Δ ", "delta ").replace("σ", "sigma").replace("…", "...").replace("−", "-")
        return Text(words.encode(self.console.encoding, "replace").decode(self.console.encoding), style)

    def line(self, words: str, style: str = "", indent: int = 0) -> None:
        """Print one paragraph, wrapped at words."""
        self.console.print(Padding(self.text(words, style), (0, 0, 0, indent), expand=False))

    def head(self, report: Report) -> None:
        """Print who took part and who is missing."""
        steps = f"{report.steps} step{'s' * (report.steps > 1)}{', re-synchronised' if report.resync else ''}"
        self.line(f"{report.spec.name}: {taking_part(report)}; {steps}", "bold")
        for reason in report.missing.values():
            self.line(f"missing: {reason}", "yellow")

    def table(self, report: Report, verdict: Verdict, every: bool) -> None:
        """Print one row per tensor: error over noise floor, at its worst over the steps."""
        all_rows = rows(verdict)
        shown = all_rows if every else worst_rows(all_rows, ROWS)
        who = names(verdict.comparisons)
        over = "" if report.steps == 1 else f", worst of {report.steps} steps"
        self.console.print()
        self.line(f"{verdict.dtype}: error / noise floor{over}; up to {verdict.k:g} is rounding")
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        table.add_column("tensor", overflow="ellipsis", no_wrap=True)
        for name in who:
            table.add_column(self.text(name), justify="right", no_wrap=True)
        table.add_column("would catch", justify="right", no_wrap=True)
        for row in shown:
            table.add_row(*self._cells(row, who))
        self.console.print(Padding(table, (0, 0, 0, 2), expand=False))
        if hidden := len(all_rows) - len(shown):
            self.line(f"… and {hidden} more tensors, none worse than these; --all shows them", "dim", 2)

    def verdict(self, report: Report, verdict: Verdict) -> None:
        """Print what one precision says: answer, numbers, and everything that qualifies them."""
        count = totals(verdict)
        self.console.print()
        self.line(
            f"{verdict.dtype}: {verdict.answer}. {count.compared:,} comparisons: {count.agree} agree, "
            f"{count.differ} differ, {count.cannot_tell} cannot tell; largest error {number(count.largest_ratio)} "
            f"noise floors, largest relative difference {number(count.largest_relative)}",
            COLOURS[verdict.answer],
        )
        if verdict.divergence is not None:
            self._divergence(verdict)
        if verdict.overflow is not None:
            self.line(
                f"overflow: the run leaves the finite numbers at {place(*verdict.overflow)}; "
                "what follows cannot be judged",
                "bold yellow",
                2,
            )
        for reason, times in unjudged(verdict).items():
            self.line(f"cannot tell in {times} of them: {reason}", "yellow", 2)
        if 0 < (most := verdict.horizon(0.5)) < report.steps:
            every = verdict.horizon(0.0)
            nothing = f", from step {every + 1} on nothing can" if every < report.steps else ""
            self.line(f"from step {most + 1} on most tensors cannot be judged{nothing}", "yellow", 2)
        if verdict.doubtful:
            hang = (
                "1 comparison with a kink hangs"
                if verdict.doubtful == 1
                else f"{verdict.doubtful} comparisons with a kink hang"
            )
            self.line(f"{hang} on rounding; the noise floors allow for either side", "", 2)
        for note in verdict.notes:
            self.line(f"note: {note}", "", 2)

    def answer(self, report: Report) -> None:
        """Print the answer in one line."""
        until = "up to the overflow, " if any(verdict.overflow for verdict in report.verdicts) else ""
        counts = [totals(verdict) for verdict in report.verdicts]
        judged, all_of_them = sum(count.agree for count in counts), sum(count.compared for count in counts)
        share = "all" if judged == all_of_them else f"the {judged:,} of"
        could = "" if judged == all_of_them else " that could be judged"
        words = {
            "agree": f"AGREE: {until}{share} {all_of_them:,} comparisons{could} agree, to rounding",
            "differ": "DIFFER: not the same calculation; the first divergence is named above",
            "cannot tell": "CANNOT TELL: in one phase at least, rounding or an overflow leaves nothing to judge",
        }
        self.console.print()
        self.line(f"{self.marks[report.answer]} {words[report.answer]}", COLOURS[report.answer])

    def _divergence(self, verdict: Verdict) -> None:
        assert verdict.divergence is not None
        self.line(f"first divergence: {verdict.divergence}", "bold red", 2)
        for comparison in verdict.divergence.comparisons:
            if comparison.answer == "differ":
                self.line(how_far(verdict, comparison), "", 4)
                if comparison.farthest is not None:
                    self.line(f"farthest at {entry(comparison)}", "", 6)
        others = {(c.phase, c.tensor) for c in differing(verdict)}
        if len(others) > 1:
            self.line(f"{len(others)} tensors differ at some step", "", 4)

    def _cells(self, row: Row, who: list[str]) -> list[Text]:
        cells = [self._cell(row.cells.get(name)) for name in who]
        return [self.text(row.tensor), *cells, self.text(number(row.would_catch))]

    def _cell(self, comparison: Comparison | None) -> Text:
        if comparison is None:
            return Text("")
        words = f"{number(comparison.ratio)} {self.marks[comparison.answer]}"
        return self.text(words, COLOURS[comparison.answer])
