"""All weights one (2-3-3-2, sigmoid), by hand in NumPy.

Asked: every weight and bias starts at 1, and after 1000 iterations the outputs are (0.6, 0.2) for both
observations, whatever the targets. What is wrong?

The calculation: cost C = sum of (a - y)^2 over both observations. Weights and bias are one matrix per layer:
the bias is its first row, and the activations get a leading column of ones.

What comes out: the gradients are right. The network sits on a plateau, the means of the target columns,
because the units are saturated (sigma' = 0.019 at the start); the same run leaves it between iterations 5,000
and 10,000, and at rate 3 within 1,000. The three units of a layer do stay identical for ever, but that is not
why it stops.
"""

import numpy as np

# 1. Data and initial weights

x = np.array([[0.8, 0.4], [0.3, 0.3]])  # (2 observations, 2 features)
y = np.array([[0.2, 0.4], [1.0, 0.0]])  # (2 observations, 2 outputs)


def initial() -> list[np.ndarray]:
    """Three augmented matrices, (1 + in, out), bias row first: (3, 3), (4, 3), (4, 2)."""
    return [np.ones((3, 3)), np.ones((4, 3)), np.ones((4, 2))]


# 2. Forward


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def with_ones(a: np.ndarray) -> np.ndarray:
    """(batch, n) -> (batch, 1 + n): the leading column of ones multiplies the bias row."""
    return np.hstack([np.ones((len(a), 1)), a])


def forward(W: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """z1, z2, z3 and a0 = x, a1, a2, a3."""
    zs, activations = [], [x]
    for W_l in W:
        zs.append(with_ones(activations[-1]) @ W_l)
        activations.append(sigmoid(zs[-1]))
    return zs, activations


# 3. Backward


def backward(
    W: list[np.ndarray], zs: list[np.ndarray], a: list[np.ndarray]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """delta3 and the gradients of the three augmented matrices."""
    _, W2, W3 = W
    delta3 = 2 * (a[3] - y) * a[3] * (1 - a[3])  # (2, 2): dC/da3 times sigma'(z3)
    delta2 = (delta3 @ W3[1:].T) * a[2] * (1 - a[2])  # (2, 3): the bias row leads to no unit below
    delta1 = (delta2 @ W2[1:].T) * a[1] * (1 - a[1])  # (2, 3)
    # a.T @ delta sums over the observations; the column of ones makes its first row the bias gradient.
    return delta3, [with_ones(a[i]).T @ delta for i, delta in enumerate([delta1, delta2, delta3])]


# 4. Update


def train(W: list[np.ndarray], rate: float, iterations: int) -> list[np.ndarray]:
    for _ in range(iterations):
        _, gradients = backward(W, *forward(W))
        W = [W_l - rate * gradient for W_l, gradient in zip(W, gradients, strict=True)]
    return W


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    W = initial()
    zs, a = forward(W)
    delta3, gradients = backward(W, zs, a)
    result = {"z1": zs[0], "a1": a[1], "z2": zs[1], "a2": a[2], "z3": zs[2], "a3": a[3]}
    result |= {"dC/da3": 2 * (a[3] - y), "sigma'(z3)": a[3] * (1 - a[3]), "delta3": delta3}
    result |= {"dC/dW1": gradients[0], "dC/dW2": gradients[1], "dC/dW3": gradients[2]}

    # The published a3 is off by one in its seventh digit, and what follows it was worked out from it.
    printed = np.array([[0.9806908] * 2, [0.9803864] * 2])
    result |= {
        "dC/da3 from the printed a3": 2 * (printed - y),
        "sigma'(z3) from the printed a3": printed * (1 - printed),
    }
    result["delta3 from the printed a3"] = 2 * (printed - y) * printed * (1 - printed)
    result["dC/db3 from the printed a3"] = result["delta3 from the printed a3"].sum(axis=0)

    done = 0
    for iterations in [999, 1000, 5000, 10_000]:  # one run, looked at four times
        W, done = train(W, 0.5, iterations - done), iterations
        result[f"outputs, rate 0.5, {iterations} iterations"] = forward(W)[1][3]
    spreads = [np.ptp(W_l, axis=1).max() for W_l in W[:2]]  # columns are units
    result["spread of the equal units"] = np.max(spreads)
    result["outputs, rate 3, 1000 iterations"] = forward(train(initial(), 3.0, 1000))[1][3]
    return result


def claims() -> dict[str, np.ndarray]:
    """What only this script measures: the rate behind the published outputs, and the part of symmetry."""
    published = np.array([[0.5992708, 0.1997655], [0.5993174, 0.2004307]])

    def miss(rate: float, iterations: int = 1000) -> np.floating:
        return np.abs(forward(train(initial(), rate, iterations))[1][3] - published).max()

    rates = np.linspace(0.4990, 0.5000, 26)
    misses = np.array([miss(rate) for rate in rates])
    result = {"miss at rate 0.5": miss(0.5), "miss at rate 0.5, one update less": miss(0.5, 999)}
    result |= {
        "miss at rate 0.4969": miss(0.4969),
        "best rate": rates[misses.argmin()],
        "miss at the best rate": misses.min(),
    }

    # No two units start alike here, and the plateau is the same.
    rng = np.random.default_rng(0)
    W = [W_l + 0.1 * rng.standard_normal(W_l.shape) for W_l in initial()]
    for iterations in [1000, 10_000]:
        outputs = forward(train(W, 0.5, iterations))[1][3]
        result[f"outputs, symmetry broken, {iterations} iterations"] = outputs
    return result


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in (figures() | claims()).items():
        print(name, np.asarray(value), sep="\n", end="\n\n")
