"""`backproof doctor`: the command line."""

import io
import json
import sys
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backproof.disk import check_target, read_bytes, replacing
from backproof.doctor.consultation import Consultation, Outcome, consult
from backproof.doctor.hints import Hints
from backproof.errors import BadInput
from backproof.files import read_spec
from backproof.report.console import PoliteConsole, progress, until_nobody_reads
from backproof.trace.command import WIDTH, Convention

STATUS: dict[Outcome, int] = {
    "right and learning": 0,
    "right": 0,
    "wrong": 1,
    "cannot tell": 3,
    "not read": 3,
    "right, not learning": 4,
}


MOST_BYTES = 10_000_000
"""Of standard input for the script."""


class Format(Enum):
    """What --format accepts."""

    terminal = "terminal"
    markdown = "markdown"
    json = "json"
    html = "html"


_SUFFIXES = {".md": Format.markdown, ".json": Format.json, ".html": Format.html, ".htm": Format.html}

_NETWORK = "The network, where it should not be inferred"
_ARRAYS = "Arrays, named as the code writes them"


def doctor(
    script: Annotated[Path, typer.Argument(help="Somebody's own training script, as it stands.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Arguments for the script, after --.", show_default=False)
    ] = None,
    weights: Annotated[
        str | None, typer.Option(help="From the first layer on: W1,W2.", rich_help_panel=_ARRAYS)
    ] = None,
    biases: Annotated[str | None, typer.Option(help="Likewise: b1,b2.", rich_help_panel=_ARRAYS)] = None,
    gradients: Annotated[
        str | None,
        typer.Option(help="Of all weights, then of all biases: dW1,dW2,db1,db2.", rich_help_panel=_ARRAYS),
    ] = None,
    inputs: Annotated[str | None, typer.Option(help="All observations: X.", rich_help_panel=_ARRAYS)] = None,
    targets: Annotated[str | None, typer.Option(help="What they should give: y.", rich_help_panel=_ARRAYS)] = None,
    outputs: Annotated[
        str | None, typer.Option(help="What the network gives: a2.", rich_help_panel=_ARRAYS)
    ] = None,
    activations: Annotated[
        str | None,
        typer.Option(help="After each layer: sigmoid,softmax; linear for none.", rich_help_panel=_NETWORK),
    ] = None,
    loss: Annotated[
        str | None, typer.Option(help="Its type in a spec: squared_error.", rich_help_panel=_NETWORK)
    ] = None,
    factor: Annotated[
        float | None, typer.Option(help="Of the loss: 0.5 for ½Σ(a−y)².", rich_help_panel=_NETWORK)
    ] = None,
    reduction: Annotated[
        str | None, typer.Option(help="Of the loss: sum, batch_mean or mean.", rich_help_panel=_NETWORK)
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="Its type in a spec: sgd, momentum, adam.", rich_help_panel=_NETWORK)
    ] = None,
    rate: Annotated[float | None, typer.Option(help="The learning rate.", rich_help_panel=_NETWORK)] = None,
    convention: Annotated[
        Convention | None, typer.Option(help="How the code lays out its arrays.", rich_help_panel=_NETWORK)
    ] = None,
    spec: Annotated[
        Path | None, typer.Option(help="All of it: .json, .yaml or .toml.", rich_help_panel=_NETWORK)
    ] = None,
    time_limit: Annotated[float, typer.Option(min=1, help="Seconds that the script may run.")] = 20.0,
    stdin: Annotated[
        Path | None, typer.Option(help="What the script is to read as its standard input; - is our own.")
    ] = None,
    iterations: Annotated[
        int | None,
        typer.Option(min=1, help="Updates of the training; as many as its loops make, if absent."),
    ] = None,
    examination: Annotated[
        bool, typer.Option("--examine/--no-examine", help="Where the gradient is right, examine the training.")
    ] = True,
    patience: Annotated[
        float, typer.Option(min=1, help="Seconds of computing that the experiments may take.")
    ] = 10.0,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By the name of the file if absent, else terminal.", show_default=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write to this file; - is standard output.")] = None,
) -> int:
    """Say what is wrong with somebody's own backprop, or what holds its training back.

    The script is run as it stands, in a process of its own, and every array in it is watched. From what the
    arrays do the network is inferred: layers, activations, loss, optimizer and rate. Its gradients are held
    against the NumPy reference; where they are wrong, the mistakes of the catalogue, alone and in pairs, are put
    into the reference until it gives the script's numbers. Where they are right, the training is run again with
    one thing changed at a time, to find what holds it back.

    Exit status:

    - **0** the gradient is right, and the network learns (or its training was not examined)

    - **1** the gradient is wrong

    - **2** bad input or usage

    - **3** it cannot be told, or no network could be read from the script

    - **4** the gradient is right, but the network hardly learns: nothing to correct, something to change

    Examples:
    - `backproof doctor network.py` runs it and says what it finds.

    - `backproof doctor network.py --weights self.W1,self.W2 --inputs X --targets y` names its arrays.

    - `backproof doctor train.py --out report.html -- --epochs 5` writes a page; the script gets `--epochs 5`.
    """
    to_stdout = out is None or str(out) == "-"
    if out is not None and not to_stdout:
        check_target(out)
    hints = Hints(
        weights=_names("--weights", weights),
        biases=_names("--biases", biases),
        gradients=_names("--gradients", gradients),
        inputs=inputs,
        targets=targets,
        outputs=outputs,
        activations=_names("--activations", activations),
        loss=loss,
        factor=factor,
        reduction=reduction,
        optimizer=optimizer,
        rate=rate,
        convention=None if convention is None else convention.value,
        spec=None if spec is None else read_spec(spec),
    )
    with progress(quiet=False) as tell:
        consultation = consult(
            script,
            arguments or [],
            hints,
            time_limit=time_limit,
            iterations=iterations,
            answers=_text(stdin),
            examining=examination,
            patience=patience,
            progress=tell,
        )
    if form is None:
        form = _SUFFIXES.get(out.suffix.lower(), Format.terminal) if out is not None else Format.terminal
    if out is not None and not to_stdout:
        with replacing(out) as file:
            file.write(_rendered(consultation, form).encode())
        return STATUS[consultation.outcome]
    with until_nobody_reads():
        if form is Format.terminal:
            _show(consultation, PoliteConsole(highlight=False))
        else:
            typer.echo(_rendered(consultation, form), nl=False)
    return STATUS[consultation.outcome]


def _text(path: Path | None) -> str:
    """Return what is in a file, or on standard input."""
    if path is None:
        return ""
    return (
        sys.stdin.read() if str(path) == "-" else read_bytes(path, MOST_BYTES, BadInput).decode(errors="replace")
    )


def _names(flag: str, text: str | None) -> tuple[str, ...]:
    """Return names separated by commas; a comma within brackets, as in W[0, 1], belongs to the name."""
    if text is None:
        return ()
    names, depth = [""], 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            names.append("")
        else:
            names[-1] += character
    if not all(name.strip() for name in names):
        raise BadInput(f"{flag}: expected names separated by commas, found {text!r}")
    return tuple(name.strip() for name in names)


def _show(consultation: Consultation, console: Console) -> None:
    from backproof.doctor.report import terminal
    from backproof.doctor.report.pages import page

    terminal.show(page(consultation), console)


def _rendered(consultation: Consultation, form: Format) -> str:
    """Return the text of a file; what a format needs is imported when it is asked for."""
    if form is Format.json:
        from backproof.doctor.report.json import to_json

        return json.dumps(to_json(consultation), indent=2, allow_nan=False) + "\n"
    if form is Format.terminal:
        file = io.StringIO()
        _show(consultation, Console(file=file, width=WIDTH, highlight=False, color_system=None))
        return file.getvalue()
    from backproof.doctor.report.pages import page

    if form is Format.markdown:
        from backproof.doctor.report import markdown

        return markdown.render(page(consultation))
    from backproof.doctor.report import html

    return html.render(page(consultation))
