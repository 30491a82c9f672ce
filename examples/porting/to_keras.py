"""From NumPy arrays to a native Keras model, trained on by fit, and back to arrays.

fit casts NumPy arrays to Keras' default of float32; a tf.data.Dataset keeps the float64 it holds.
"""

from collections.abc import Mapping
from pathlib import Path

import by_hand
import keras
import numpy as np
import tensorflow as tf

from backproof import ModelSpec, Network, read_spec
from backproof.parameters import from_columns, to_columns
from backproof_adapters.tensorflow import TensorFlowAdapter, TensorFlowTrainer

EXAMPLES = Path(__file__).parents[1]


def port(spec: ModelSpec, arrays: Mapping[str, np.ndarray]) -> TensorFlowTrainer:
    """A keras.Sequential with its loss and optimizer; arrays that do not fit the spec are refused."""
    trainer = TensorFlowAdapter().build(spec)
    trainer.load(Network(spec).initial_state(parameters=arrays))
    return trainer


def train(trainer: TensorFlowTrainer, x: np.ndarray, y: np.ndarray, batch: int, epochs: int) -> None:
    """What everybody writes; `trainer.model` knows nothing of backproof."""
    model: keras.Sequential = trainer.model
    model.compile(optimizer=trainer.optimizer, loss=trainer.loss)
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch)
    model.fit(batches, epochs=epochs, shuffle=False, verbose=0)


def rows() -> float:
    """Arrays in rows go in under their names as they are."""
    weight1, weight2 = by_hand.trained_rows()
    spec = read_spec(EXAMPLES / "two_layers_no_bias" / "spec.json")
    trainer = port(spec, {"hidden.weight": weight1, "output.weight": weight2})
    train(trainer, by_hand.x_rows, by_hand.y_rows, batch=4, epochs=100)
    reached = trainer.state().parameters
    back = reached["hidden.weight"], reached["output.weight"]
    return by_hand.largest_difference(back, by_hand.train_rows(weight1, weight2))


def columns() -> float:
    """Arrays in columns go in through from_columns, and come back through to_columns."""
    arrays = by_hand.trained_columns()
    spec = read_spec(EXAMPLES / "rows_or_columns" / "spec.json")
    trainer = port(spec, from_columns(dict(zip(spec.parameters, arrays, strict=True))))
    train(trainer, by_hand.x_columns.T, by_hand.y_columns.T, batch=10, epochs=5)
    back = tuple(to_columns(trainer.state().parameters).values())
    return by_hand.largest_difference(back, by_hand.train_columns(*arrays))


if __name__ == "__main__":
    for convention in [rows, columns]:
        print(f"{convention.__name__}, trained on for 100 steps: largest difference {convention():.1e}")
