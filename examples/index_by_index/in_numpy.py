"""Index by index (3-5-4-2, sigmoid), by hand in NumPy.

Asked: with one index per neuron and no matrices, C_i = sum_j (a_ij - e_ij)^2 for observation i and C the mean
of C_i over T observations: (1) are these derivatives right? (2) is v' = v - g, with g the mean of the g_i,
the right use of them? (3) may the step be scaled? Answered in public: averaging only rescales; never scale by
more than 1, or the error diverges to infinity; 0.001 is a good rate.

The calculation: the derivatives with loops, exactly as written, against the matrix form; sum against mean
under four optimizers; and the rate at which descent starts to diverge against 2 / lambda_max, the largest
eigenvalue of the Hessian.

What comes out: (1) right, to rounding. (2) Right; averaging only rescales plain SGD, not weight decay,
clipping or Adam. (3) It may: the bound is 2 / lambda_max, here 10.7 and 11.5, to six digits. Network 1 learns
at rate 3, sitting at its bound, and has hardly moved at 0.001. Beyond the bound C cannot go to infinity: each
(a - e)^2 is at most 1.
"""

from itertools import pairwise

import numpy as np

Network = tuple[tuple[int, ...], np.ndarray, np.ndarray]  # layer sizes, x (T, in), e (T, out)

# 1. Data and initial weights: all weights and biases stand in one vector v = (W1, b1, W2, b2, ...)


def count(sizes: tuple[int, ...]) -> int:
    return sum((m + 1) * n for m, n in pairwise(sizes))


rng = np.random.default_rng(5)
sizes, T = (3, 5, 4, 2), 6
v_start = rng.standard_normal(count(sizes))
network: Network = sizes, rng.uniform(size=(T, 3)), rng.uniform(size=(T, 2))


def layers(v: np.ndarray, sizes: tuple[int, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The (W, b) of each layer, W as (in, out)."""
    pairs = []
    for m, n in pairwise(sizes):
        W, b, v = v[: m * n].reshape(m, n), v[m * n : (m + 1) * n], v[(m + 1) * n :]
        pairs.append((W, b))
    return pairs


# 2. Forward


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def forward(v: np.ndarray, network: Network) -> list[np.ndarray]:
    sizes, x, _ = network
    a = [x]
    for W, b in layers(v, sizes):
        a.append(sigmoid(a[-1] @ W + b))
    return a


def costs(v: np.ndarray, network: Network) -> np.ndarray:
    """C_i, one per observation; C is their mean."""
    return np.sum((forward(v, network)[-1] - network[2]) ** 2, axis=1)


# 3. Backward


def by_index(v: np.ndarray, x_i: np.ndarray, e_i: np.ndarray) -> np.ndarray:
    """g_i, the derivatives of C_i, as they were written: k counts one layer's neurons, j the next one's."""
    pairs = layers(v, sizes)
    a = [list(x_i)]
    for W, b in pairs:
        neurons_below, neurons = range(W.shape[0]), range(W.shape[1])
        a.append([sigmoid(b[j] + sum(a[-1][k] * W[k, j] for k in neurons_below)) for j in neurons])
    dC_da = [2 * (a[-1][j] - e_i[j]) for j in range(len(e_i))]
    g = []
    for (W, _), a_below, a_here in zip(reversed(pairs), reversed(a[:-1]), reversed(a), strict=False):
        neurons_below, neurons = range(len(a_below)), range(len(a_here))
        dC_db = [dC_da[j] * a_here[j] * (1 - a_here[j]) for j in neurons]
        dC_dW = [dC_db[j] * a_below[k] for k in neurons_below for j in neurons]
        # The only sum: over the neurons of the layer above.
        dC_da = [sum(dC_db[j] * W[k, j] for j in neurons) for k in neurons_below]
        g = dC_dW + dC_db + g
    return np.array(g)


def gradient(v: np.ndarray, network: Network) -> np.ndarray:
    """g, the gradient of the mean cost C, in matrices: all T observations at once."""
    sizes, x, e = network
    a, pairs, g = forward(v, network), layers(v, sizes), []
    delta = 2 / len(x) * (a[-1] - e) * a[-1] * (1 - a[-1])  # (T, out): dC/dz
    for (W, _), a_below in zip(reversed(pairs), reversed(a[:-1]), strict=True):
        g = [(a_below.T @ delta).ravel(), delta.sum(axis=0), *g]
        delta = (delta @ W.T) * a_below * (1 - a_below)
    return np.concatenate(g)


def hessian(v: np.ndarray, network: Network) -> np.ndarray:
    """Central differences of the gradient, one column per weight: right to about 1e-10."""
    h, units = 1e-5, np.eye(v.size)
    H = np.array([gradient(v + h * unit, network) - gradient(v - h * unit, network) for unit in units]) / (2 * h)
    return (H + H.T) / 2


# 4. Update


def train(kind: str, rate: float, summed: bool, steps: int = 20) -> np.ndarray:
    v = v_start
    m = s = np.zeros_like(v)
    for t in range(1, steps + 1):
        g = gradient(v, network) * (T if summed else 1)
        if kind == "decay":
            g = g + 0.03125 * v
        elif kind == "clip":
            g = g * min(1.0, 0.125 / np.linalg.norm(g))
        elif kind == "adam":  # with epsilon 0, as nothing here is near 0
            m = 0.9 * m + 0.1 * g
            s = 0.999 * s + 0.001 * g**2
            g = (m / (1 - 0.9**t)) / np.sqrt(s / (1 - 0.999**t))
        v = v - rate * g
    return v


def descend(v: np.ndarray, network: Network, rate: float, iterations: int) -> np.ndarray:
    for _ in range(iterations):
        v = v - rate * gradient(v, network)
    return v


def rate_of_divergence(v: np.ndarray, network: Network) -> tuple[np.ndarray, np.ndarray]:
    """2 / lambda_max at the minimum v, and the measured rate above which a small step away from v grows."""
    values, vectors = np.linalg.eigh(hessian(v, network))
    bound, away = 2 / values[-1], 1e-4 * vectors[:, -1] * np.sign(vectors[:, -1].sum())
    low, high = bound / 2, bound * 2
    for _ in range(20):
        rate = (low + high) / 2
        grows = np.linalg.norm(descend(v + away, network, rate, 200) - v) > np.linalg.norm(away)
        low, high = (low, rate) if grows else (rate, high)
    return bound, high


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    _, x, e = network
    g_i = np.array([by_index(v_start, x_i, e_i) for x_i, e_i in zip(x, e, strict=True)])  # (T, weights)
    g = gradient(v_start, network)
    result = {"C_i": costs(v_start, network), "g_i": g_i, "g": g}
    result["difference of g and the mean of g_i"] = np.abs(g - g_i.mean(axis=0)).max()
    result["C before"] = costs(v_start, network).mean()
    result["C after v - g"] = costs(v_start - g, network).mean()

    for kind, rate in [("sgd", 0.5), ("decay", 0.5), ("clip", 0.5), ("adam", 0.01)]:
        mean, rescaled, same = train(kind, rate, False), train(kind, rate / T, True), train(kind, rate, True)
        result[f"v after 20 steps of {kind}"] = mean
        result[f"sum at rate / T against mean: {kind}"] = np.abs(rescaled - mean).max()
        result[f"sum at the same rate against mean: {kind}"] = np.abs(same - mean).max()

    # Targets that the network reaches exactly at seeded weights: a minimum that is known.
    for name, sizes, x in [
        ("2-3-3-2", (2, 3, 3, 2), np.array([[0.8, 0.4], [0.3, 0.3]])),
        ("3-4-1", (3, 4, 1), np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])),
    ]:
        v = np.random.default_rng(0).standard_normal(count(sizes))
        e = forward(v, (sizes, x, x))[-1]
        bound, measured = rate_of_divergence(v, (sizes, x, e))
        result |= {f"2 / lambda_max, {name}": bound, f"rate of divergence, {name}": measured}
        result[f"rate of divergence / bound, {name}"] = measured / bound

    # Network 1, all weights one. Its cost is the sum over two observations: twice the mean, twice the rate.
    one: Network = (2, 3, 3, 2), np.array([[0.8, 0.4], [0.3, 0.3]]), np.array([[0.2, 0.4], [1.0, 0.0]])
    for rate, iterations in [(0.001, 1000), (1000, 1000), (3, 1000)]:
        v = descend(np.ones(29), one, 2 * rate, iterations)
        result[f"network 1, rate {rate}, {iterations} iterations: C"] = costs(v, one).sum()
    v = descend(v, one, 6, 4000)
    lambda_max = 2 * np.linalg.eigvalsh(hessian(v, one))[-1]  # of the sum
    result["network 1, rate 3: 2 / lambda_max after 5000 iterations"] = 2 / lambda_max
    return result


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, np.asarray(value), sep="\n", end="\n\n")
