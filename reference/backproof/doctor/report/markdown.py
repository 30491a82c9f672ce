"""The report in Markdown: everybody's text is escaped or code, figures are drawn in characters."""

import re
from collections.abc import Iterator

from backproof.doctor.report.blocks import Block, Change, Facts, Listing, Page, Paragraph, Table, Verbatim
from backproof.doctor.report.figures import drawn

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~&$])")
_LEADING = re.compile(r"^(\d*)([.)+=-])(?=\s|$|[-=])")
"""What would begin a list, or make a heading of the line above."""


def render(page: Page) -> str:
    """Return a report as Markdown."""
    return "\n".join(_document(page)) + "\n"


def _document(page: Page) -> Iterator[str]:
    yield f"# {_text(page.title)}"
    yield f"\n**{_text(page.answer)}**"
    for section in page.sections:
        yield f"\n## {_text(section.title)}"
        for block in section.blocks:
            yield ""
            yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield f"**{_text(block.label)}:** {_text(block.text)}" if block.label else _text(block.text)
    elif isinstance(block, Listing):
        yield from (f"- {_text(point)}" for point in block.points)
    elif isinstance(block, Facts):
        yield from (f"- {_text(name)}: {_text(words)}" for name, words in block.rows)
    elif isinstance(block, Verbatim):
        yield from _fenced(list(block.lines))
    elif isinstance(block, Change):
        yield _text(f"{block.caption}:")
        yield ""
        marks = ("- ", "+ ") if block.code else ("as written:  ", "should be:   ")
        lines = [f"{marks[0]}{block.written}"] + [f"{marks[1]}{block.right}"] * (block.right is not None)
        yield from _fenced(lines, "diff" if block.code else "")
    elif isinstance(block, Table):
        yield from _table(block)
    else:
        yield _text(block.caption)
        yield ""
        yield from _fenced(list(drawn(block)))


def _table(table: Table) -> Iterator[str]:
    if table.caption:
        yield _text(table.caption)
        yield ""
    yield _row([_text(name) for name in table.columns])
    yield _row(["---:" if position in table.numeric else "---" for position in range(len(table.columns))])
    for row in table.rows:
        yield _row([_text(cell, table=True) for cell in row])


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _fenced(lines: list[str], language: str = "") -> Iterator[str]:
    """Yield lines as they are, within a fence that none of them closes."""
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", text, fence)


def _text(words: str, table: bool = False) -> str:
    """Return text in which nothing is markup but code in backticks."""
    pieces = re.split(r"(`[^`]*`)", " ".join(words.split()))
    escaped = []
    for piece in pieces:
        if len(piece) > 1 and piece.startswith("`") and piece.endswith("`"):
            escaped.append(piece.replace("|", r"\|") if table else piece)
        else:
            escaped.append(_SPECIAL.sub(r"\\\1", piece))
    return _LEADING.sub(r"\1\\\2", "".join(escaped))
