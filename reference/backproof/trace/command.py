"""`backproof trace`: the command line of the worked calculation."""

import io
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backproof.disk import check_target, replacing
from backproof.files import read_data, read_spec, read_weights
from backproof.report.console import PoliteConsole
from backproof.trace.calculation import trace as calculate
from backproof.trace.formats import terminal
from backproof.trace.lines import Calculation

WIDTH = 100
"""Of what a terminal would show, in a file."""


class Convention(Enum):
    """What --convention accepts."""

    row = "row"
    column = "column"
    augmented = "augmented"
    index = "index"


class Format(Enum):
    """What --format accepts."""

    terminal = "terminal"
    markdown = "markdown"
    html = "html"
    latex = "latex"


_SUFFIXES = {".md": Format.markdown, ".html": Format.html, ".htm": Format.html, ".tex": Format.latex}


def trace(
    spec: Annotated[Path, typer.Argument(help="The network: .json, .yaml or .toml.")],
    data: Annotated[
        Path | None,
        typer.Option(help="Arrays x and y (and masks by name), .npz, .safetensors or .json; random if absent."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Initial weights, .safetensors or .npz; drawn as the spec says if absent.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="How many training steps to write out.")] = 1,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Observations per step; all of --data, or 2 random ones, if absent.")
    ] = None,
    convention: Annotated[
        Convention, typer.Option(help="How observations, weights and biases are laid out.")
    ] = Convention.row,
    precision: Annotated[int, typer.Option(min=1, max=17, help="Decimals.")] = 7,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By the name of the file if absent, else terminal.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file; - is standard output.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Show all entries of large arrays.")] = False,
) -> None:
    """Write out training steps: every z, a, slope, δ, loss term, gradient and update, with formula and shape.

    The numbers are those of the NumPy reference, laid out so that they can be held beside a calculation on paper:

    - **row**: observations are rows, Z = A W + b

    - **column**: observations are columns, Z = W A + b

    - **augmented**: the bias is the first row of W, and inputs carry a leading 1

    - **index**: sums with indices, one observation at a time

    Dense layers, activations, softmax and losses follow the convention; of all other layers outputs, gradients and
    updates are shown as the reference keeps them, with the formulas of the reference.

    Examples:
    - `backproof trace net.yaml --data batch.json --convention column` shows one step on the terminal.

    - `backproof trace net.yaml --data batch.json --steps 3 --out steps.html` writes a page to read or print.
    """
    to_stdout = out is None or str(out) == "-"
    if out is not None and not to_stdout:
        check_target(out)
    calculation = calculate(
        read_spec(spec),
        parameters=None if weights is None else read_weights(weights),
        data=None if data is None else read_data(data),
        steps=steps,
        batch_size=batch_size,
        convention=convention.value,
    )
    if form is None:
        form = _SUFFIXES.get(out.suffix.lower(), Format.terminal) if out is not None else Format.terminal
    if to_stdout and form is Format.terminal:
        terminal.show(calculation, PoliteConsole(highlight=False), precision, full)
        return
    text = _rendered(calculation, form, precision, full)
    if to_stdout or out is None:
        typer.echo(text, nl=False)
    else:
        with replacing(out) as file:
            file.write(text.encode())


def _rendered(calculation: Calculation, form: Format, precision: int, full: bool) -> str:
    """Return the text of a file; what a format needs is imported when it is asked for."""
    if form is Format.markdown:
        from backproof.trace.formats import markdown

        return markdown.render(calculation, precision, full)
    if form is Format.html:
        from backproof.trace.formats import html

        return html.render(calculation, precision, full)
    if form is Format.latex:
        from backproof.trace.formats import latex

        return latex.render(calculation, precision, full)
    file = io.StringIO()
    terminal.show(
        calculation, Console(file=file, width=WIDTH, highlight=False, color_system=None), precision, full
    )
    return file.getvalue()
