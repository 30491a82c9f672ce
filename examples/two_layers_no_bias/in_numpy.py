"""Two layers without bias (3-4-1, sigmoid), by hand in NumPy.

Asked: in this loop of a well-known tutorial the weights are changed by `weight += a.T @ dC_dw`. Why does that
work, and not `weight -= rate * dC_dw`, as gradient descent is written everywhere else?

The calculation: cost C = 1/2 sum of (a - y)^2, 1000 iterations at rate 1, first with the names used there,
then with the field's.

What comes out: the same weights, to the last bits. What was called dC_dw is -delta, the negated gradient with
respect to z: the shapes show it, (4, 1) per observation where weight2 is (4, 1) per weight, and (4, 4) where
weight1 is (3, 4). The gradient of a weight is a.T @ delta, and the plus sign is two minus signs.
"""

import numpy as np

# 1. Data and initial weights

x = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=float)  # (4 observations, 3 features)
y = np.array([[0], [1], [1], [0]], dtype=float)  # (4 observations, 1 output)


def initial() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.RandomState(1)  # the same stream as np.random.seed(1), without the global state
    weight1 = rng.random_sample((3, 4))
    weight2 = rng.random_sample((4, 1))
    return weight1, weight2


# 2. Forward


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def forward(weight1: np.ndarray, weight2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    a1 = sigmoid(x @ weight1)  # (4, 4): 4 observations, 4 units
    a2 = sigmoid(a1 @ weight2)  # (4, 1)
    return a1, a2


# 3. Backward


def as_asked(a1: np.ndarray, a2: np.ndarray, weight2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The names of the question. Neither is dC/dw: see the shapes."""
    delta2 = y - a2  # (4, 1): minus dC/da2
    dC_dw2 = delta2 * a2 * (1 - a2)  # (4, 1), one per observation: minus dC/dz2
    # (4, 4), one per observation and unit: minus dC/dz1
    dC_dw1 = (dC_dw2 * weight2.T) * a1 * (1 - a1)
    return dC_dw1, dC_dw2


def backward(a1: np.ndarray, a2: np.ndarray, weight2: np.ndarray) -> tuple[np.ndarray, ...]:
    delta2 = (a2 - y) * a2 * (1 - a2)  # (4, 1): dC/dz2
    delta1 = (delta2 @ weight2.T) * a1 * (1 - a1)  # (4, 4): dC/dz1
    gradient1, gradient2 = x.T @ delta1, a1.T @ delta2  # (3, 4) and (4, 1), like the weights
    return delta1, delta2, gradient1, gradient2


# 4. Update


def train_as_asked(iterations: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    weight1, weight2 = initial()
    for _ in range(iterations):
        a1, a2 = forward(weight1, weight2)
        dC_dw1, dC_dw2 = as_asked(a1, a2, weight2)
        weight2 = weight2 + a1.T @ dC_dw2
        weight1 = weight1 + x.T @ dC_dw1
    return weight1, weight2, a2  # the outputs of the last forward pass, before the last update


def train(iterations: int, rate: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    weight1, weight2 = initial()
    for _ in range(iterations):
        a1, a2 = forward(weight1, weight2)
        _, _, gradient1, gradient2 = backward(a1, a2, weight2)
        weight1 = weight1 - rate * gradient1
        weight2 = weight2 - rate * gradient2
    return weight1, weight2, a2


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    weight1, weight2 = initial()
    a1, a2 = forward(weight1, weight2)
    delta1, delta2, gradient1, gradient2 = backward(a1, a2, weight2)
    result = {"weight1": weight1, "weight2": weight2, "a1": a1, "a2": a2, "delta1": delta1, "delta2": delta2}
    result |= {"dC/dweight1": gradient1, "dC/dweight2": gradient2}

    dC_dw1, dC_dw2 = as_asked(a1, a2, weight2)
    asked, ours = train_as_asked(1000), train(1000)
    result |= {"dC_dw1 as asked": dC_dw1, "dC_dw2 as asked": dC_dw2}
    result |= {
        "outputs as asked": asked[2],
        "outputs": ours[2],
        "trained weight1": ours[0],
        "trained weight2": ours[1],
    }
    result["difference of the two trainings"] = max(np.abs(p - q).max() for p, q in zip(asked, ours, strict=True))
    return result


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
