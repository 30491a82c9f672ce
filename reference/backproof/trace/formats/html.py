"""A worked calculation as one HTML page: nothing to load, no script; for light and dark screens and for paper."""

import re
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from backproof.trace.figures import Figures, blocks, new_notes, said_of, visible
from backproof.trace.lines import Calculation, Entry, Line
from backproof.trace.markup import to_html

WIDTH = 95
"""Characters of a block of numbers, so that it fits a page of paper."""


def render(calculation: Calculation, precision: int = 7, full: bool = False) -> str:
    """Return a calculation as a page of HTML."""
    figures = Figures(precision, full)
    shown = visible(calculation, full)
    return _template().render(
        calculation=shown,
        figures=figures,
        notes=[new_notes(step) for step in shown.steps],
        said_of=said_of,
        blocks=lambda table: list(blocks(table, WIDTH)),
        numbers=lambda line: _numbers(line, figures),
        worked=lambda entry: _worked(entry, figures),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("backproof.trace", "formats"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"formula": _formula, "words": _words, "number": _number}
    return environment.get_template("page.html.j2")


def _formula(text: str) -> Markup:
    return Markup(to_html(text))


def _words(text: str) -> Markup:
    return Markup(to_html(text, formula=False))


def _number(text: str) -> Markup:
    """Return a number: a minus sign instead of a hyphen, and powers of ten."""
    power = re.sub(r"e([+-]\d+)", lambda match: f"·10<sup>{int(match[1])}</sup>", text)
    return Markup(power.replace("-", "−"))


def _worked(entry: Entry, figures: Figures) -> Markup:
    """Return a sum with its numbers."""
    terms = [_formula(t) if isinstance(t, str) else _number(figures.factor(t)) for t in entry.terms]
    return _formula(entry.symbol) + " = " + Markup("").join(terms) + " = " + _number(figures.number(entry.value))


def _numbers(line: Line, figures: Figures) -> dict[str, Any]:
    """Return the values of a line as tables or as a summary; nothing where they are worked out one by one."""
    if line.entries and line.values.ndim < 2:
        return {}
    shown = figures.shown(line.values)
    return {"tables": shown} if isinstance(shown, tuple) else {"summary": shown}
