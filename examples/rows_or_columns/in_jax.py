"""Rows or columns (64-30-10, sigmoid, mini-batches, real digits), in JAX.

Asked: a well-known book keeps examples as columns and a neuron as a row of W, and loops over the examples of
a mini-batch; the author of the thread keeps examples as rows and a neuron as a column of W, and takes the
mini-batch at once. Is it the same? And: must the gradient be averaged? Can 30 epochs reach 90 %? Is a rate of
3 far too large? Why do weights from [0, 1) get stuck?

The calculation: cost C = 1/2 sum of (a - y)^2, averaged over mini-batches of 10, rate 3, 30 epochs of
scikit-learn's digits, in rows with a whole mini-batch and in columns with vmap over single examples, from the
same weights and in the same order.

What comes out: the same weights, transposed, to rounding, and the same percentages as by hand.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

jax.config.update("jax_enable_x64", True)

Weights = tuple[jax.Array, ...]  # W1, b1, W2, b2

# 1. Data and initial weights

images, digits = load_digits(return_X_y=True)
split = train_test_split(images / 16, digits, test_size=0.25, random_state=0)
x, x_test, digit, digit_test = (jnp.asarray(array) for array in split)
y = jax.nn.one_hot(digit, 10)  # (1347 examples, 10)
epochs, batch, rate = 30, 10, 3.0


def initial(low: float, high: float, seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    return tuple(jnp.asarray(rng.uniform(low, high, size)) for size in [(64, 30), 30, (30, 10), 10])


def order(seed: int = 0) -> np.ndarray:
    """(mini-batches, 10): which examples; each epoch in a new order, without the seven that fill no batch."""
    rng = np.random.default_rng([seed, 1])
    return np.concatenate([rng.permutation(len(x))[:1340].reshape(-1, batch) for _ in range(epochs)])


# 2. Forward


def in_rows(p: Weights, a0: jax.Array) -> jax.Array:
    """The thread's: a0 is (10, 64), a neuron a column of W."""
    W1, b1, W2, b2 = p  # (64, 30), (30,), (30, 10), (10,)
    a1 = jax.nn.sigmoid(a0 @ W1 + b1)
    return jax.nn.sigmoid(a1 @ W2 + b2)


def in_columns(p: Weights, a0: jax.Array) -> jax.Array:
    """The book's: a0 is one example, (64, 1), a neuron a row of W, a bias a column."""
    W1, b1, W2, b2 = p  # (30, 64), (30, 1), (10, 30), (10, 1)
    a1 = jax.nn.sigmoid(W1 @ a0 + b1)
    return jax.nn.sigmoid(W2 @ a1 + b2)


def accuracy(p: Weights) -> jax.Array:
    """Percent of the test quarter, in rows."""
    return 100 * jnp.mean(in_rows(p, x_test).argmax(axis=1) == digit_test, dtype=jnp.float64)


# 3. Backward


@jax.grad
def by_rows(p: Weights, x: jax.Array, y: jax.Array) -> jax.Array:
    return 0.5 * jnp.sum((in_rows(p, x) - y) ** 2) / batch


def by_columns(p: Weights, x: jax.Array, y: jax.Array) -> Weights:
    """The gradient of each example, then the mean: vmap is the loop."""

    @jax.grad
    def of_example(p: Weights, a0: jax.Array, target: jax.Array) -> jax.Array:
        return 0.5 * jnp.sum((in_columns(p, a0) - target) ** 2)

    each = jax.vmap(of_example, in_axes=(None, 0, 0))(p, x[:, :, jnp.newaxis], y[:, :, jnp.newaxis])
    return jax.tree.map(lambda g: g.mean(axis=0), each)


def to_columns(p: Weights) -> Weights:
    return tuple(jnp.atleast_2d(p_i).T for p_i in p)


def to_rows(p: Weights) -> Weights:
    W1, b1, W2, b2 = p
    return W1.T, b1[:, 0], W2.T, b2[:, 0]


# 4. Update


@partial(jax.jit, static_argnames="backward")
def train(p: Weights, backward: Callable[..., Weights], order: jax.Array) -> Weights:
    optimizer = optax.sgd(rate)

    def step(
        carry: tuple[Weights, optax.OptState], chosen: jax.Array
    ) -> tuple[tuple[Weights, optax.OptState], None]:
        p, state = carry
        updates, state = optimizer.update(backward(p, x[chosen], y[chosen]), state)
        return (optax.apply_updates(p, updates), state), None

    return jax.lax.scan(step, (p, optimizer.init(p)), order)[0][0]


# 5. Figures


def largest_difference(p: Weights, q: Weights) -> jax.Array:
    return jnp.stack([jnp.abs(p_i - q_i).max() for p_i, q_i in zip(p, q, strict=True)]).max()


def figures() -> dict[str, np.ndarray]:
    names = ["W1", "b1", "W2", "b2"]
    start, first = initial(-1, 1), order()[0]
    gradients = by_rows(start, x[first], y[first])
    column_gradients = to_rows(by_columns(to_columns(start), x[first], y[first]))
    result = {f"first gradient of {name}": g for name, g in zip(names, gradients, strict=True)}
    result["difference of rows and columns, first gradient"] = largest_difference(gradients, column_gradients)

    rows = train(start, by_rows, order())
    columns = to_rows(train(to_columns(start), by_columns, order()))
    result |= {f"{name} after 30 epochs": p for name, p in zip(names, rows, strict=True)}
    result["difference of rows and columns, 30 epochs"] = largest_difference(rows, columns)
    result["accuracy from [-1, 1), before"] = accuracy(start)
    result["accuracy from [-1, 1), rows"] = accuracy(rows)
    result["accuracy from [-1, 1), columns"] = accuracy(columns)
    result["accuracy from [0, 1), rows"] = accuracy(train(initial(0, 1), by_rows, order()))
    return {name: np.asarray(value) for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
