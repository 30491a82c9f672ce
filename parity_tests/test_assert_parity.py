"""`assert_parity` passes what is right, and says of what is wrong where, who and by how much."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof import (
    BadInput,
    MissingFramework,
    ModelSpec,
    Network,
    SpecError,
    StepRecord,
    implementation,
    verdict,
)
from backproof.fields import Array
from backproof.files import write_spec
from backproof.implementation import Implementation, NumPy, NumPyTrainer
from backproof.testing import assert_parity
from doubles import SPEC, Double


def test_what_is_right_passes(tmp_path: Path) -> None:
    write_spec(SPEC, tmp_path / "net.toml")
    right = Double("right", Network)
    for spec in (SPEC, SPEC.model_dump(mode="json"), tmp_path / "net.toml", str(tmp_path / "net.toml")):
        report = assert_parity(spec, implementations=["numpy", right], steps=2)
        assert report.answer == "agree"
        assert [verdict.dtype for verdict in report.verdicts] == ["float64", "float32"]


def failure(implementations: Sequence[str | Implementation], **options: Any) -> str:
    with pytest.raises(AssertionError) as failed:
        assert_parity(SPEC, implementations=implementations, **options)
    return str(failed.value)


def test_the_message_says_where_who_and_by_how_much() -> None:
    message = failure(["numpy", Double()], dtypes=["float64"])
    x, y = SPEC.random_batch(8, seed=0)
    network = Network(SPEC)
    gradient = network.step(network.initial_state(), x, y).gradients["hidden.bias"]
    worst = int(np.abs(gradient).argmax())
    lines = message.splitlines()
    assert lines[0] == "float64: first divergence at step 1, backward, d hidden.bias: mine is odd"
    assert lines[1].startswith("  mine: off by ")
    assert "(100 % of it)" in lines[1]
    assert f"times what rounding explains, {verdict.K:g} are allowed" in lines[1]
    expected, found = float(gradient[worst]), 2.0 * float(gradient[worst])
    assert lines[2] == f"    farthest at d hidden.bias[{worst}]: expected {expected!r}, found {found!r}"
    assert "other comparisons differ:" in lines[3]
    assert lines[4].startswith("    step 1, update, Δ hidden.bias: mine: off by")
    assert lines[-1].startswith("    ... and ")
    assert len(lines) < 16


def test_both_precisions_are_reported() -> None:
    message = failure(["numpy", Double()], resync=True, steps=1)
    assert [line[:8] for line in message.splitlines() if "first divergence" in line] == ["float64:", "float32:"]


def test_the_odd_one_is_odd_alone_too() -> None:
    assert "mine is odd" in failure([Double()])


class Misshapen(NumPyTrainer):
    """Returns a gradient that lies the other way round."""

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        record = super().step(x, y)
        record.gradients["output.weight"] = record.gradients["output.weight"].T
        return record


class MisshapenDouble(Double):
    """Builds that."""

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> NumPyTrainer:
        return Misshapen(Network(spec), dtype)


def test_a_wrong_shape_is_named() -> None:
    message = failure(["numpy", MisshapenDouble()], steps=1)
    assert "step 1, backward, d output.weight" in message
    assert "mine: shape (3, 5), expected (5, 3)" in message


class Broken(NumPyTrainer):
    """Leaves one output out, and returns NaN for another."""

    def step(self, x: Array, y: Array, side: Mapping[str, Array] | None = None) -> StepRecord:
        record = super().step(x, y)
        record.outputs["output"] = np.full_like(record.outputs["output"], np.nan)
        del record.outputs["tanh1"]
        return record


class BrokenDouble(Double):
    """Builds that."""

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> NumPyTrainer:
        return Broken(Network(spec), dtype)


def test_missing_tensors_and_nan_are_differences() -> None:
    message = failure(["numpy", BrokenDouble()], steps=1, dtypes=["float32"])
    assert "step 1, forward, tanh1" in message
    assert "mine: missing" in message
    assert "step 1, forward, output: mine: not finite in the same places (output[0, 0]: expected " in message


def test_nothing_proved_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "USELESS", -1.0)  # as if every floor were too high
    message = failure(["numpy", Double("right", Network)], steps=1, dtypes=["float32"])
    assert message.splitlines()[0] == "rounding alone could explain anything here, so nothing is proved"
    assert message.splitlines()[1].startswith("  float32: ")


def test_a_named_implementation_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(name: str) -> Implementation:
        if name == "numpy":
            return NumPy()
        raise MissingFramework(f"{name}: not installed; python -m pip install 'backproof[{name}]'")

    monkeypatch.setattr(implementation, "load", load)
    monkeypatch.setattr(implementation, "names", lambda: ("numpy", "torch", "jax"))
    with pytest.raises(MissingFramework, match=r"backproof\[torch\]"):
        assert_parity(SPEC, implementations=["numpy", "torch"])
    with pytest.raises(MissingFramework, match=r"(?s)backproof\[torch\].*backproof\[jax\]"):
        assert_parity(SPEC)
    monkeypatch.setattr(implementation, "load", lambda name: NumPy() if name == "numpy" else _load_one(name, load))
    assert set(assert_parity(SPEC, steps=1).versions) == {"numpy", "jax"}


def _load_one(name: str, otherwise: Any) -> Implementation:
    return Double("jax", Network) if name == "jax" else otherwise(name)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"implementations": ["numpy", "nonsense"]}, "found nonsense"),
        ({"implementations": ["numpy", "numpy"]}, "each name once, found numpy again"),
        ({"implementations": [Double(), Double()]}, "each name once, found mine again"),
        ({"implementations": []}, "at least one"),
        ({"implementations": ["numpy"], "steps": 0}, "steps: expected at least 1, found 0"),
        ({"implementations": ["numpy"], "parameters": {}}, "hidden.weight: missing"),
        ({"implementations": ["numpy"], "data": (np.ones((2, 3)), np.ones((2, 3)))}, r"x: expected shape"),
    ],
)
def test_bad_input_is_no_assertion(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        assert_parity(SPEC, **options)


@pytest.mark.parametrize("spec", [{"layers": 3}, {"name": object()}, "missing.json"])
def test_a_bad_spec_is_a_spec_error(spec: Any) -> None:
    with pytest.raises(SpecError):
        assert_parity(spec, implementations=["numpy"])
