"""Rows or columns (64-30-10, sigmoid, mini-batches, real digits), in PyTorch.

Asked: a well-known book keeps examples as columns and a neuron as a row of W, and loops over the examples of
a mini-batch; the author of the thread keeps examples as rows and a neuron as a column of W, and takes the
mini-batch at once. Is it the same? And: must the gradient be averaged? Can 30 epochs reach 90 %? Is a rate of
3 far too large? Why do weights from [0, 1) get stuck?

The calculation: cost C = 1/2 sum of (a - y)^2, averaged over mini-batches of 10, rate 3, 30 epochs of
scikit-learn's digits, in rows with nn.Linear and in columns with W @ a + b, from the same weights and in the
same order.

What comes out: the same weights, transposed, to rounding, and the same percentages as by hand. nn.Linear is
between the two: examples are rows, and a neuron is a row of its weight.
"""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

torch.set_default_dtype(torch.float64)

Weights = tuple[torch.Tensor, ...]  # W1, b1, W2, b2

# 1. Data and initial weights

images, digits = load_digits(return_X_y=True)
split = train_test_split(images / 16, digits, test_size=0.25, random_state=0)
x, x_test, digit, digit_test = (torch.from_numpy(array) for array in split)
y = nn.functional.one_hot(digit, 10).double()  # (1347 examples, 10)
epochs, batch, rate = 30, 10, 3.0


def initial(low: float, high: float, seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)
    return tuple(torch.from_numpy(rng.uniform(low, high, size)) for size in [(64, 30), 30, (30, 10), 10])


def order(seed: int = 0) -> torch.Tensor:
    """(mini-batches, 10): which examples; each epoch in a new order, without the seven that fill no batch."""
    rng = np.random.default_rng([seed, 1])
    orders = [rng.permutation(len(x))[:1340].reshape(-1, batch) for _ in range(epochs)]
    return torch.from_numpy(np.concatenate(orders))


# 2. Forward


def in_rows(p: Weights) -> nn.Sequential:
    """The thread's: x is (10, 64), a neuron a column of W. nn.Linear keeps W.T."""
    network = nn.Sequential(nn.Linear(64, 30), nn.Sigmoid(), nn.Linear(30, 10), nn.Sigmoid())
    with torch.no_grad():
        for mine, given in zip(network.parameters(), p, strict=True):
            mine.copy_(given.t())
    return network


def in_columns(p: Weights, a0: torch.Tensor) -> torch.Tensor:
    """The book's: a0 is (64, 10), a neuron a row of W, a bias a column."""
    W1, b1, W2, b2 = p  # (30, 64), (30, 1), (10, 30), (10, 1)
    a1 = torch.sigmoid(W1 @ a0 + b1)
    return torch.sigmoid(W2 @ a1 + b2)


def accuracy(network: nn.Sequential) -> torch.Tensor:
    """Percent of the test quarter, in rows."""
    return 100 * (network(x_test).argmax(dim=1) == digit_test).double().mean()


# 3. Backward


def cost(a2: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """In rows or in columns; batch is the number of examples, which .mean() would not divide by."""
    return 0.5 * torch.sum((a2 - y) ** 2) / batch


def to_columns(p: Weights) -> Weights:
    return tuple(torch.atleast_2d(p_i).T.clone().requires_grad_() for p_i in p)


def to_rows(p: Weights) -> Weights:
    W1, b1, W2, b2 = p
    return W1.T, b1[:, 0], W2.T, b2[:, 0]


def row_weights(network: nn.Sequential) -> Weights:
    return tuple(p.detach().t() for p in network.parameters())


# 4. Update


def train_rows(p: Weights) -> nn.Sequential:
    network = in_rows(p)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    for chosen in order():
        optimizer.zero_grad()
        cost(network(x[chosen]), y[chosen]).backward()
        optimizer.step()
    return network


def train_columns(p: Weights) -> Weights:
    p = to_columns(p)
    optimizer = torch.optim.SGD(p, lr=rate)
    for chosen in order():
        optimizer.zero_grad()
        cost(in_columns(p, x[chosen].T), y[chosen].T).backward()
        optimizer.step()
    return to_rows(p)


# 5. Figures


def largest_difference(p: Weights, q: Weights) -> torch.Tensor:
    return torch.stack([(p_i - q_i).abs().max() for p_i, q_i in zip(p, q, strict=True)]).max()


def figures() -> dict[str, np.ndarray]:
    names = ["W1", "b1", "W2", "b2"]
    start, first = initial(-1, 1), order()[0]
    network, columns = in_rows(start), to_columns(start)
    gradients = torch.autograd.grad(cost(network(x[first]), y[first]), list(network.parameters()))
    gradients = tuple(g.t() for g in gradients)
    column_gradients = to_rows(torch.autograd.grad(cost(in_columns(columns, x[first].T), y[first].T), columns))
    result = {f"first gradient of {name}": g for name, g in zip(names, gradients, strict=True)}
    result["difference of rows and columns, first gradient"] = largest_difference(gradients, column_gradients)

    rows = train_rows(start)
    columns = train_columns(start)
    result |= {f"{name} after 30 epochs": p for name, p in zip(names, row_weights(rows), strict=True)}
    result["difference of rows and columns, 30 epochs"] = largest_difference(row_weights(rows), columns)
    result["accuracy from [-1, 1), before"] = accuracy(in_rows(start))
    result["accuracy from [-1, 1), rows"] = accuracy(rows)
    result["accuracy from [-1, 1), columns"] = accuracy(in_rows(columns))
    result["accuracy from [0, 1), rows"] = accuracy(train_rows(initial(0, 1)))
    return {name: value.detach().numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
