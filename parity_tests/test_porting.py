"""The porting scripts: arrays to a native model, trained on natively, and back; and what is refused or found.

How far a script may be from the loop by hand is measured: each is within K noise floors of the reference.
"""

import ast
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backproof import ModelSpec, Network, State, StepRecord, WeightsError, check, read_spec
from backproof.check import split
from backproof.fields import Array
from backproof.implementation import Implementation, Trainer
from backproof.noise import expect
from backproof.parameters import from_columns
from backproof.verdict import K
from cases import case
from cases.base import dense
from conftest import load
from test_examples import EXAMPLES

PORTING = EXAMPLES / "porting"
SCRIPTS = {"torch": "to_torch.py", "jax": "to_jax.py", "tensorflow": "to_keras.py"}
FOLDERS = {"rows": "two_layers_no_bias", "columns": "rows_or_columns"}
STEPS = 100

by_hand = SimpleNamespace(**runpy.run_path(str(PORTING / "by_hand.py")))


def spec_of(convention: str) -> ModelSpec:
    return read_spec(EXAMPLES / FOLDERS[convention] / "spec.json")


def arrays_of(convention: str) -> dict[str, Array]:
    """The trained arrays by their canonical names, in their own convention."""
    trained = getattr(by_hand, f"trained_{convention}")()
    return dict(zip(spec_of(convention).parameters, trained, strict=True))


# Trained on for 100 steps


@pytest.fixture(scope="module")
def printed(implementations: list[Implementation]) -> Iterator[Callable[[str], str]]:
    """What the script of a framework prints; all of them run at once."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    processes = {
        one.name: subprocess.Popen(
            [sys.executable, str(PORTING / SCRIPTS[one.name])],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for one in implementations
        if one.name in SCRIPTS
    }

    @cache
    def of(framework: str) -> str:
        stdout, stderr = processes[framework].communicate(timeout=300)
        assert processes[framework].returncode == 0, stderr[-4000:]
        return stdout

    yield of
    for process in processes.values():
        if process.poll() is None:
            process.kill()
            process.communicate()


@cache
def allowed(convention: str) -> float:
    """How far two right answers may be apart after 100 steps: each is within K noise floors of the reference."""
    spec, arrays = spec_of(convention), arrays_of(convention)
    if convention == "rows":
        parameters, x, y, size = arrays, by_hand.x_rows, by_hand.y_rows, 4
    else:
        parameters, x, y, size = from_columns(arrays), by_hand.x_columns.T, by_hand.y_columns.T, 10
    batches = split(spec, (x, y), STEPS, size)
    floors = expect(spec, Network(spec).initial_state(parameters=parameters), batches, np.float64).floors
    return 2 * K * max(floors[STEPS - 1, "update", name].value for name in parameters)


@pytest.mark.parametrize("convention", FOLDERS)
def test_trained_natively_it_is_the_loop_by_hand(
    framework: str, convention: str, printed: Callable[[str], str]
) -> None:
    pattern = rf"^{convention}, trained on for {STEPS} steps: largest difference (\d\.\de[+-]\d+)$"
    (difference,) = re.findall(pattern, printed(framework), re.MULTILINE)
    assert float(difference) <= allowed(convention)


@pytest.mark.parametrize("convention", FOLDERS)
def test_one_step_less_would_be_found(convention: str) -> None:
    train, start = getattr(by_hand, f"train_{convention}"), arrays_of(convention).values()
    reached, short = (train(*start, steps=steps) for steps in (STEPS, STEPS - 1))
    assert by_hand.largest_difference(reached, short) > allowed(convention)


# What does not fit


@pytest.fixture
def port(framework: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trainer]:
    """The function `port` of the framework's script."""
    load(framework)
    monkeypatch.syspath_prepend(str(PORTING))
    found: Callable[..., Trainer] = runpy.run_path(str(PORTING / SCRIPTS[framework]))["port"]
    return found


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda given: given | {"hidden.bias": None}, r"hidden\.bias: expected real numbers, found dtype object"),
        (lambda given: {n: w for n, w in given.items() if n != "hidden.bias"}, r"hidden\.bias: missing"),
        (lambda given: given | {"hidden.scale": np.ones(30)}, r"hidden\.scale: not in the spec"),
        (
            lambda given: given | {"hidden.weight": given["hidden.weight"].T},
            r"hidden\.weight: expected shape \(64, 30\), found \(30, 64\)",
        ),
        (
            lambda given: given | {"hidden.bias": given["hidden.bias"][:, None]},
            r"hidden\.bias: expected shape \(30,\), found \(30, 1\)",
        ),
        (lambda given: given | {"hidden.bias": np.full(30, np.nan)}, r"hidden\.bias: expected finite numbers"),
    ],
    ids=["no array", "missing bias", "unknown name", "transposed weight", "bias as a column", "not a number"],
)
def test_arrays_that_do_not_fit_are_refused(
    port: Callable[..., Trainer], spoil: Callable[[dict[str, Array]], dict[str, Any]], message: str
) -> None:
    given = from_columns(arrays_of("columns"))
    with pytest.raises(WeightsError, match=message):
        port(spec_of("columns"), spoil(given))


class Ported:
    """A framework's model, its weights carried over from another layout by `carry`."""

    def __init__(self, one: Implementation, carry: Callable[[Array], Array]) -> None:
        self.name = one.name
        self.versions = one.versions
        self.one = one
        self.carry = carry

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> "PortedTrainer":
        return PortedTrainer(self.one.build(spec, dtype), self.carry)


class PortedTrainer:
    """The trainer of `Ported`: what it takes over goes through `carry`."""

    def __init__(self, trainer: Trainer, carry: Callable[[Array], Array]) -> None:
        self.trainer = trainer
        self.carry = carry
        self.state = trainer.state

    def load(self, state: State) -> None:
        self.trainer.load(replace(state, parameters={name: self.carry(w) for name, w in state.parameters.items()}))

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        return self.trainer.step(x, y, side)


def test_a_transposed_square_weight_is_found(framework: str) -> None:
    """No shape gives it away, so it is not refused; its first output does."""
    spec = case("square", [dense(4), dense(4)]).spec
    right = check(spec, implementations=["numpy", Ported(load(framework), lambda w: w)])
    assert right.answer == "agree"
    wrong = check(spec, implementations=["numpy", Ported(load(framework), lambda w: w.T)])
    for verdict in wrong.verdicts:
        first = verdict.divergence
        assert first is not None
        assert (first.step, first.phase, first.tensor) == (0, "forward", "dense1")
        assert first.odd == (framework,)


# Ten lines


@pytest.mark.parametrize("script", SCRIPTS.values())
def test_the_core_is_ten_lines(script: str) -> None:
    tree = ast.parse((PORTING / script).read_text(encoding="utf-8"))
    core = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name in ("port", "train")]
    assert len(core) == 2
    bodies = [f.body[1:] for f in core]  # without the docstring
    assert sum((body[-1].end_lineno or 0) - body[0].lineno + 1 for body in bodies) <= 10
