"""What you have: weights in NumPy arrays, and the loops that trained them, written by hand.

Twice, in the two conventions that people use. Nothing here knows of backproof or of a framework.
"""

from pathlib import Path

import numpy as np

Arrays = tuple[np.ndarray, ...]


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def largest_difference(p: Arrays, q: Arrays) -> float:
    return max(float(np.abs(p_i - q_i).max()) for p_i, q_i in zip(p, q, strict=True))


# Rows: an observation is a row of x, a neuron a column of W; no biases. All four observations at once.

x_rows = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y_rows = np.array([[0.0], [1], [1], [0]])


def train_rows(weight1: np.ndarray, weight2: np.ndarray, steps: int = 100) -> Arrays:
    """Down C = 1/2 sum of (a - y)^2, at rate 1."""
    for _ in range(steps):
        a1 = sigmoid(x_rows @ weight1)
        a2 = sigmoid(a1 @ weight2)
        delta2 = (a2 - y_rows) * a2 * (1 - a2)
        delta1 = (delta2 @ weight2.T) * a1 * (1 - a1)
        weight1, weight2 = weight1 - x_rows.T @ delta1, weight2 - a1.T @ delta2
    return weight1, weight2


def trained_rows() -> Arrays:
    """weight1 (3, 4), weight2 (4, 1)."""
    rng = np.random.RandomState(1)
    return train_rows(rng.random_sample((3, 4)), rng.random_sample((4, 1)))


# Columns: an example is a column of x, a neuron a row of W, a bias a column. Ten of 200 digits at a time.

with np.load(Path(__file__).parents[1] / "rows_or_columns" / "data.npz") as digits:
    x_columns, y_columns = digits["x"].T.astype(float), digits["y"].T.astype(float)  # (64, 200), (10, 200)


def train_columns(W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray, steps: int = 100) -> Arrays:
    """Down C = 1/2 sum of (a - y)^2, averaged over ten digits, at rate 3."""
    for step in range(steps):
        chosen = np.arange(10 * step, 10 * step + 10) % 200
        a0, y = x_columns[:, chosen], y_columns[:, chosen]
        a1 = sigmoid(W1 @ a0 + b1)
        a2 = sigmoid(W2 @ a1 + b2)
        delta2 = (a2 - y) / 10 * a2 * (1 - a2)
        delta1 = (W2.T @ delta2) * a1 * (1 - a1)
        W1, b1 = W1 - 3 * delta1 @ a0.T, b1 - 3 * delta1.sum(axis=1, keepdims=True)
        W2, b2 = W2 - 3 * delta2 @ a1.T, b2 - 3 * delta2.sum(axis=1, keepdims=True)
    return W1, b1, W2, b2


def trained_columns() -> Arrays:
    """W1 (30, 64), b1 (30, 1), W2 (10, 30), b2 (10, 1)."""
    rng = np.random.default_rng(0)
    return train_columns(*(rng.uniform(-1, 1, size) for size in [(30, 64), (30, 1), (10, 30), (10, 1)]))
