"""Two layers without bias (3-4-1, sigmoid), in JAX.

Asked: in this loop of a well-known tutorial the weights are changed by `weight += a.T @ dC_dw`. Why does that
work, and not `weight -= rate * dC_dw`, as gradient descent is written everywhere else?

The calculation: cost C = 1/2 sum of (a - y)^2, 1000 iterations at rate 1, first with the names used there,
then with pure functions, jax.grad and optax.sgd.

What comes out: the same weights, to rounding. What was called dC_dw is -delta, as jax.grad's dC/dz shows.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)

Weights = tuple[jax.Array, jax.Array]
Trained = tuple[jax.Array, jax.Array, jax.Array]  # weight1, weight2, a2

# 1. Data and initial weights

x = jnp.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])  # (4 observations, 3 features)
y = jnp.array([[0.0], [1], [1], [0]])  # (4 observations, 1 output)


def initial() -> Weights:
    rng = np.random.RandomState(1)  # the same stream as np.random.seed(1), without the global state
    weight1 = rng.random_sample((3, 4))
    weight2 = rng.random_sample((4, 1))
    return jnp.asarray(weight1), jnp.asarray(weight2)


# 2. Forward


def forward(weights: Weights, shift1: jax.Array | float = 0.0, shift2: jax.Array | float = 0.0) -> Weights:
    """a1 and a2. The shifts are zero and stand where z is: the gradient of a shift is dC/dz."""
    weight1, weight2 = weights
    a1 = jax.nn.sigmoid(x @ weight1 + shift1)  # (4, 4): 4 observations, 4 units
    a2 = jax.nn.sigmoid(a1 @ weight2 + shift2)  # (4, 1)
    return a1, a2


def cost(weights: Weights, shift1: jax.Array | float = 0.0, shift2: jax.Array | float = 0.0) -> jax.Array:
    return 0.5 * jnp.sum((forward(weights, shift1, shift2)[1] - y) ** 2)


# 3. Backward


def as_asked(a1: jax.Array, a2: jax.Array, weight2: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The names of the question. Neither is dC/dw: see the shapes."""
    delta2 = y - a2  # (4, 1): minus dC/da2
    dC_dw2 = delta2 * a2 * (1 - a2)  # (4, 1), one per observation: minus dC/dz2
    # (4, 4), one per observation and unit: minus dC/dz1
    dC_dw1 = (dC_dw2 * weight2.T) * a1 * (1 - a1)
    return dC_dw1, dC_dw2


# 4. Update


@partial(jax.jit, static_argnames="iterations")
def train_as_asked(iterations: int) -> Trained:
    def step(_: int, carry: Trained) -> Trained:
        weight1, weight2, _a2 = carry
        a1, a2 = forward((weight1, weight2))
        dC_dw1, dC_dw2 = as_asked(a1, a2, weight2)
        return weight1 + x.T @ dC_dw1, weight2 + a1.T @ dC_dw2, a2

    # The outputs are those of the last forward pass, before the last update.
    return jax.lax.fori_loop(0, iterations, step, (*initial(), y))


@partial(jax.jit, static_argnames="iterations")
def train(iterations: int, rate: float = 1.0) -> Trained:
    optimizer = optax.sgd(rate)

    def step(
        _: int, carry: tuple[Weights, optax.OptState, jax.Array]
    ) -> tuple[Weights, optax.OptState, jax.Array]:
        weights, state, _a2 = carry
        updates, state = optimizer.update(jax.grad(cost)(weights), state)
        return optax.apply_updates(weights, updates), state, forward(weights)[1]

    weights, _, a2 = jax.lax.fori_loop(0, iterations, step, (initial(), optimizer.init(initial()), y))
    return *weights, a2


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    weight1, weight2 = initial()
    a1, a2 = forward((weight1, weight2))
    zeros = jnp.zeros_like(a1), jnp.zeros_like(a2)
    (gradient1, gradient2), delta1, delta2 = jax.grad(cost, argnums=(0, 1, 2))((weight1, weight2), *zeros)
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
    differences = [jnp.abs(p - q).max() for p, q in zip(asked, ours, strict=True)]
    result["difference of the two trainings"] = jnp.stack(differences).max()
    return {name: np.asarray(value) for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
