"""The command line: `backproof check`, `doctor`, `trace`, `fuzz` and `schema`."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from functools import wraps
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import backproof
from backproof import implementation
from backproof.check import Progress, Report, split
from backproof.disk import check_target, replacing
from backproof.doctor.command import doctor as consulting
from backproof.errors import BadInput, MissingFramework
from backproof.files import read_data, read_spec, read_weights
from backproof.fuzz.command import fuzz as fuzzing
from backproof.report.console import PoliteConsole, hushed, progress, until_nobody_reads
from backproof.spec import Batch, ModelSpec
from backproof.step import Network
from backproof.trace.command import trace as tracing

AGREE, DIFFER, BAD_INPUT, NOT_COMPARED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="backproof",
    help="Proof that a backprop is right: one network in NumPy, PyTorch, JAX and TensorFlow, compared.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Precision(Enum):
    """The working precisions that --dtype accepts."""

    float64 = "float64"
    float32 = "float32"
    both = "both"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"backproof {backproof.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


@app.command()
def check(
    spec: Annotated[
        Path | None,
        typer.Argument(help="The network: .json, .yaml or .toml. A built-in one if absent.", show_default=False),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Initial weights, .safetensors or .npz; drawn as the spec says if absent.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Arrays x and y (and masks by name), .npz, .safetensors or .json; random if absent."),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="How many training steps to compare.")] = 3,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Observations per step; all of --data, or 8 random ones, if absent.")
    ] = None,
    dtype: Annotated[
        Precision, typer.Option(help="float64 judges structure, float32 precision.")
    ] = Precision.both,
    implementations: Annotated[
        str | None, typer.Option(help="Names, separated by commas; all that are installed if absent.")
    ] = None,
    resync: Annotated[
        bool,
        typer.Option(
            "--resync", help="Start every step from the reference's state: no early error drowns later ones."
        ),
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the whole report to this file; - is standard output.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show every tensor, not the 30 gravest.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No tables and no progress, only the verdict.")
    ] = False,
) -> None:
    """Run the same training steps in every framework and say whether they agree.

    Every output, the loss, every gradient, every update and every optimizer slot is held against a hand-written
    NumPy reference in float64. How far apart two right answers may be is not typed in but measured: the reference
    is run again with rounding injected, and the largest change seen is the tensor's *noise floor*.

    The answers:

    - **agree**: the error is within a few noise floors: the same calculation, to rounding.

    - **differ**: it is not; the first divergence is named by step, phase and tensor, and who is odd.

    - **cannot tell**: rounding alone could explain anything (a gradient that is zero but for rounding); this
      never counts as agreement.

    In the tables, *would catch* is the smallest relative error that a tensor's test would have seen.

    Exit status:

    - **0** agree

    - **1** differ

    - **2** bad input or usage

    - **3** not compared: no framework is installed, one that was named is missing, or nothing could be told

    Examples:
    - `backproof check` runs the built-in network in everything that is installed.

    - `backproof check net.yaml --data batch.npz --steps 10 --resync` runs yours, on your data.

    - `backproof check net.toml --implementations numpy,torch --json report.json -q` suits a script.
    """
    with _failing_politely():
        if json_file is not None and str(json_file) != "-":
            check_target(json_file)
        names = None if implementations is None else _names(implementations)
        network, given = _inputs(spec, data)
        initial = None if weights is None else read_weights(weights)
        # What is wrong is said here, before the frameworks take their seconds to load.
        Network(network).initial_state(parameters=initial)
        if given is not None:
            split(network, given, steps, batch_size)
        with progress(quiet) as say:
            _load(names, say)
            report = backproof.check(
                network,
                parameters=initial,
                data=given,
                steps=steps,
                batch_size=batch_size,
                dtypes=[np.float64, np.float32] if dtype is Precision.both else [np.dtype(dtype.value)],
                implementations=names,
                resync=resync,
                progress=say,
            )
        code, why = _status(report, names)
        with until_nobody_reads():
            _tell(report, json_file, every=every, quiet=quiet)
            if why:
                typer.echo(why, err=True)
    raise typer.Exit(code)


@app.command()
@wraps(consulting)
def doctor(**options: Any) -> None:
    with _failing_politely():
        code = consulting(**options)
    raise typer.Exit(code)


@app.command()
@wraps(fuzzing)
def fuzz(**options: Any) -> None:
    code = AGREE  # if the reader leaves before the end, nothing else has been told
    with _failing_politely(), until_nobody_reads():
        code = fuzzing(**options)
    raise typer.Exit(code)


@app.command()
@wraps(tracing)
def trace(**options: Any) -> None:
    with _failing_politely(), until_nobody_reads():
        tracing(**options)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a spec: for editors, and for anything that writes specs."""
    with until_nobody_reads():
        typer.echo(resources.files("backproof").joinpath("model_spec.schema.json").read_text("utf-8"), nl=False)


def main() -> None:
    """Run the command line; the console script's entry point."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no remarks of TensorFlow's in between
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except KeyboardInterrupt:  # before or after a command runs
        sys.exit(INTERRUPTED)


def _inputs(spec: Path | None, data: Path | None) -> tuple[ModelSpec, Batch | None]:
    """Read spec and data: bad input is found before any framework is loaded."""
    if spec is not None:
        return read_spec(spec), None if data is None else read_data(data)
    networks = resources.files("backproof").joinpath("networks")
    with (
        resources.as_file(networks.joinpath("all_ones.json")) as own_spec,
        resources.as_file(networks.joinpath("all_ones.data.json")) as own_data,
    ):
        return read_spec(own_spec), read_data(data or own_data)


def _names(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise BadInput(f"--implementations: expected names separated by commas, found {text!r}")
    if len(set(names)) < len(names):
        raise BadInput(f"--implementations: expected each name once, found {text!r}")
    return names


def _load(names: list[str] | None, progress: Progress) -> None:
    """Import the frameworks, before the comparison and without what they say meanwhile."""
    for name in implementation.names() if names is None else names:
        progress(f"loading {name}")
        with suppress(MissingFramework), hushed():  # the report says who is missing
            implementation.load(name)


def _status(report: Report, asked: list[str] | None) -> tuple[int, str]:
    """Return the exit status, and why nothing was compared where the report does not say."""
    if report.answer == "differ":
        return DIFFER, ""
    if asked is not None and report.missing:
        return NOT_COMPARED, f"not compared, though asked for: {', '.join(report.missing)}"
    if set(report.versions) <= {"numpy"} and asked != ["numpy"]:
        extras = "python -m pip install 'backproof[torch]' (or jax, tensorflow, all)"
        return NOT_COMPARED, f"nothing to compare with: no framework is installed; {extras}"
    return (AGREE, "") if report.answer == "agree" else (NOT_COMPARED, "")


def _tell(report: Report, json_file: Path | None, *, every: bool, quiet: bool) -> None:
    """Write the report to the file, then print it; with a file of -, print the JSON instead."""
    to_stdout = str(json_file) == "-"
    if json_file is not None:
        from backproof.report.json import to_json

        text = json.dumps(to_json(report), indent=2, allow_nan=False) + "\n"
        if to_stdout:
            typer.echo(text, nl=False)
        else:
            with replacing(json_file) as file:
                file.write(text.encode())
    if not to_stdout:
        from backproof.report.terminal import show

        show(report, PoliteConsole(highlight=False), every=every, tables=not quiet)


@contextmanager
def _failing_politely() -> Iterator[None]:
    """Turn what a user can cause into a line and a status; anything else is our bug: a traceback."""
    try:
        yield
    except BadInput as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
