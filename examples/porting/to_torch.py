"""From NumPy arrays to a native PyTorch model, trained on there, and back to arrays.

nn.Linear keeps a neuron as a row of its weight; whichever way yours lie, the adapter puts them there.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import by_hand
import numpy as np
import torch
from torch import nn

from backproof import ModelSpec, Network, read_spec
from backproof.parameters import from_columns, to_columns
from backproof_adapters.torch import TorchAdapter, TorchTrainer

EXAMPLES = Path(__file__).parents[1]


def port(spec: ModelSpec, arrays: Mapping[str, np.ndarray]) -> TorchTrainer:
    """An nn.Sequential with its loss and optimizer; arrays that do not fit the spec are refused."""
    trainer = TorchAdapter().build(spec)
    trainer.load(Network(spec).initial_state(parameters=arrays))
    return trainer


def train(trainer: TorchTrainer, batches: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
    """The loop that everybody writes; `trainer.module` knows nothing of backproof."""
    model: nn.Sequential = trainer.module
    for x, y in batches:
        trainer.optimizer.zero_grad()
        trainer.loss(model(x), y).backward()
        trainer.optimizer.step()


def rows() -> float:
    """Arrays in rows go in under their names as they are."""
    weight1, weight2 = by_hand.trained_rows()
    spec = read_spec(EXAMPLES / "two_layers_no_bias" / "spec.json")
    trainer = port(spec, {"hidden.weight": weight1, "output.weight": weight2})
    x, y = torch.from_numpy(by_hand.x_rows), torch.from_numpy(by_hand.y_rows)
    train(trainer, [(x, y)] * 100)
    reached = trainer.state().parameters
    back = reached["hidden.weight"], reached["output.weight"]
    return by_hand.largest_difference(back, by_hand.train_rows(weight1, weight2))


def columns() -> float:
    """Arrays in columns go in through from_columns, and come back through to_columns."""
    arrays = by_hand.trained_columns()
    spec = read_spec(EXAMPLES / "rows_or_columns" / "spec.json")
    trainer = port(spec, from_columns(dict(zip(spec.parameters, arrays, strict=True))))
    x, y = torch.from_numpy(by_hand.x_columns.T), torch.from_numpy(by_hand.y_columns.T)
    train(trainer, [(x[first : first + 10], y[first : first + 10]) for first in range(0, 200, 10)] * 5)
    back = tuple(to_columns(trainer.state().parameters).values())
    return by_hand.largest_difference(back, by_hand.train_columns(*arrays))


if __name__ == "__main__":
    for convention in [rows, columns]:
        print(f"{convention.__name__}, trained on for 100 steps: largest difference {convention():.1e}")
