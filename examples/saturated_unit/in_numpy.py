"""One saturated unit, and the 1-1-1 network with biases (sigmoid), by hand in NumPy.

Asked: a = 1, y = 0, so the cost (a - y)^2 is 1; z = 50, w = 0.8, the previous activation is 62.5. Why is the
gradient 0?

The calculation: sigma'(50) two ways, a(1 - a) and sigma(z) sigma(-z), and dC/dw from each. Then every
gradient of the 1-1-1 network f(x) = sigma(w3 sigma(w2 x + b2) + b3), C = (y - f)^2, and the step with either
sign.

What comes out: in float64 1 / (1 + exp(-50)) is 1 exactly, so a(1 - a) is 0. The right sigma'(50) is
1.9287498e-22 and the right dC/dw 2.41e-20: not zero, and no use for learning. The gradients of the 1-1-1
network that were given in answer are right; with all weights zero f(2) is 0.5, not 0; and adding the gradient
climbs.
"""

import numpy as np

# 1. Data and initial weights

z, w, a_previous, target = np.float64(50.0), np.float64(0.8), np.float64(62.5), np.float64(0.0)

x, y = np.float64(2.0), np.float64(1.0)
parameters = np.array([0.8, -0.3, -1.2, 0.5])  # w2, b2, w3, b3


# 2. Forward


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def forward(parameters: np.ndarray) -> tuple[np.ndarray, ...]:
    w2, b2, w3, b3 = parameters
    z2 = w2 * x + b2
    a2 = sigmoid(z2)
    z3 = w3 * a2 + b3
    return z2, a2, z3, sigmoid(z3)


def cost(parameters: np.ndarray) -> np.ndarray:
    return (y - forward(parameters)[-1]) ** 2


# 3. Backward


def sigmoid_prime(z: np.ndarray) -> np.ndarray:
    """sigma(z) sigma(-z) is a(1 - a), but 1 - a is lost to rounding above z = 37 and sigma(-z) is not."""
    return sigmoid(z) * sigmoid(-z)


def backward(parameters: np.ndarray) -> np.ndarray:
    """By the chain rule, from the cost down."""
    _, _, w3, _ = parameters
    z2, a2, z3, f = forward(parameters)
    delta3 = -2 * (y - f) * sigmoid_prime(z3)  # dC/dz3
    delta2 = delta3 * w3 * sigmoid_prime(z2)  # dC/dz2
    return np.array([delta2 * x, delta2, delta3 * a2, delta3])


def by_formula(parameters: np.ndarray) -> np.ndarray:
    """The four formulas as they were given in answer."""
    _, _, w3, _ = parameters
    z2, a2, z3, f = forward(parameters)
    dC_dw3 = -2 * (y - f) * sigmoid_prime(z3) * a2
    dC_db3 = -2 * (y - f) * sigmoid_prime(z3)
    dC_dw2 = -2 * (y - f) * sigmoid_prime(z3) * w3 * sigmoid_prime(z2) * x
    dC_db2 = -2 * (y - f) * sigmoid_prime(z3) * w3 * sigmoid_prime(z2)
    return np.array([dC_dw2, dC_db2, dC_dw3, dC_db3])


# 4. Update


def train(sign: float, rate: float = 1.0, iterations: int = 100) -> np.ndarray:
    p = parameters
    for _ in range(iterations):
        p = p + sign * rate * backward(p)
    return p


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    a = sigmoid(z)
    result = {"w a_previous": w * a_previous, "a": a, "cost": (a - target) ** 2}
    result |= {"a (1 - a)": a * (1 - a), "sigma(z) sigma(-z)": sigmoid(z) * sigmoid(-z)}
    # In these two, and only here, the frameworks return 0.
    result |= {"sigma'(z)": sigmoid_prime(z), "dC/dw": 2 * (a - target) * sigmoid_prime(z) * a_previous}
    result["dC/dw from a (1 - a)"] = 2 * (a - target) * a * (1 - a) * a_previous
    result["dC/dw from sigma(z) sigma(-z)"] = 2 * (a - target) * sigmoid(z) * sigmoid(-z) * a_previous

    result["f(2), all weights zero"] = forward(np.zeros(4))[-1]
    result["gradient, all weights zero"] = backward(np.zeros(4))
    result |= {"f(2)": forward(parameters)[-1], "gradient": backward(parameters)}
    result["gradient by the given formulas"] = by_formula(parameters)
    result |= {"cost before": cost(parameters), "cost, 100 steps subtracting": cost(train(-1.0))}
    result["cost, 100 steps adding"] = cost(train(+1.0))
    return result


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, np.asarray(value), sep="\n", end="\n\n")
