"""The command line: what it prints, what it writes, and how it ends."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

import backproof
from backproof import MissingFramework, Network, Report, SpecError, check, implementation, verdict
from backproof.cli import app
from backproof.files import write_spec
from backproof.implementation import Implementation, NumPy
from backproof.report.json import to_json
from backproof.report.summary import number
from backproof.report.terminal import ROWS, show
from doubles import OVERFLOWING, SPEC, Double

OTHERS: dict[str, Implementation] = {"right": Double("right", Network), "wrong": Double("wrong")}
"""What is installed, as far as these tests are concerned, besides NumPy."""


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> Implementation:
        if name == "absent":
            raise MissingFramework("absent: not installed; python -m pip install 'backproof[absent]'")
        return NumPy() if name == "numpy" else OTHERS[name]

    monkeypatch.setattr(implementation, "load", load)
    monkeypatch.setattr(implementation, "names", lambda: ("numpy", "absent", "right"))


@pytest.fixture
def net(tmp_path: Path) -> str:
    """The path of a spec."""
    write_spec(SPEC, tmp_path / "net.yaml")
    return str(tmp_path / "net.yaml")


def run(*arguments: str) -> Any:
    """Run the command line in this process."""
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "80"}, catch_exceptions=False)


def test_agreement(net: str) -> None:
    result = run("check", net, "--steps", "2")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "small: numpy" in result.stdout
    assert "missing: absent: not installed" in result.stdout
    assert re.search(r"d hidden.bias +[\d.e-]+ ✓ +[\d.e-]+ ✓ +[\d.e-]+", result.stdout)
    assert "float64: agree. 68 comparisons: 68 agree, 0 differ, 0 cannot tell" in result.stdout
    assert "✓ AGREE" in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


def test_a_difference_is_located(net: str) -> None:
    result = run("check", net, "--implementations", "numpy,wrong", "--dtype", "float64", "--resync")
    assert result.exit_code == 1
    assert "first divergence: step 1, backward, d hidden.bias: wrong is odd" in result.stdout
    assert "3 tensors differ at some step" in result.stdout
    assert re.search(r"d hidden.bias +0 ✓ +[\d.e+]+ ✗", result.stdout)
    assert "float32" not in result.stdout
    assert "✗ DIFFER" in result.stdout


def test_quiet_is_only_the_verdict(net: str) -> None:
    result = run("check", net, "-q")
    assert result.exit_code == 0
    assert "would catch" not in result.stdout
    assert len(result.stdout.splitlines()) < 12


def test_the_built_in_network_needs_no_file() -> None:
    result = run("check", "--implementations", "numpy", "--steps", "1")
    assert result.exit_code == 0
    assert "all_ones: numpy" in result.stdout
    assert "d output.weight" in result.stdout


def test_json_is_valid_and_complete(net: str, tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    result = run("check", net, "--json", str(target), "--implementations", "numpy,wrong", "-q")
    assert result.exit_code == 1

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    report = json.loads(target.read_text(), parse_constant=refuse)
    assert (report["format"], report["version"], report["answer"]) == ("backproof report", 1, "differ")
    assert backproof.ModelSpec.model_validate_json(json.dumps(report["spec"])) == SPEC
    first = report["verdicts"][0]
    assert first["first_divergence"]["step"] == 1
    assert first["first_divergence"]["odd"] == ["wrong"]
    assert len(first["tensors"]) == first["compared"] == first["agree"] + first["differ"] + first["cannot_tell"]
    assert {entry["step"] for entry in first["tensors"]} == {1, 2, 3}
    assert [one.name for one in tmp_path.iterdir() if "report" in one.name] == ["report.json"]


def test_json_on_standard_output_is_nothing_else(net: str) -> None:
    result = run("check", net, "--json", "-")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["answer"] == "agree"


def test_nothing_to_compare_with(net: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(implementation, "names", lambda: ("numpy", "absent"))
    result = run("check", net)
    assert result.exit_code == 3
    assert "python -m pip install 'backproof[torch]'" in result.stderr
    assert run("check", net, "--implementations", "numpy").exit_code == 0


def test_a_named_one_that_is_missing_is_not_passed_over(net: str) -> None:
    result = run("check", net, "--implementations", "numpy,right,absent")
    assert result.exit_code == 3
    assert "not compared, though asked for: absent" in result.stderr
    assert run("check", net, "--implementations", "numpy,wrong,absent").exit_code == 1


def test_cannot_tell_is_no_agreement(net: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "USELESS", -1.0)  # as if every floor were too high
    result = run("check", net)
    assert result.exit_code == 3
    assert "? CANNOT TELL" in result.stdout
    assert "rounding alone reaches so far" in result.stdout


def test_an_overflow_is_reported_where_it_begins(tmp_path: Path) -> None:
    path, report = tmp_path / "overflowing.json", tmp_path / "report.json"
    path.write_text(json.dumps(OVERFLOWING))
    result = run("check", str(path), "--json", str(report), "--steps", "7")
    words = " ".join(result.stdout.split())
    places = {one["dtype"]: one["overflow"] for one in json.loads(report.read_text())["verdicts"]}
    assert places["float32"] == {"step": 2, "phase": "loss", "tensor": "loss"}
    assert places["float64"] == first_infinite(7)
    assert places["float64"]["step"] > 2
    assert "AGREE: up to the overflow, the " in words
    for place in places.values():
        assert f"leaves the finite numbers at step {place['step']}, {place['phase']}, {place['tensor']};" in words


def first_infinite(steps: int) -> dict[str, Any]:
    """Return where the overflowing network first computes something that is not finite, in float64."""
    spec = backproof.ModelSpec.model_validate_json(json.dumps(OVERFLOWING))
    network = Network(spec)
    state = network.initial_state()
    for step in range(steps):
        with np.errstate(all="ignore"):
            record = network.step(state, *spec.random_batch(8, seed=step))
        for phase, tensor, values in record.tensors():
            if not np.isfinite(values).all():
                return {"step": step + 1, "phase": phase, "tensor": tensor}
        state = record.state()
    raise AssertionError("it does not overflow")


def test_an_interrupt_is_quiet(net: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(backproof, "check", interrupted)
    result = run("check", net)
    assert (result.exit_code, result.output) == (130, "")


def test_what_an_adapter_lacks_is_an_error_message(net: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lacking(Double):
        def build(self, spec: Any, dtype: Any = None) -> Any:
            raise SpecError("lacking has no row for tanh")

    monkeypatch.setitem(OTHERS, "right", Lacking("right"))
    result = run("check", net)
    assert (result.exit_code, result.stderr) == (2, "error: lacking has no row for tanh\n")


def test_version_schema_and_help() -> None:
    assert run("--version").stdout == f"backproof {backproof.__version__}\n"
    assert json.loads(run("schema").stdout)["title"] == "backproof model spec"
    words = " ".join(run("check", "--help").stdout.split())
    for expected in ("noise floor", "cannot tell", "Exit status", "--batch-size", "net.yaml --data batch.npz"):
        assert expected in words
    assert run().exit_code == 2


def rendered(report: Report, width: int = 80, encoding: str = "utf-8", **options: Any) -> str:
    """Return what the terminal shows."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    show(report, Console(file=file, width=width, highlight=False), **options)
    file.seek(0)
    return file.read()


def compare(names: Sequence[str], **options: Any) -> Report:
    """Return a report on the small network."""
    return check(SPEC, implementations=[OTHERS.get(name, name) for name in names], **options)


def test_marks_survive_every_encoding() -> None:
    for encoding in ("ascii", "cp1252", "cp437", "latin-1"):
        text = rendered(compare(["numpy", "wrong"], steps=1), encoding=encoding)
        assert "delta hidden.bias" in text
        assert " X" in text
        assert " +" in text


def test_long_tables_keep_the_gravest_rows() -> None:
    layers = [{"type": "dense", "units": 2 + n % 2, "name": f"layer{n}"} for n in range(12)]
    spec = backproof.ModelSpec.model_validate_json(json.dumps(SPEC.model_dump(mode="json") | {"layers": layers}))

    class WrongAtTheEnd(Network):
        def backward(self, state: Any, caches: Any, dy: Any) -> Any:
            dx, gradients = super().backward(state, caches, dy)
            return dx, gradients | {"layer11.bias": -gradients["layer11.bias"]}

    wrong = Double("wrong", WrongAtTheEnd)
    report = check(spec, implementations=["numpy", wrong], dtypes=["float64"], steps=1)
    short, long = rendered(report), rendered(report, every=True)
    tensors = 12 + 1 + 24 + 1 + 24 + 24
    assert f"and {tensors - ROWS} more tensors" in short
    assert short.count("✗") == long.count("✗") == 4
    assert len(re.findall("[✓✗]", long)) == 2 * tensors + 1


def test_a_wide_terminal_is_used() -> None:
    report = compare(["numpy", "right"], steps=1)
    assert max(len(line) for line in rendered(report, 160).splitlines()) > 80
    assert max(len(line) for line in rendered(report, 80).splitlines()) <= 80


def test_overflowing_reports_are_valid_json() -> None:
    spec = backproof.ModelSpec.model_validate_json(json.dumps(OVERFLOWING))
    text = json.dumps(to_json(check(spec, implementations=["numpy", Double("right", Network)])), allow_nan=False)
    assert "after the overflow" in text or "null" in text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (0.361, "0.36"),
        (0.00099999, "0.001"),
        (1.234e-7, "1.2e-07"),
        (12.34, "12"),
        (99.96, "100"),
        (15049.0, "15,000"),
        (99999.0, "1.0e+05"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_short(value: float, words: str) -> None:
    assert number(value) == words


def command(*arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """Start the command line in a process of its own."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "ascii"}
    program = [sys.executable, "-W", "error", "-m", "backproof.cli", *arguments]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(program, env=environment, **(pipes | options))


def test_a_real_process(net: str) -> None:
    with command("check", net, "--implementations", "numpy") as process:
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")
    assert b"+ AGREE" in stdout
    with command("check", "missing.json") as process:
        stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (2, b"")
    assert stderr == b"error: missing.json: cannot be read: no such file or directory" + os.linesep.encode()


def test_a_reader_who_leaves_early_changes_nothing(net: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "wb") as pipe,
        command("check", net, "--implementations", "numpy", stdout=pipe) as process,
    ):
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (0, b"")
