"""A worked calculation in Markdown: formulas as code, numbers in fenced blocks."""

import re
from collections.abc import Iterator

from backproof.trace.figures import Figures, Summary, new_notes, said_of, visible
from backproof.trace.formats.terminal import rows
from backproof.trace.lines import Calculation, Line, Step
from backproof.trace.markup import plain

WIDTH = 110
"""Of the blocks of numbers."""


def render(calculation: Calculation, precision: int = 7, full: bool = False) -> str:
    """Return a calculation as Markdown."""
    return "\n".join(_document(visible(calculation, full), Figures(precision, full))) + "\n"


def _document(calculation: Calculation, figures: Figures) -> Iterator[str]:
    yield f"# {_text(calculation.title)}: the worked calculation"
    yield ""
    yield f"- convention: {calculation.convention}"
    for name, words in calculation.facts.items():
        yield f"- {name}: {_text(words)}"
    for words in (*calculation.legend, figures.rounding):
        yield f"\n{_text(words)}"
    if calculation.definitions:
        yield "\n## Formulas"
    for definition in calculation.definitions:
        yield f"\n### {_text(definition.kind)}"
        for paragraph in definition.text:
            yield f"\n{_display(paragraph) if paragraph.startswith(' ') else _text(paragraph)}"
    for step in calculation.steps:
        yield from _step(step, figures)


def _step(step: Step, figures: Figures) -> Iterator[str]:
    noted, position = new_notes(step), 0
    for section in step.sections:
        yield f"\n## Step {step.number}: {section.title[:1].lower()}{section.title[1:]}"
        for words in section.notes:
            yield f"\n{_text(words)}"
        for line in section.lines:
            note = f" <br> {_text(line.note)}" if position in noted else ""
            yield f"\n`{plain(line.formula)}` &nbsp; {_text(said_of(line, section))}{note}\n"
            yield "```"
            yield from _numbers(line, figures)
            yield "```"
            position += 1


def _numbers(line: Line, figures: Figures) -> Iterator[str]:
    for entry in line.entries:
        terms = "".join(t if isinstance(t, str) else figures.factor(t) for t in entry.terms)
        yield plain(f"{entry.symbol} = {terms} = {figures.number(entry.value)}")
    if line.entries and line.values.ndim < 2:
        return
    shown = figures.shown(line.values)
    if isinstance(shown, Summary):
        yield str(shown)
        return
    for table in shown:
        yield from rows(table, WIDTH)


def _text(words: str) -> str:
    """Return text in which nothing is markup but names in backticks."""
    pieces = re.split(r"(`[^`]*`)", " ".join(words.split()))
    return "".join(p if p.startswith("`") else re.sub(r"([\\*_\[\]<>|#])", r"\\\1", p) for p in pieces)


def _display(paragraph: str) -> str:
    lines = [line.strip() for line in paragraph.split("\n")]
    return "\n".join(["```", *lines, "```"])
