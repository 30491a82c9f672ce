"""The doctor's report in every format, and its command line."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from backproof.cli import app
from backproof.doctor import command
from backproof.doctor.consultation import Consultation
from backproof.doctor.hints import Hints
from backproof.doctor.report import html, markdown, terminal
from backproof.doctor.report.blocks import LossFigure, SlopesFigure, Table
from backproof.doctor.report.figures import bars, drawn
from backproof.doctor.report.json import to_json
from backproof.doctor.report.pages import page
from backproof.files import loads
from consulted import (
    CONSULTATIONS,
    asking,
    guessed,
    learning,
    plateau,
    repeated,
    two_mistakes,
    unexplained,
    unread,
    wrong,
)

Make = Callable[[], Consultation]
every_one = pytest.mark.parametrize("make", CONSULTATIONS, ids=lambda make: make.__name__)

STATUS = {
    "wrong": 1,
    "repeated": 1,
    "two_mistakes": 1,
    "unexplained": 1,
    "guessed": 3,
    "asking": 0,
    "plateau": 4,
    "learning": 0,
}
STATUS |= {"diverging": 4, "untold": 3, "unread": 3}


def on_terminal(consultation: Consultation, width: int = 80, encoding: str = "utf-8") -> str:
    """Return what a terminal would show."""
    file = TextIOWrapper(BytesIO(), encoding, errors="replace")
    terminal.show(page(consultation), Console(file=file, width=width, highlight=False, color_system=None))
    file.seek(0)
    return file.read()


class Reader(HTMLParser):
    """Collects text; raises where tags are not closed in order, or anything is loaded or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        assert tag not in ("script", "img", "link", "iframe")
        assert not {"src", "href"} & given.keys()
        assert not any(name.startswith("on") for name in given)
        assert all((value or "").startswith("#") for name, value in attributes if name == "xlink:href")
        self.ids += [value or "" for name, value in attributes if name == "id"]
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    """Return what a page says."""
    reader = Reader()
    reader.feed(text)
    assert not reader.open
    return reader


@every_one
@pytest.mark.parametrize("width", [80, 100])
def test_the_terminal_shows_all_within_its_width(make: Make, width: int) -> None:
    consultation = make()
    text = on_terminal(consultation, width)
    assert max(len(line) for line in text.splitlines()) <= width
    flat = " ".join(text.split())
    for section in page(consultation).sections:
        assert section.title in flat
    assert page(consultation).answer.replace("`", "") in flat


@every_one
def test_any_encoding_will_do(make: Make) -> None:
    text = on_terminal(make(), encoding="ascii")
    assert text.isascii()
    assert "should be" in text or make().outcome != "wrong" or make is unexplained


@every_one
def test_the_page_is_complete_and_loads_nothing(make: Make) -> None:
    consultation = make()
    reader = read(html.render(page(consultation)))
    assert len(set(reader.ids)) == len(reader.ids)
    for section in page(consultation).sections:
        assert section.title in reader.text
    assert {"b", "red", "i"} & reader.seen <= {"i"}
    assert ("svg" in reader.seen) == (consultation.examination is not None)


@every_one
def test_json_has_the_same_keys_for_every_script(make: Make) -> None:
    consultation = make()
    data = to_json(consultation)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert list(data) == list(to_json(learning()))
    documented = set(re.findall(r"`(\w+)`", sys.modules[to_json.__module__].__doc__ or ""))
    assert data.keys() <= documented
    assert data["outcome"] == consultation.outcome
    if consultation.reading is not None:
        assert loads(json.dumps(data["network"]), "json") == consultation.reading.spec


@every_one
def test_markdown_has_no_markup_of_others(make: Make) -> None:
    text = markdown.render(page(make()))
    prose = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.S | re.M)
    prose = re.sub(r"`[^`]*`", "", prose)
    assert not re.search(r"(?<!\\)[<\[]", prose)
    prose = re.sub(r"^\*\*.*?\*\*(?= |$)", "", prose, flags=re.M)  # the answer and the labels are bold
    assert not re.search(r"(?<!\\)\*", prose)
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")]
    tables = [b for s in page(make()).sections for b in s.blocks if isinstance(b, Table)]
    assert sorted(widths) == sorted(len(t.columns) + 1 for t in tables for _ in range(len(t.rows) + 2))


def test_a_line_of_code_is_shown_as_it_stands_in_every_format() -> None:
    line, right = "l2_delta = l2_error  # <b>a*b*</b> `x`", "l2_delta = l2_error * sigmoid_deriv(l2)"
    for shown in (on_terminal(wrong()), markdown.render(page(wrong())), read(html.render(page(wrong()))).text):
        assert line in shown
        assert right in shown
        assert "[red]xor.py:30" in shown
    assert to_json(wrong())["corrections"][0]["written"] == line
    assert "```" in markdown.render(page(unread()))
    assert "\n````\n" in markdown.render(page(unread()))


def test_the_answer_names_mistake_layer_and_line() -> None:
    assert page(wrong()).answer == (
        "The backprop is wrong: activation's derivative left out, at `sigmoid2` (line 30)."
    )
    answer = page(two_mistakes()).answer
    assert "has two mistakes: " in answer
    assert "derivative left out, at `sigmoid2`; and error passed" in answer
    assert [made["layer"] for made in to_json(two_mistakes())["mistakes"]] == ["sigmoid2", "dense2"]


def test_how_sure_it_is_and_what_fits_as_well() -> None:
    flat = " ".join(on_terminal(wrong()).split())
    assert "The largest difference left is 0.83 times the noise floor" in flat
    assert "10 are allowed" in flat
    assert "derivative applied twice, at sigmoid1) is 31,000 times farther off" in flat
    flat = " ".join(on_terminal(two_mistakes()).split())
    assert "fit as well" in flat
    assert "a factor 2 too many, in the loss; and derivative applied twice, at sigmoid1" in flat


def test_a_script_that_failed_later_is_told_so() -> None:
    failed = replace(learning(), watched=unread().watched)
    assert page(failed).answer.endswith('The script raised `KeyError: "<b>"`.')


def test_one_mistake_at_two_layers_is_said_once() -> None:
    assert page(repeated()).answer == (
        "The backprop is wrong: derivative applied twice, at `sigmoid1` and `sigmoid2`."
    )
    flat = " ".join(on_terminal(repeated()).split())
    assert "derivative applied twice, in sigmoid1 (layer 2 of 4) and sigmoid2 (layer 4 of 4)" in flat


def test_nothing_is_named_that_does_not_fit() -> None:
    data = to_json(unexplained())
    assert data["mistakes"] == []
    assert data["pattern"]["kind"] == "masked"
    assert "nothing in the catalogue explains it" in data["answer"]
    assert "Nearest in the catalogue, but no explanation" in on_terminal(unexplained())


def test_a_guess_that_may_be_wrong_accuses_nobody() -> None:
    assert guessed().outcome == "cannot tell"
    assert page(guessed()).answer.startswith("Either the backprop is wrong")
    assert "the loss (½ Σ (a − y)²)" in page(guessed()).answer


def test_doubts_come_with_their_flag() -> None:
    advice = " ".join(to_json(asking())["advice"])
    assert "`--rate 0.5`" in advice
    assert "`--factor 1` chooses it" in advice
    assert "--activations" not in advice  # of that it is sure


def test_causes_come_with_their_experiment_and_others_are_cleared() -> None:
    flat = " ".join(on_terminal(plateau()).split())
    assert "Cause: From iteration 40" in flat
    assert "Not the cause: The 3 units" in flat
    remarks = to_json(plateau())["remarks"]
    assert [(r["kind"], r["cause"], r["refuted"]) for r in remarks] == [
        ("plateau", True, False),
        ("saturation", False, False),
        ("symmetry", False, True),
    ]
    assert remarks[0]["experiments"][1]["helps"] is True


def test_figures_in_characters_mark_plateaus_and_bounds() -> None:
    figures = [b for s in page(plateau()).sections for b in s.blocks if isinstance(b, LossFigure | SlopesFigure)]
    loss, slopes = (list(drawn(figure)) for figure in figures)
    assert any("━" in line and "plateau, 40 to 1,000" in line for line in loss)
    assert "below 0.025" in slopes[0]
    assert bars(np.array([0, 1, 4, 8])) == " ▁▄█"


def test_without_matplotlib_the_page_has_figures_in_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "backproof.doctor.report.plots", None)
    monkeypatch.delattr(sys.modules["backproof.doctor.report"], "plots", raising=False)
    reader = read(html.render(page(plateau())))
    assert "svg" not in reader.seen
    assert "plateau, 40 to 1,000" in reader.text
    assert "backproof[plots]" in reader.text


def test_a_plot_has_the_colours_of_its_page() -> None:
    text = html.render(page(plateau()))
    assert not re.search(r"#0[1-8]0[1-8]0[1-8]", text)
    assert "var(--one)" in text


def test_only_html_draws_plots() -> None:
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
import backproof, backproof.doctor.command as command
assert not {{"jinja2", "matplotlib"}} & set(sys.modules), "loaded too early"
from consulted import plateau
for form in ("terminal", "markdown", "json"):
    command._rendered(plateau(), command.Format[form])
assert "matplotlib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answer every consultation with `answer`, and keep what was asked."""
    seen: dict[str, Any] = {"answer": learning}

    def consult(script: Path, arguments: Any, hints: Hints, **options: Any) -> Consultation:
        seen.update(script=script, arguments=arguments, hints=hints, **options)
        found: Consultation = seen["answer"]()
        return found

    monkeypatch.setattr(command, "consult", consult)
    return seen


def run(*arguments: str) -> Any:
    """Run the command line at 80 columns."""
    return CliRunner().invoke(app, ["doctor", *arguments], env={"COLUMNS": "80"}, catch_exceptions=False)


@every_one
def test_the_exit_status_says_what_was_found(make: Make, asked: dict[str, Any]) -> None:
    asked["answer"] = make
    assert run("net.py").exit_code == STATUS[make.__name__]


def test_flags_reach_the_inference(asked: dict[str, Any]) -> None:
    run(
        *("net.py", "--weights", 'params["W1"], W[0, 1]', "--activations", "sigmoid,linear", "--factor", "0.5"),
        *("--convention", "column", "--time-limit", "3", "--no-examine", "--", "--epochs", "5"),
    )
    expected = Hints(
        weights=('params["W1"]', "W[0, 1]"), activations=("sigmoid", "linear"), factor=0.5, convention="column"
    )
    assert asked["hints"] == expected
    assert asked["arguments"] == ["--epochs", "5"]
    assert (asked["time_limit"], asked["examining"]) == (3.0, False)


@pytest.mark.parametrize(
    ("name", "begins"), [("r.md", "# "), ("r.html", "<!DOCTYPE"), ("r.json", "{"), ("r.txt", "xor.py")]
)
def test_the_file_says_the_format(asked: dict[str, Any], tmp_path: Path, name: str, begins: str) -> None:
    result = run("net.py", "--out", str(tmp_path / name))
    assert result.exit_code == 0
    assert result.stdout == ""
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


def test_json_on_standard_output_is_nothing_else(asked: dict[str, Any]) -> None:
    asked["answer"] = wrong
    result = run("net.py", "--format", "json")
    assert json.loads(result.stdout)["mistakes"][0]["name"] == "activation's derivative left out"
    assert result.exit_code == 1


def test_a_reader_who_leaves_early_changes_no_status(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("print(1)\n")
    reading, writing = os.pipe()
    os.close(reading)
    code = f"import sys; sys.path[:0] = {sys.path!r}; from backproof.cli import main; main()"
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", code, "doctor", str(tmp_path / "net.py")],
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (3, b"")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.py",), "missing.py: cannot be read"),
        (("net.py", "--weights", "W1,,W2"), "--weights: expected names separated by commas"),
        (("net.py", "--loss", "mse"), "loss: expected one of "),
        (("net.py", "--activations", "sigmoid,sofmax"), "found 'sofmax'"),
        (("net.py", "--stdin", "nowhere.txt"), "nowhere.txt: cannot be read"),
        (("net.py", "--out", "nowhere/report.html"), "nowhere is not a folder"),
        (("net.py", "--spec", "nowhere.yaml"), "nowhere.yaml: cannot be read"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_script_that_asks_gets_its_answers(asked: dict[str, Any]) -> None:
    CliRunner().invoke(app, ["doctor", "net.py", "--stdin", "-"], input="4\n", catch_exceptions=False)
    assert asked["answers"] == "4\n"


SCRIPT = """
import numpy as np
rng = np.random.default_rng(3)
X = rng.normal(size=(7, 3))
Y = rng.uniform(0.1, 0.9, size=(7, 2))
W1, W2 = rng.normal(size=(3, 4)), rng.normal(size=(4, 2))
for step in range(30):
    A1 = 1 / (1 + np.exp(-(X @ W1)))
    A2 = 1 / (1 + np.exp(-(A1 @ W2)))
    loss = 0.5 * np.sum((A2 - Y) ** 2)
    D2 = (A2 - Y) * A2 * (1 - A2)
    D1 = D2 @ W2.T{slope}
    W2 = W2 - 0.1 * A1.T @ D2
    W1 = W1 - 0.1 * X.T @ D1
"""


@pytest.mark.parametrize(
    ("slope", "outcome", "names"),
    [("", "wrong", ["activation's derivative left out"]), (" * A1 * (1 - A1)", "right", [])],
)
def test_from_a_script_to_its_report(tmp_path: Path, slope: str, outcome: str, names: list[str]) -> None:
    script = tmp_path / "net.py"
    script.write_text(SCRIPT.format(slope=slope))
    result = run(str(script), "--format", "json", "--no-examine")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["outcome"]) == (command.STATUS[data["outcome"]], outcome)
    assert [made["name"] for made in data["mistakes"]] == names
    assert {"x": "X", "dense2.weight": "W2"}.items() <= {n["name"]: n["text"] for n in data["names"]}.items()


def test_help_has_examples_and_statuses() -> None:
    text = run("--help").stdout
    for words in ("backproof doctor network.py", "--weights", "Exit status", "-- --epochs 5", "hardly learns"):
        assert words in " ".join(text.split())
