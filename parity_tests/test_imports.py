"""Importing backproof costs NumPy and pydantic; everything else waits until it is asked for."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import backproof

FRAMEWORKS = ("torch", "jax", "jaxlib", "tensorflow", "keras", "optax")
HEAVY = (*FRAMEWORKS, "rich", "typer", "click", "yaml", "tomli_w", "safetensors", "backproof_adapters")
"""Nothing of this is needed to use a spec, the reference and the judge."""


def loaded_by(statement: str, candidates: tuple[str, ...]) -> list[str]:
    """Return which of the modules a fresh process has after a statement."""
    code = f"{statement}\nimport sys\nprint(*[name for name in {candidates!r} if name in sys.modules])"
    path = [entry for entry in sys.path if entry]  # the checkout under pytest, the wheel under nox
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:] = {path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("module", ["backproof", "backproof.mistakes", "backproof.schema", "backproof.testing"])
def test_importing_loads_nothing_heavy(module: str) -> None:
    assert loaded_by(f"import {module}", HEAVY) == []


def test_the_reference_runs_without_anything_heavy() -> None:
    statement = """
import backproof
from backproof.files import dumps, loads
from backproof.report.json import to_json

text = '{"input_shape": [2], "layers": [{"type": "dense", "units": 3}], "loss": {"type": "squared_error"}, '
spec = loads(text + '"optimizer": {"type": "sgd", "learning_rate": 0.1}}', "json")
assert loads(dumps(spec, "json"), "json") == spec
to_json(backproof.check(spec, implementations=["numpy"], steps=1))
"""
    assert loaded_by(statement, HEAVY) == []


def test_the_command_line_loads_no_framework_before_it_is_asked() -> None:
    assert loaded_by("import backproof.cli, backproof.report.terminal", FRAMEWORKS) == []


def test_public_names_are_there() -> None:
    for name in backproof.__all__:
        assert hasattr(backproof, name)
    assert callable(backproof.check)


def test_the_version_is_that_of_the_project() -> None:
    project = Path(__file__).parents[1] / "pyproject.toml"
    assert backproof.__version__ == tomllib.loads(project.read_text("utf-8"))["project"]["version"]
