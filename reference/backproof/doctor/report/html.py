"""The report as one HTML page: nothing to load, no script; for light and dark screens and for paper."""

import re
from functools import cache

import jinja2
from markupsafe import Markup

from backproof.doctor.report.blocks import Figure, LossFigure, Page
from backproof.doctor.report.figures import drawn
from backproof.trace.markup import to_html


def render(page: Page) -> str:
    """Return a report as a page of HTML."""
    return _template().render(page=page)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("backproof.doctor", "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "words": _words,
        "formula": _formula,
        "kind": lambda block: type(block).__name__,
        "picture": _picture,
    }
    return environment.get_template("page.html.j2")


_WHOLE = re.compile(r"\d e[-+]\d+ | \d[ ]% ", re.VERBOSE)
"""What a browser would break a line in: 2.4e-20, 10 %."""


def _words(text: str) -> Markup:
    whole = '<span class="whole">{}</span>'.format
    return Markup(_WHOLE.sub(lambda found: whole(found[0]), to_html(text, formula=False)))


def _formula(text: str) -> Markup:
    return Markup(to_html(text))


def _picture(figure: Figure) -> Markup:
    """Return a figure as SVG, or in characters where matplotlib is not installed."""
    try:
        from backproof.doctor.report import plots
    except ModuleNotFoundError:
        note = (
            "Drawn as curves where matplotlib is installed: <code>python -m pip install 'backproof[plots]'</code>"
        )
        lines = "\n".join(drawn(figure))
        return Markup("<pre>{}</pre>").format(lines) + Markup(f'<p class="note">{note}</p>')
    return Markup(plots.loss(figure) if isinstance(figure, LossFigure) else plots.slopes(figure))
