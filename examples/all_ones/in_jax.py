"""All weights one (2-3-3-2, sigmoid), in JAX.

Asked: every weight and bias starts at 1, and after 1000 iterations the outputs are (0.6, 0.2) for both
observations, whatever the targets. What is wrong?

The calculation: cost C = sum of (a - y)^2 over both observations; pure functions on a list of (W, b),
jax.grad, optax.sgd.

What comes out: the same figures as by hand. The network sits on a plateau and leaves it after iteration
5,000.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)

Layers = list[tuple[jax.Array, jax.Array]]

# 1. Data and initial weights

x = jnp.array([[0.8, 0.4], [0.3, 0.3]])  # (2 observations, 2 features)
y = jnp.array([[0.2, 0.4], [1.0, 0.0]])  # (2 observations, 2 outputs)


def initial() -> Layers:
    return [(jnp.ones((n_in, n_out)), jnp.ones(n_out)) for n_in, n_out in [(2, 3), (3, 3), (3, 2)]]


# 2. Forward


def forward(layers: Layers) -> tuple[list[jax.Array], list[jax.Array]]:
    """z1, z2, z3 and a0 = x, a1, a2, a3."""
    zs, activations = [], [x]
    for W, b in layers:
        zs.append(activations[-1] @ W + b)
        activations.append(jax.nn.sigmoid(zs[-1]))
    return zs, activations


def cost(a3: jax.Array) -> jax.Array:
    return jnp.sum((a3 - y) ** 2)


# 3. Backward

gradient = jax.grad(lambda layers: cost(forward(layers)[1][3]))


def augmented(W: jax.Array, b: jax.Array) -> jax.Array:
    """The gradient as one matrix, bias row first."""
    return jnp.vstack([b, W])


def from_z3(z3: jax.Array) -> dict[str, jax.Array]:
    """The last layer backwards: dC/da3, sigma'(z3) and delta3 = dC/dz3, each its own jax.grad."""
    a3 = jax.nn.sigmoid(z3)
    sigma_prime = jax.grad(lambda z: jax.nn.sigmoid(z).sum())(z3)
    delta3 = jax.grad(lambda z: cost(jax.nn.sigmoid(z)))(z3)
    return {"dC/da3": jax.grad(cost)(a3), "sigma'(z3)": sigma_prime, "delta3": delta3}


# 4. Update


@partial(jax.jit, static_argnames=("rate", "iterations"))
def train(layers: Layers, rate: float, iterations: int) -> Layers:
    optimizer = optax.sgd(rate)

    def step(_: int, carry: tuple[Layers, optax.OptState]) -> tuple[Layers, optax.OptState]:
        layers, state = carry
        updates, state = optimizer.update(gradient(layers), state)
        return optax.apply_updates(layers, updates), state

    return jax.lax.fori_loop(0, iterations, step, (layers, optimizer.init(layers)))[0]


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    layers = initial()
    zs, a = forward(layers)
    result = {"z1": zs[0], "a1": a[1], "z2": zs[1], "a2": a[2], "z3": zs[2], "a3": a[3]}
    result |= from_z3(zs[2])
    result |= {f"dC/dW{i}": augmented(*g) for i, g in enumerate(gradient(layers), start=1)}

    # The published a3 is off by one in its seventh digit, and what follows it was worked out from it.
    printed = from_z3(jax.scipy.special.logit(jnp.array([[0.9806908] * 2, [0.9803864] * 2])))
    result |= {f"{name} from the printed a3": value for name, value in printed.items()}
    result["dC/db3 from the printed a3"] = printed["delta3"].sum(axis=0)

    done = 0
    for iterations in [999, 1000, 5000, 10_000]:  # one run, looked at four times
        layers, done = train(layers, 0.5, iterations - done), iterations
        result[f"outputs, rate 0.5, {iterations} iterations"] = forward(layers)[1][3]
    spreads = [jnp.ptp(W, axis=1).max() for W, _ in layers[:2]]  # columns are units
    result["spread of the equal units"] = jnp.stack(spreads).max()
    result["outputs, rate 3, 1000 iterations"] = forward(train(initial(), 3.0, 1000))[1][3]
    return {name: np.asarray(value) for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
