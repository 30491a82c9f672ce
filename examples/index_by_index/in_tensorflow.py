"""Index by index (3-5-4-2, sigmoid), in TensorFlow.

Asked: with one index per neuron and no matrices, C_i = sum_j (a_ij - e_ij)^2 for observation i and C the mean
of C_i over T observations: (1) are these derivatives right? (2) is v' = v - g, with g the mean of the g_i,
the right use of them? (3) may the step be scaled? Answered in public: averaging only rescales; never scale by
more than 1, or the error diverges to infinity; 0.001 is a good rate.

The calculation: every g_i at once by tape.jacobian, and g by tape.gradient; sum against mean under four Keras
optimizers; and the rate at which descent starts to diverge against 2 / lambda_max, the largest eigenvalue of
the Hessian from a tape within a tape.

What comes out: the loops of in_numpy.py to rounding, and the same answers.
"""

from itertools import pairwise

import keras
import numpy as np
import tensorflow as tf

keras.config.set_floatx("float64")

Network = tuple[tuple[int, ...], tf.Tensor, tf.Tensor]  # layer sizes, x (T, in), e (T, out)

# 1. Data and initial weights: all weights and biases stand in one vector v = (W1, b1, W2, b2, ...)


def count(sizes: tuple[int, ...]) -> int:
    return sum((m + 1) * n for m, n in pairwise(sizes))


rng = np.random.default_rng(5)
sizes, T = (3, 5, 4, 2), 6
v_start = tf.constant(rng.standard_normal(count(sizes)))
network: Network = sizes, tf.constant(rng.uniform(size=(T, 3))), tf.constant(rng.uniform(size=(T, 2)))


def layers(v: tf.Tensor, sizes: tuple[int, ...]) -> list[tuple[tf.Tensor, tf.Tensor]]:
    """The (W, b) of each layer, W as (in, out)."""
    pairs = []
    for m, n in pairwise(sizes):
        W, b, v = tf.reshape(v[: m * n], (m, n)), v[m * n : (m + 1) * n], v[(m + 1) * n :]
        pairs.append((W, b))
    return pairs


# 2. Forward


def forward(v: tf.Tensor, sizes: tuple[int, ...], x: tf.Tensor) -> tf.Tensor:
    a = x
    for W, b in layers(v, sizes):
        a = tf.sigmoid(a @ W + b)
    return a


def costs(v: tf.Tensor, network: Network) -> tf.Tensor:
    """C_i, one per observation; C is their mean."""
    sizes, x, e = network
    return tf.reduce_sum((forward(v, sizes, x) - e) ** 2, axis=-1)


def mean_cost(v: tf.Tensor, network: Network) -> tf.Tensor:
    return tf.reduce_mean(costs(v, network))


# 3. Backward


def by_observation(v: tf.Tensor, network: Network) -> tf.Tensor:
    """g_i, the derivatives of C_i, one row per observation."""
    with tf.GradientTape() as tape:
        tape.watch(v)
        C_i = costs(v, network)
    return tape.jacobian(C_i, v)


def gradient(v: tf.Tensor, network: Network) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(v)
        C = mean_cost(v, network)
    return tape.gradient(C, v)


def hessian(v: tf.Tensor, network: Network) -> tf.Tensor:
    with tf.GradientTape() as tape:
        tape.watch(v)
        g = gradient(v, network)
    return tape.jacobian(g, v)


# 4. Update


def train(kind: str, rate: float, summed: bool, steps: int = 20) -> tf.Tensor:
    if kind == "adam":  # np.float64: Keras would round a plain 0.9 to float32
        betas = {"beta_1": np.float64(0.9), "beta_2": np.float64(0.999)}
        optimizer = keras.optimizers.Adam(learning_rate=rate, epsilon=0.0, **betas)
    else:  # in plain SGD the decoupled decay of Keras is the same as adding it to the gradient
        decay, clip = 0.03125 if kind == "decay" else None, 0.125 if kind == "clip" else None
        optimizer = keras.optimizers.SGD(learning_rate=rate, weight_decay=decay, global_clipnorm=clip)
    v = keras.Variable(v_start)
    for _ in range(steps):
        g = gradient(v.value, network) * (T if summed else 1)
        optimizer.apply([g], [v])
    return tf.convert_to_tensor(v.value)


@tf.function(reduce_retracing=True)
def descend(v: tf.Tensor, network: Network, rate: tf.Tensor, iterations: tf.Tensor) -> tf.Tensor:
    for _ in tf.range(iterations):
        v = v - rate * gradient(v, network)
    return v


def rate_of_divergence(v: tf.Tensor, network: Network) -> tuple[tf.Tensor, tf.Tensor]:
    """2 / lambda_max at the minimum v, and the measured rate above which a small step away from v grows."""
    values, vectors = tf.linalg.eigh(hessian(v, network))
    bound, away = 2 / values[-1], 1e-4 * vectors[:, -1] * tf.sign(tf.reduce_sum(vectors[:, -1]))
    low, high = bound / 2, bound * 2
    for _ in range(20):
        rate = (low + high) / 2
        grows = tf.norm(descend(v + away, network, rate, tf.constant(200)) - v) > tf.norm(away)
        low, high = (low, rate) if grows else (rate, high)
    return bound, high


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    g_i = by_observation(v_start, network)  # (T, weights)
    g = gradient(v_start, network)
    result = {"C_i": costs(v_start, network), "g_i": g_i, "g": g}
    result["difference of g and the mean of g_i"] = tf.reduce_max(tf.abs(g - tf.reduce_mean(g_i, axis=0)))
    result["C before"] = mean_cost(v_start, network)
    result["C after v - g"] = mean_cost(v_start - g, network)

    for kind, rate in [("sgd", 0.5), ("decay", 0.5), ("clip", 0.5), ("adam", 0.01)]:
        mean, rescaled, same = train(kind, rate, False), train(kind, rate / T, True), train(kind, rate, True)
        result[f"v after 20 steps of {kind}"] = mean
        result[f"sum at rate / T against mean: {kind}"] = tf.reduce_max(tf.abs(rescaled - mean))
        result[f"sum at the same rate against mean: {kind}"] = tf.reduce_max(tf.abs(same - mean))

    # Targets that the network reaches exactly at seeded weights: a minimum that is known.
    for name, sizes, x in [
        ("2-3-3-2", (2, 3, 3, 2), tf.constant([[0.8, 0.4], [0.3, 0.3]], tf.float64)),
        ("3-4-1", (3, 4, 1), tf.constant([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], tf.float64)),
    ]:
        v = tf.constant(np.random.default_rng(0).standard_normal(count(sizes)))
        bound, measured = rate_of_divergence(v, (sizes, x, forward(v, sizes, x)))
        result |= {f"2 / lambda_max, {name}": bound, f"rate of divergence, {name}": measured}
        result[f"rate of divergence / bound, {name}"] = measured / bound

    # Network 1, all weights one. Its cost is the sum over two observations: twice the mean, twice the rate.
    x = tf.constant([[0.8, 0.4], [0.3, 0.3]], tf.float64)
    one: Network = (2, 3, 3, 2), x, tf.constant([[0.2, 0.4], [1.0, 0.0]], tf.float64)
    for rate, iterations in [(0.001, 1000), (1000, 1000), (3, 1000)]:
        twice = tf.constant(2 * rate, tf.float64)
        v = descend(tf.ones(29, tf.float64), one, twice, tf.constant(iterations))
        result[f"network 1, rate {rate}, {iterations} iterations: C"] = tf.reduce_sum(costs(v, one))
    v = descend(v, one, twice, tf.constant(4000))
    lambda_max = 2 * tf.linalg.eigvalsh(hessian(v, one))[-1]  # of the sum
    result["network 1, rate 3: 2 / lambda_max after 5000 iterations"] = 2 / lambda_max
    return {name: value.numpy() for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
