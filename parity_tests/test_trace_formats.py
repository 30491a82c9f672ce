"""The worked calculation in every format, and on the command line."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from backproof import BadInput, read_spec
from backproof.cli import app
from backproof.files import read_data
from backproof.fuzz.draw import part
from backproof.fuzz.network import structure
from backproof.layers import LAYERS
from backproof.losses import LOSSES
from backproof.optimizers import OPTIMIZERS
from backproof.trace import trace
from backproof.trace.calculation import CONVENTIONS
from backproof.trace.formats import html, latex, markdown
from backproof.trace.markup import to_ascii, to_latex_text
from backproof.trace.textbook import definition
from traced import DENSE, EXAMPLES, all_ones, on_terminal, spec_of

FORMATS: dict[str, Callable[..., str]] = {
    "markdown": markdown.render,
    "html": html.render,
    "latex": latex.render,
}


class Balanced(HTMLParser):
    """Raises where tags are not closed in order, or anything is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "img", "link")
        assert not {"src", "onload"} & {name for name, _ in attributes}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check_latex(text: str) -> None:
    """Assert that braces and environments are balanced, in ASCII."""
    assert text.isascii()
    bare = re.sub(r"\\[{}%$#&_]", "", text)
    assert bare.count("{") == bare.count("}")
    stack = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", bare):
        stack.append(name) if kind == "begin" else None
        assert kind == "begin" or stack.pop() == name
    assert stack == []


@pytest.mark.parametrize("number", range(8))
def test_every_format_can_say_every_network(number: int) -> None:
    for convention in CONVENTIONS:
        calculation = trace(structure(9, number), steps=2, convention=convention)  # type: ignore[arg-type]
        page = Balanced()
        page.feed(html.render(calculation))
        assert page.open == []
        check_latex(latex.render(calculation))
        assert markdown.render(calculation).count("```") % 2 == 0
        width = (80, 120)[number % 2]
        assert max(map(cell_len, on_terminal(calculation, width).splitlines())) <= width


def test_docstrings_survive_every_encoding() -> None:
    parts = [*LAYERS.values(), *LOSSES.values(), *OPTIMIZERS.values()]
    rng = np.random.default_rng(0)
    for kind in parts:
        if (made := part(rng, kind)) is None:
            continue
        for paragraph in definition(made).text:
            assert to_latex_text(paragraph).isascii()
            asked = paragraph.count("?")
            assert (to_latex_text(paragraph).count("?"), to_ascii(paragraph).count("?")) == (asked, asked), kind


def test_a_terminal_without_greek_gets_ascii() -> None:
    text = on_terminal(all_ones("index"), encoding="ascii")
    assert "?" not in text
    assert "delta^3_j = dC/da^3_j sigma'(z^3_j)" in text


def test_names_are_no_markup() -> None:
    spec = spec_of({"type": "dense", "units": 2}, name="<b>50 % of_a \\name & $x$</b>")
    calculation = trace(spec)
    assert "<b>" not in html.render(calculation)
    assert r"\textless{}b\textgreater{}50 \% of\_a \textbackslash{}name \& \$x\$" in latex.render(calculation)


def test_a_small_number_is_not_shown_as_nothing() -> None:
    folder = EXAMPLES / "saturated_unit"
    calculation = trace(read_spec(folder / "spec.json"), data=read_data(folder / "data.json"))
    text = on_terminal(calculation)
    assert "1.928750e-22" in text
    assert "A¹ ⊙ (1 − A¹)" not in text  # which is 0
    assert "σ′(z) = σ(z) σ(−z)" in text
    assert "smaller changes are lost in the rounding of the parameter" in " ".join(text.split())
    assert "1.928750·10<sup>−22</sup>" in html.render(calculation)
    assert r"1.928750\cdot 10^{-22}" in latex.render(calculation)


def test_large_arrays_are_summed_up_unless_all_is_asked_for() -> None:
    spec = spec_of({"type": "dense", "units": 30}, {"type": "dense", "units": 2})
    calculation = trace(spec, batch_size=9, convention="index")
    short, long = on_terminal(calculation), on_terminal(calculation, full=True)
    assert "Observations 1 to 4 of 9 are shown" in short
    assert "observation 5" in long
    assert "observation 5" not in short
    assert re.search(r"first .*, \.\.\.; least -[\d.]+, largest [\d.]+, mean", " ".join(short.split()))
    assert "least" not in long
    for render in FORMATS.values():
        assert len(render(calculation, full=True)) > 2 * len(render(calculation))


def test_an_overflow_is_shown_as_it_is() -> None:
    spec = spec_of({"type": "dense", "units": 2}, optimizer={"type": "sgd", "learning_rate": 1e200})
    calculation = trace(spec, steps=3)
    assert "nan" in on_terminal(calculation)
    for render in FORMATS.values():
        assert "nan" in render(calculation)


# The command line


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["trace", *arguments], env={"COLUMNS": "80"}, catch_exceptions=False)


NET = str(EXAMPLES / "all_ones" / "spec.json")
DATA = ("--data", str(EXAMPLES / "all_ones" / "data.json"))


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    result = run(NET, *DATA, "--convention", "augmented")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == on_terminal(all_ones("augmented"))
    for suffix, beginning in {
        ".html": "<!DOCTYPE html>",
        ".tex": r"\documentclass",
        ".md": "# all",
        ".txt": "all",
    }.items():
        target = tmp_path / f"ones{suffix}"
        result = run(NET, *DATA, "--out", str(target))
        assert (result.exit_code, result.output) == (0, "")
        assert target.read_text("utf-8").startswith(beginning)
    result = run(NET, *DATA, "--format", "latex", "--precision", "3", "--out", "-")
    assert result.stdout == latex.render(all_ones("row"), precision=3)


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    result = run(NET, *DATA, "--batch-size", "3")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "batch_size: expected 1 to 2 (the observations given), found 3" in result.stderr
    result = run(NET, "--out", str(tmp_path / "absent" / "page.html"))
    assert result.exit_code == 2
    assert "is not a folder" in result.stderr
    assert run(NET, "--convention", "diagonal").exit_code == 2
    assert run("missing.json").stderr == "error: missing.json: cannot be read: no such file or directory\n"
    for options in ({"steps": 0}, {"batch_size": 0}, {"convention": "diagonal"}):
        with pytest.raises(BadInput, match=r"expected .*, found"):
            trace(DENSE, **options)


def test_help_says_what_the_conventions_are() -> None:
    words = " ".join(run("--help").stdout.split())
    for expected_words in ("Z = A W + b", "Z = W A + b", "first row of W", "one observation at a time", "--full"):
        assert expected_words in words
