"""One saturated unit, and the 1-1-1 network with biases (sigmoid), in JAX.

Asked: a = 1, y = 0, so the cost (a - y)^2 is 1; z = 50, w = 0.8, the previous activation is 62.5. Why is the
gradient 0?

The calculation: sigma'(50) by jax.grad and as sigma(z) sigma(-z). Then the gradient of the 1-1-1 network f(x)
= sigma(w3 sigma(w2 x + b2) + b3), C = (y - f)^2, by jax.grad and by formula, and the step with either sign.

What comes out: jax.grad multiplies by a(1 - a), which is 0 in float64: it returns exactly 0 where
1.9287498e-22 is right.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)

# 1. Data and initial weights

z, w, a_previous, target = jnp.array([50.0, 0.8, 62.5, 0.0])

x, y = jnp.array(2.0), jnp.array(1.0)
parameters = jnp.array([0.8, -0.3, -1.2, 0.5])  # w2, b2, w3, b3

# 2. Forward


def forward(parameters: jax.Array) -> jax.Array:
    w2, b2, w3, b3 = parameters
    return jax.nn.sigmoid(w3 * jax.nn.sigmoid(w2 * x + b2) + b3)


def cost(parameters: jax.Array) -> jax.Array:
    return (y - forward(parameters)) ** 2


# 3. Backward

backward = jax.grad(cost)


def by_formula(parameters: jax.Array) -> jax.Array:
    """The four formulas as they were given in answer."""
    w2, b2, w3, b3 = parameters
    z2 = w2 * x + b2
    z3 = w3 * jax.nn.sigmoid(z2) + b3
    dC_db3 = -2 * (y - jax.nn.sigmoid(z3)) * jax.nn.sigmoid(z3) * jax.nn.sigmoid(-z3)
    dC_db2 = dC_db3 * w3 * jax.nn.sigmoid(z2) * jax.nn.sigmoid(-z2)
    return jnp.stack([dC_db2 * x, dC_db2, dC_db3 * jax.nn.sigmoid(z2), dC_db3])


# 4. Update


@partial(jax.jit, static_argnames=("rate", "iterations"))
def train(sign: float, rate: float = 1.0, iterations: int = 100) -> jax.Array:
    optimizer = optax.sgd(rate)

    def step(_: int, carry: tuple[jax.Array, optax.OptState]) -> tuple[jax.Array, optax.OptState]:
        p, state = carry
        updates, state = optimizer.update(-sign * backward(p), state)  # sgd subtracts
        return optax.apply_updates(p, updates), state

    return jax.lax.fori_loop(0, iterations, step, (parameters, optimizer.init(parameters)))[0]


# 5. Figures


def figures() -> dict[str, np.ndarray]:
    a = jax.nn.sigmoid(w * a_previous)
    C, dC_dw = jax.value_and_grad(lambda w: (jax.nn.sigmoid(w * a_previous) - target) ** 2)(w)
    right = jax.nn.sigmoid(z) * jax.nn.sigmoid(-z)
    result = {
        "w a_previous": w * a_previous,
        "a": a,
        "cost": C,
        "a (1 - a)": a * (1 - a),
        "sigma(z) sigma(-z)": right,
    }
    # In these two jax.grad returns 0; the right values are 1.9287498e-22 and 2.41e-20.
    result |= {"sigma'(z)": jax.grad(jax.nn.sigmoid)(z), "dC/dw": dC_dw}
    result["dC/dw from a (1 - a)"] = 2 * (a - target) * a * (1 - a) * a_previous
    result["dC/dw from sigma(z) sigma(-z)"] = 2 * (a - target) * right * a_previous

    zero = jnp.zeros(4)
    result |= {"f(2), all weights zero": forward(zero), "gradient, all weights zero": backward(zero)}
    result |= {"f(2)": forward(parameters), "gradient": backward(parameters)}
    result["gradient by the given formulas"] = by_formula(parameters)
    result |= {"cost before": cost(parameters), "cost, 100 steps subtracting": cost(train(-1.0))}
    result["cost, 100 steps adding"] = cost(train(+1.0))
    return {name: np.asarray(value) for name, value in result.items()}


if __name__ == "__main__":
    np.set_printoptions(formatter={"float_kind": "{:.8g}".format})
    for name, value in figures().items():
        print(name, value, sep="\n", end="\n\n")
