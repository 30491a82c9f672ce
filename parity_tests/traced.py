"""What the tests of the worked calculation have in common: the first network, a dense one, a terminal."""

import io
import json
from pathlib import Path
from typing import Any

from rich.console import Console

from backproof import ModelSpec, read_spec
from backproof.files import read_data
from backproof.trace import Calculation, Convention, trace
from backproof.trace.formats import terminal

EXAMPLES = Path(__file__).parent.parent / "examples"


def all_ones(convention: Convention, steps: int = 1) -> Calculation:
    folder = EXAMPLES / "all_ones"
    spec, data = read_spec(folder / "spec.json"), read_data(folder / "data.json")
    return trace(spec, data=data, convention=convention, steps=steps)


def on_terminal(calculation: Calculation, width: int = 80, encoding: str = "utf-8", **options: Any) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    terminal.show(calculation, Console(file=file, width=width, highlight=False), **options)
    file.seek(0)
    return file.read()


def spec_of(*layers: dict[str, Any], **fields: Any) -> ModelSpec:
    described = {
        "input_shape": [3],
        "layers": layers,
        "loss": {"type": "squared_error"},
        "optimizer": {"type": "sgd", "learning_rate": 0.5},
    }
    return ModelSpec.model_validate_json(json.dumps(described | fields))


DENSE = spec_of(
    {"type": "dense", "name": "hidden", "units": 5},
    {"type": "tanh"},
    {"type": "dense", "name": "middle", "units": 4, "bias": False},
    {"type": "leaky_relu"},
    {"type": "dense", "name": "last", "units": 2},
    {"type": "softmax"},
    loss={"type": "squared_error", "factor": 0.5, "reduction": "batch_mean"},
    optimizer={"type": "adam", "learning_rate": 0.1, "clip": {"type": "norm", "limit": 0.01}},
)
