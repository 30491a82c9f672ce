"""From NumPy arrays to a pure function on a tree of JAX arrays, trained on with optax, and back to arrays."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import by_hand
import jax
import numpy as np
import optax

from backproof import ModelSpec, Network, read_spec
from backproof.parameters import from_columns, to_columns
from backproof_adapters.jax import JaxAdapter, JaxTrainer

EXAMPLES = Path(__file__).parents[1]


def port(spec: ModelSpec, arrays: Mapping[str, np.ndarray]) -> JaxTrainer:
    """A tree of arrays, pure functions and an optax optimizer; arrays that do not fit the spec are refused."""
    trainer = JaxAdapter().build(spec)
    trainer.load(Network(spec).initial_state(parameters=arrays))
    return trainer


def train(trainer: JaxTrainer, batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> None:
    """The loop that everybody writes, in float64 without a global switch."""
    with trainer.precision():
        gradient = jax.jit(jax.grad(trainer.loss))
        for x, y in batches:
            g = gradient(trainer.params, x, y)
            updates, trainer.opt_state = trainer.optimizer.update(g, trainer.opt_state, trainer.params)
            trainer.params = optax.apply_updates(trainer.params, updates)


def rows() -> float:
    """Arrays in rows go in under their names as they are."""
    weight1, weight2 = by_hand.trained_rows()
    spec = read_spec(EXAMPLES / "two_layers_no_bias" / "spec.json")
    trainer = port(spec, {"hidden.weight": weight1, "output.weight": weight2})
    train(trainer, [(by_hand.x_rows, by_hand.y_rows)] * 100)
    reached = trainer.state().parameters
    back = reached["hidden.weight"], reached["output.weight"]
    return by_hand.largest_difference(back, by_hand.train_rows(weight1, weight2))


def columns() -> float:
    """Arrays in columns go in through from_columns, and come back through to_columns."""
    arrays = by_hand.trained_columns()
    spec = read_spec(EXAMPLES / "rows_or_columns" / "spec.json")
    trainer = port(spec, from_columns(dict(zip(spec.parameters, arrays, strict=True))))
    x, y = (np.split(z.T, 20) for z in [by_hand.x_columns, by_hand.y_columns])
    train(trainer, [*zip(x, y, strict=True)] * 5)
    back = tuple(to_columns(trainer.state().parameters).values())
    return by_hand.largest_difference(back, by_hand.train_columns(*arrays))


if __name__ == "__main__":
    for convention in [rows, columns]:
        print(f"{convention.__name__}, trained on for 100 steps: largest difference {convention():.1e}")
