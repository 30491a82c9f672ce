"""Networks computed without matrix products, or with unusual ones: read as their authors meant them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from backproof.doctor.infer import infer
from backproof.doctor.reading import Reading
from backproof.doctor.watch import watch

SCRIPTS = Path(__file__).parent / "doctor_scripts" / "loops"
TRUTH: dict[str, dict[str, Any]] = yaml.safe_load((SCRIPTS / "truth.yaml").read_text())


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_read_as_meant(name: str) -> None:
    truth = TRUTH[name]
    watched = watch(SCRIPTS / f"{name}.py", time_limit=10.0)
    assert watched.ended == "finished", watched.error
    reading = infer(watched.recording)
    assert [step.x.shape[0] for step in reading.steps] == [truth["batch"]] * len(reading.steps)
    assert _network(reading) == (truth["sizes"], truth["activations"])
    assert reading.convention == truth["convention"]
    _outputs_repeat(reading)
    assert reading.spec.model_dump()["loss"]["type"] == truth["loss"]
    assert reading.spec.model_dump()["optimizer"]["type"] == truth.get("optimizer", "sgd")
    assert _step(reading) == pytest.approx(truth["step"] / truth.get("per", 1))


def _network(reading: Reading) -> tuple[str, list[str]]:
    """Return the sizes, as in 2-3-1, and the name of the activation after each dense layer."""
    spec = reading.spec.model_dump()
    sizes, activations = [str(spec["input_shape"][0])], []
    for layer in spec["layers"]:
        if layer["type"] == "dense":
            assert layer["bias"]
            sizes.append(str(layer["units"]))
            activations.append("linear")
        else:
            activations[-1] = layer["type"]
    if spec["loss"]["type"] == "cross_entropy":
        activations[-1] = "softmax"
    return "-".join(sizes), activations


def _outputs_repeat(reading: Reading) -> None:
    """Every output follows from the step's input and weights."""
    for step in reading.steps:
        a = step.x
        for name, layer in zip(reading.spec.layer_names, reading.spec.layers, strict=True):
            own = {key.rpartition(".")[2]: w for key, w in step.before.items() if key.startswith(f"{name}.")}
            a = layer.forward(own, a)[0]
            np.testing.assert_allclose(step.outputs[name], a, rtol=1e-9)


def _step(reading: Reading) -> float:
    """Return by what the summed loss' gradient (for a squared error half of it) is multiplied in an update."""
    spec, n = reading.spec.model_dump(), reading.batch_size
    loss = spec["loss"]
    entries = n if loss["type"] == "cross_entropy" else n * int(reading.spec.shapes[-1][0])
    divisor = {"mean": entries, "batch_mean": n, "sum": 1}[loss["reduction"]]
    twice = 2 if loss["type"] == "squared_error" else 1
    return float(spec["optimizer"]["learning_rate"]) * float(loss.get("factor", 1.0)) * twice / divisor
