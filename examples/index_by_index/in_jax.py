"""Index by index (3-5-4-2, sigmoid), in JAX.

Asked: with one index per neuron and no matrices, C_i = sum_j (a_ij - e_ij)^2 for observation i and C the mean
of C_i over T observations: (1) are these derivatives right? (2) is v' = v - g, with g the mean of the g_i,
the right use of them? (3) may the step be scaled? Answered in public: averaging only rescales; never scale by
more than 1, or the error diverges to infinity; 0.001 is a good rate.

The calculation: every g_i at once by vmap over grad, and g by grad; sum against mean under four optax chains;
and the rate at which descent starts to diverge against 2 / lambda_max, the largest eigenvalue of the Hessian
from jax.hessian.

What comes out: the loops of in_numpy.py to rounding, and the same answers.
"""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)

Data = tuple[jax.Array, jax.Array]  # x (T, in), e (T, out)

# 1. Data and initial weights: all weights and biases stand in one vector v = (W1, b1, W2, b2, ...)


def count(sizes: tuple[int, ...]) -> int:
    return sum((m + 1) * n for m, n in pairwise(sizes))


rng = np.random.default_rng(5)
sizes, T = (3, 5, 4, 2), 6
v_start = jnp.asarray(rng.standard_normal(count(sizes)))
data: Data = jnp.asarray(rng.uniform(size=(T, 3))), jnp.asarray(rng.uniform(size=(T, 2)))


def layers(v: jax.Array, sizes: tuple[int, ...]) -> list[tuple[jax.Array, jax.Array]]:
    """The (W, b) of each layer, W as (in, out)."""
    pairs = []
    for m, n in pairwise(sizes):
        W, b, v = v[: m * n].reshape(m, n), v[m * n : (m + 1) * n], v[(m + 1) * n :]
        pairs.append((W, b))
    return pairs


# 2. Forward


@partial(jax.jit, static_argnames="sizes")
def forward(v: jax.Array, sizes: tuple[int, ...], x: jax.Array) -> jax.Array:
    a = x
    for W, b in layers(v, sizes):
        a = jax.nn.sigmoid(a @ W + b)
    return a


def costs(v: jax.Array, sizes: tuple[int, ...], data: Data) -> jax.Array:
    """C_i, one per observation; C is their mean."""
    x, e = data
    return jnp.sum((forward(v, sizes, x) - e) ** 2, axis=-1)


def mean_cost(v: jax.Array, sizes: tuple[int, ...], data: Data) -> jax.Array:
    return costs(v, sizes, data).mean()


# 3. Backward

# g_i, the derivatives of C_i, one row per observation
by_observation = jax.jit(jax.vmap(jax.grad(costs), in_axes=(None, None, 0)), static_argnums=1)
gradient = jax.jit(jax.grad(mean_cost), static_argnames="sizes")
hessian = jax.jit(jax.hessian(mean_cost), static_argnames="sizes")

# 4. Update


@partial(jax.jit, static_argnames=("kind", "steps"))
def train(kind: str, rate: float, summed: bool, steps: int = 20) -> jax.Array:
    optimizer = {
        "sgd": optax.sgd(rate),
        "decay": optax.chain(optax.add_decayed_weights(0.03125), optax.sgd(rate)),
        "clip": optax.chain(optax.clip_by_global_norm(0.125), optax.sgd(rate)),
        "adam": optax.adam(rate, eps=0.0),
    }[kind]

    def step(_: int, carry: tuple[jax.Array, optax.OptState]) -> tuple[jax.Array, optax.OptState]:
        v, state = carry
        g = gradient(v, sizes, data) * jnp.where(summed, T, 1)
        updates, state = optimizer.update(g, state, v)
        return optax.apply_updates(v, updates), state

    return jax.lax.fori_loop(0, steps, step, (v_start, optimizer.init(v_start)))[0]


@partial(jax.jit, static_argnames=("sizes", "iterations"))
def descend(v: jax.Array, sizes: tuple[int, ...], data: Data, rate: jax.Array, iterations: int) -> jax.Array:
    return jax.lax.fori_loop(0, iterations, lambda _, v: v - rate * gradient(v, sizes, data), v)


def rate_of_divergence(v: jax.Array, sizes: tuple[int, ...], data: Data) -> tuple[jax.Array, jax.Array]:
    """2 / lambda_max at the minimum v, and the measured rate above which a small step away from v grows."""
    values, vectors = jnp.linalg.eigh(hessian(v, sizes, data))
    bound, away = 2 / values[-1], 1e-4 * vectors[:, -1] * jnp.sign(vectors[:, -1].sum())
    low, high = bound / 2, bound * 2
    for _ in range(20):
        rate = (low + high) / 2
        grows = jnp.linalg.norm(descend(v + away, sizes, data, rate, 200) - v) > jnp.linalg.norm(away)
        low, high = (low, rate) if grows else (rate, high)
    return bound, high


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    g_i = by_observation(v_start, sizes, data)  # (T, weights)
    g = gradient(v_start, sizes, data)
    result = {"C_i": costs(v_start, sizes, data), "g_i": g_i, "g": g}
    result["difference of g and the mean of g_i"] = jnp.abs(g - g_i.mean(axis=0)).max()
    result["C before"] = mean_cost(v_start, sizes, data)
    result["C after v - g"] = mean_cost(v_start - g, sizes, data)

    for kind, rate in [("sgd", 0.5), ("decay", 0.5), ("clip", 0.5), ("adam", 0.01)]:
        mean, rescaled, same = train(kind, rate, False), train(kind, rate / T, True), train(kind, rate, True)
        result[f"v after 20 steps of {kind}"] = mean
        result[f"sum at rate / T against mean: {kind}"] = jnp.abs(rescaled - mean).max()
        result[f"sum at the same rate against mean: {kind}"] = jnp.abs(same - mean).max()

    # Targets that the network reaches exactly at seeded weights: a minimum that is known.
    for name, teacher, x in [
        ("2-3-3-2", (2, 3, 3, 2), jnp.array([[0.8, 0.4], [0.3, 0.3]])),
        ("3-4-1", (3, 4, 1), jnp.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])),
    ]:
        v = jnp.asarray(np.random.default_rng(0).standard_normal(count(teacher)))
        bound, measured = rate_of_divergence(v, teacher, (x, forward(v, teacher, x)))
        result |= {f"2 / lambda_max, {name}": bound, f"rate of divergence, {name}": measured}
        result[f"rate of divergence / bound, {name}"] = measured / bound

    # Network 1, all weights one. Its cost is the sum over two observations: twice the mean, twice the rate.
    one = jnp.array([[0.8, 0.4], [0.3, 0.3]]), jnp.array([[0.2, 0.4], [1.0, 0.0]])
    for rate, iterations in [(0.001, 1000), (1000, 1000), (3, 1000)]:
        v = descend(jnp.ones(29), (2, 3, 3, 2), one, 2.0 * rate, iterations)
        result[f"network 1, rate {rate}, {iterations} iterations: C"] = costs(v, (2, 3, 3, 2), one).sum()
    v = descend(v, (2, 3, 3, 2), one, 6.0, 4000)
    lambda_max = 2 * jnp.linalg.eigvalsh(hessian(v, (2, 3, 3, 2), one))[-1]  # of the sum
    result["network 1, rate 3: 2 / lambda_max after 5000 iterations"] = 2 / lambda_max
    return {name: np.asarray(value) for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
