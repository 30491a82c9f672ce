"""Rows or columns (64-30-10, sigmoid, mini-batches, real digits), by hand in NumPy.

Asked: a well-known book keeps examples as columns and a neuron as a row of W, and loops over the examples of
a mini-batch; the author of the thread keeps examples as rows and a neuron as a column of W, and takes the
mini-batch at once. Is it the same? And: must the gradient be averaged? Can 30 epochs reach 90 %? Is a rate of
3 far too large? Why do weights from [0, 1) get stuck?

The calculation: cost C = 1/2 sum of (a - y)^2, averaged over mini-batches of 10, rate 3, 30 epochs of
scikit-learn's digits, once in rows and once in columns, from the same weights and in the same order.

What comes out: the same weights, transposed, to rounding. From [-1, 1) the network reaches 97 % of the test
quarter, at rate 3; from [0, 1) it stays at chance. Dividing by 10 or not only changes the rate for plain SGD;
Adam does not notice it, so there the rate must not be changed to make up for it.
"""

from collections.abc import Callable

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

Weights = tuple[np.ndarray, ...]  # W1, b1, W2, b2

# 1. Data and initial weights

images, digits = load_digits(return_X_y=True)
x, x_test, digit, digit_test = train_test_split(images / 16, digits, test_size=0.25, random_state=0)
y = np.eye(10)[digit]  # (1347 examples, 10), one-hot
epochs, batch, rate = 30, 10, 3.0


def initial(low: float, high: float, seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    return tuple(rng.uniform(low, high, size) for size in [(64, 30), 30, (30, 10), 10])  # W1, b1, W2, b2


def order(seed: int = 0, epochs: int = epochs) -> np.ndarray:
    """(mini-batches, 10): which examples; each epoch in a new order, without the seven that fill no batch."""
    rng = np.random.default_rng([seed, 1])
    return np.concatenate([rng.permutation(len(x))[:1340].reshape(-1, batch) for _ in range(epochs)])


# 2. Forward


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def accuracy(W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray) -> np.floating:
    """Percent of the test quarter, in rows."""
    a2 = sigmoid(sigmoid(x_test @ W1 + b1) @ W2 + b2)  # (450, 10)
    return 100 * np.mean(a2.argmax(axis=1) == digit_test)


# 3. Backward


def by_rows(p: Weights, x: np.ndarray, y: np.ndarray) -> Weights:
    """The thread's: x is (10, 64), a neuron a column of W. The whole mini-batch at once."""
    W1, b1, W2, b2 = p
    a1 = sigmoid(x @ W1 + b1)  # (10, 30)
    a2 = sigmoid(a1 @ W2 + b2)  # (10, 10)
    delta2 = (a2 - y) / len(x) * a2 * (1 - a2)
    delta1 = (delta2 @ W2.T) * a1 * (1 - a1)
    return x.T @ delta1, delta1.sum(axis=0), a1.T @ delta2, delta2.sum(axis=0)


def by_columns(p: Weights, x: np.ndarray, y: np.ndarray) -> Weights:
    """The book's: an example is a column, a neuron a row of W. One at a time, then the mean."""
    W1, b1, W2, b2 = p  # (30, 64), (30, 1), (10, 30), (10, 1)
    sums = [np.zeros_like(p_i) for p_i in p]
    for a0, target in zip(x[:, :, np.newaxis], y[:, :, np.newaxis], strict=True):  # (64, 1), (10, 1)
        a1 = sigmoid(W1 @ a0 + b1)
        a2 = sigmoid(W2 @ a1 + b2)
        delta2 = (a2 - target) * a2 * (1 - a2)
        delta1 = (W2.T @ delta2) * a1 * (1 - a1)
        for total, gradient in zip(sums, [delta1 @ a0.T, delta1, delta2 @ a1.T, delta2], strict=True):
            total += gradient
    return tuple(total / len(x) for total in sums)


def to_columns(p: Weights) -> Weights:
    return tuple(np.atleast_2d(p_i).T for p_i in p)


def to_rows(p: Weights) -> Weights:
    W1, b1, W2, b2 = p
    return W1.T, b1[:, 0], W2.T, b2[:, 0]


# 4. Update


def train(p: Weights, backward: Callable[..., Weights], order: np.ndarray, rate: float = rate) -> Weights:
    for chosen in order:
        gradients = backward(p, x[chosen], y[chosen])
        p = tuple(p_i - rate * g for p_i, g in zip(p, gradients, strict=True))
    return p


def adam(p: Weights, order: np.ndarray, rate: float, factor: float) -> Weights:
    """Adam with the gradient multiplied by a factor, and no epsilon to speak of."""
    m, s = [0.0] * 4, [0.0] * 4
    for t, chosen in enumerate(order, start=1):
        g = [factor * g_i for g_i in by_rows(p, x[chosen], y[chosen])]
        m = [0.9 * m_i + 0.1 * g_i for m_i, g_i in zip(m, g, strict=True)]
        s = [0.999 * s_i + 0.001 * g_i**2 for s_i, g_i in zip(s, g, strict=True)]
        scale = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        p = tuple(p_i - scale * m_i / (np.sqrt(s_i) + 1e-30) for p_i, m_i, s_i in zip(p, m, s, strict=True))
    return p


# 5. Figures


def largest_difference(p: Weights, q: Weights) -> np.floating:
    return np.max([np.abs(p_i - q_i).max() for p_i, q_i in zip(p, q, strict=True)])


def figures() -> dict[str, np.ndarray]:
    names = ["W1", "b1", "W2", "b2"]
    start, first = initial(-1, 1), order()[0]
    gradients = by_rows(start, x[first], y[first])
    in_columns = to_rows(by_columns(to_columns(start), x[first], y[first]))
    result = {f"first gradient of {name}": g for name, g in zip(names, gradients, strict=True)}
    result["difference of rows and columns, first gradient"] = largest_difference(gradients, in_columns)

    rows = train(start, by_rows, order())
    columns = to_rows(train(to_columns(start), by_columns, order()))
    result |= {f"{name} after 30 epochs": p for name, p in zip(names, rows, strict=True)}
    result["difference of rows and columns, 30 epochs"] = largest_difference(rows, columns)
    result["accuracy from [-1, 1), before"] = accuracy(*start)
    result["accuracy from [-1, 1), rows"] = accuracy(*rows)
    result["accuracy from [-1, 1), columns"] = accuracy(*columns)
    result["accuracy from [0, 1), rows"] = accuracy(*train(initial(0, 1), by_rows, order()))
    return result


def claims() -> dict[str, np.ndarray]:
    """What only this script measures: seeds and kinds of initial weights, and averaging against summing."""
    result = {}
    for name, low, high in [("[0, 1)", 0, 1), ("[-1, 1)", -1, 1), ("[-1/2, 1/2)", -0.5, 0.5)]:
        runs = [accuracy(*train(initial(low, high, seed), by_rows, order(seed))) for seed in range(3)]
        result[f"three seeds from {name}"] = np.array(runs)
    long = [accuracy(*train(initial(0, 1, seed), by_rows, order(seed, 100))) for seed in range(3)]
    result["three seeds from [0, 1), 100 epochs"] = np.array(long)
    normal = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        start = tuple(rng.standard_normal(size) for size in [(64, 30), 30, (30, 10), 10])
        normal.append(accuracy(*train(start, by_rows, order(seed))))
    result["ten seeds from the standard normal"] = np.array(normal)

    start = initial(-1, 1)
    rates = [0.01, 0.3, 3.0, 30.0, 300.0]
    result["accuracy at rates 0.01, 0.3, 3, 30, 300"] = np.array(
        [accuracy(*train(start, by_rows, order(), rate)) for rate in rates]
    )
    mean = train(start, by_rows, order())
    summed = train(start, lambda *args: tuple(10 * g for g in by_rows(*args)), order(), rate / 10)
    result["sum at rate 0.3 against mean at rate 3: SGD"] = largest_difference(mean, summed)
    mean, same, rescaled = (adam(start, order(), *pair) for pair in [(0.01, 1), (0.01, 10), (0.001, 10)])
    result["sum at rate 0.01 against mean at rate 0.01: Adam"] = largest_difference(mean, same)
    result["sum at rate 0.001 against mean at rate 0.01: Adam"] = largest_difference(mean, rescaled)
    return result


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in (figures() | claims()).items():
        print(name, np.asarray(value), sep="\n", end="\n\n")
