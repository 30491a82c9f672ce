"""Adam and its relatives: where ε stands, what is corrected, and how fast momentum is."""

from functools import partial

import jax.numpy as jnp
import keras
import numpy as np
import optax
import tensorflow as tf
import torch
from differences import Measured, difference
from keras import optimizers
from measure import text
from torch import optim
from updates import GRADIENTS, SMALL, compare_updates, float64_in_torch, updates

BETAS = {"beta_1": np.float64(0.9), "beta_2": np.float64(0.999)}


class Corrected(optimizers.Adam):
    """Adam of Keras with torch's ε = 1e-8 beside the corrected √v̂: at step t it is given as ε √(1 − β₂ᵗ)."""

    def update_step(self, gradient, variable, learning_rate):
        """Set the ε of this step, and go on as Keras does."""
        t = keras.ops.cast(self.iterations + 1, variable.dtype)
        self.epsilon = 1e-8 * keras.ops.sqrt(1 - self.beta_2**t)
        super().update_step(gradient, variable, learning_rate)


@difference(
    "Adam's epsilon",
    cause="torch and optax add ε to the corrected root, Keras to the root as it is (Kingma and Ba call it ε̂): "
    "at step 1 its ε counts 1 / √(1 - 0.999) = 32 times as much. By default it is 1e-7, in torch and optax 1e-8. "
    "Small gradients make it large: with ε = 1e-8 everywhere the weights of a 784-512-10 network with ReLU were "
    "1.5e-2 apart after one update and 0.23 after 100, in float64.",
    mapping="Give Keras ε √(1 - β₂ᵗ) at step t, by a subclass.",
    naive={"keras": 1.4e-5, "keras 1e-8": 1.4e-6, "keras small gradients": 0.9, "optax": 0.0},
)
def epsilon_of_adam() -> Measured:
    """Takes the defaults; gradients of 1e-6; and, as "keras 1e-8", the same number for ε."""
    native, mapped = partial(optimizers.Adam, 0.1, **BETAS), partial(Corrected, 0.1, **BETAS)
    reference = ("torch", partial(optim.Adam, lr=0.1))
    others = {
        "keras": (native, mapped),
        "keras 1e-8": (partial(native, epsilon=1e-8), mapped),
        "optax": partial(optax.adam, 0.1),
    }
    return compare_updates(reference, others) | compare_updates(
        reference, {"keras small gradients": (native, mapped)}, SMALL
    )


@difference(
    "Adam's betas in float64",
    cause="Keras casts them with tf.cast, through float32; and 1 - 0.999 loses three digits.",
    mapping="Pass np.float64(0.9) and np.float64(0.999).",
    naive={"keras": 7e-6},
)
def betas_of_adam() -> Measured:
    """Passes Python's 0.9 and 0.999, with an ε that does not count."""
    return compare_updates(
        ("torch", partial(optim.Adam, lr=0.1, eps=1e-300)),
        {
            "keras": (
                partial(optimizers.Adam, 0.1, epsilon=1e-300),
                partial(optimizers.Adam, 0.1, epsilon=1e-300, **BETAS),
            )
        },
    )


@difference(
    "Adam with AMSGrad",
    cause="torch and Keras keep the largest v as it is, optax the largest corrected v̂.",
    mapping="In optax a link that keeps the largest v, below; in Keras ε as in Adam's epsilon.",
    naive={"optax": 0.28, "keras": 1.4e-5},
)
def amsgrad() -> Measured:
    """Asks for AMSGrad where gradients shrink, so that the largest v is not the last."""

    def update(g, state, _):
        t, m, v, largest = state
        t, m, v = t + 1, 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g**2
        largest = jnp.maximum(largest, v)
        root = jnp.sqrt(largest / (1 - 0.999**t)) + 1e-8
        return -0.1 * m / (1 - 0.9**t) / root, (t, m, v, largest)

    by_hand = partial(optax.GradientTransformation, lambda w: (0, *[jnp.zeros_like(w)] * 3), update)
    native = partial(optimizers.Adam, 0.1, amsgrad=True, **BETAS)
    shrinking = GRADIENTS * 0.5 ** np.arange(5)[:, None, None]
    return compare_updates(
        ("torch", partial(optim.Adam, lr=0.1, amsgrad=True)),
        {
            "optax": (partial(optax.amsgrad, 0.1), by_hand),
            "keras": (native, partial(Corrected, 0.1, amsgrad=True, **BETAS)),
        },
        shrinking,
    )


@difference(
    "AdamW by default",
    cause="The decay is 1e-2 in torch, 4e-3 in Keras, 1e-4 in optax; it is rate * decay * w in all, biases too.",
    mapping="Say the decay, in Keras as np.float64; and in Keras ε as in Adam's epsilon.",
    naive={"keras": 0.016, "optax": 0.026},
)
def adamw() -> Measured:
    """Takes the defaults."""
    return compare_updates(
        ("torch", partial(optim.AdamW, lr=0.1)),
        {
            "keras": (
                partial(optimizers.AdamW, 0.1, **BETAS),
                partial(Corrected, 0.1, weight_decay=np.float64(0.01), **BETAS),
            ),
            "optax": (partial(optax.adamw, 0.1), partial(optax.adamw, 0.1, weight_decay=0.01)),
        },
    )


@difference(
    "Adamax's epsilon",
    cause="torch and optax take max(β₂ u, |g| + ε), Keras max(β₂ u, |g|) + ε; ε is 1e-8, in Keras 1e-7.",
    mapping="A subclass of Keras' Adamax.",
    naive={"keras": 0.27, "keras 1e-8": 4.4e-6, "optax": 0.0},
)
def adamax() -> Measured:
    """Takes the defaults on gradients of 1e-6; and, as "keras 1e-8", the same number for ε."""

    class Within(optimizers.Adamax):
        def update_step(self, gradient, variable, learning_rate):
            index = self._get_variable_index(variable)
            m, u = self._m[index], self._u[index]
            m.assign(0.9 * m + (1 - 0.9) * gradient)
            u.assign(keras.ops.maximum(0.999 * u, keras.ops.abs(gradient) + 1e-8))
            t = keras.ops.cast(self.iterations + 1, variable.dtype)
            variable.assign(variable - learning_rate / (1 - self.beta_1**t) * m / u)

    native, mapped = partial(optimizers.Adamax, 0.1, **BETAS), partial(Within, 0.1, **BETAS)
    return compare_updates(
        ("torch", partial(optim.Adamax, lr=0.1)),
        {
            "keras": (native, mapped),
            "keras 1e-8": (partial(native, epsilon=1e-8), mapped),
            "optax": partial(optax.adamax, 0.1),
        },
        SMALL,
    )


@difference(
    "Nadam of torch and Keras",
    cause="The momentum of step t is β₁ (1 - 0.96^(ψ t) / 2) with ψ = 0.004 in torch and 1 in Keras, which casts "
    "the 0.96 through float32, and cannot be told otherwise.",
    mapping="momentum_decay=1 in torch. What is left needs the formula written out.",
    reference="keras",
    naive={"torch": 0.043},
    left={"torch": 3.3e-8},
)
def nadam_of_torch_and_keras() -> Measured:
    """Takes torch's default momentum decay, with an ε that does not count."""
    native = partial(optim.NAdam, lr=0.1, eps=1e-300)
    with float64_in_torch():
        return compare_updates(
            ("keras", partial(optimizers.Nadam, 0.1, epsilon=1e-300, **BETAS)),
            {"torch": (native, partial(native, momentum_decay=1))},
        )


@difference(
    "Nadam of torch and optax",
    cause="The momentum of step t is β₁ (1 - 0.96^(ψ t) / 2) with ψ = 0.004 in torch, and β₁ itself in optax.",
    mapping="momentum_decay=1e9 in torch.",
    reference="optax",
    naive={"torch": 0.43},
)
def nadam_of_torch_and_optax() -> Measured:
    """Takes the defaults."""
    native = partial(optim.NAdam, lr=0.1)
    with float64_in_torch():
        return compare_updates(
            ("optax", partial(optax.nadam, 0.1)), {"torch": (native, partial(native, momentum_decay=1e9))}
        )


@difference(
    "Nadam of torch in float64",
    cause="torch keeps the product of its momenta in its default dtype, float32 unless it is set, whatever dtype "
    "the weights have.",
    mapping="torch.set_default_dtype(torch.float64).",
    reference="optax",
    naive={"torch": 2e-7},
)
def nadam_of_torch_in_float64() -> Measured:
    """Gives float64 weights to torch.optim.NAdam, with optax' momentum."""
    native, reference = partial(optim.NAdam, lr=0.1, momentum_decay=1e9), ("optax", partial(optax.nadam, 0.1))
    naive = compare_updates(reference, {"torch": native})["torch"][0]
    with float64_in_torch():
        return {"torch": (naive, compare_updates(reference, {"torch": native})["torch"][0])}


@difference(
    "Gradients of zero with an epsilon of zero",
    cause="0 / 0. optax.adagrad and torch's Adamax with ε > 0 leave the weight alone.",
    mapping="Do not take ε = 0 for a mapping where gradients can vanish: dead inputs, padding.",
    facts={
        "torch Adam": "nan",
        "torch Adagrad": "nan",
        "torch Adamax": "0",
        "keras Adam": "nan",
        "keras Lion": "0",
        "optax adam": "nan",
        "optax adagrad": "0",
    },
)
def gradients_of_zero() -> Measured:
    """Makes two steps with gradients of 0 and looks at the largest update."""
    makers = {
        "torch Adam": partial(optim.Adam, eps=0.0),
        "torch Adagrad": partial(optim.Adagrad, eps=0.0),
        "torch Adamax": optim.Adamax,
        "keras Adam": partial(optimizers.Adam, epsilon=0.0),
        "keras Lion": optimizers.Lion,
        "optax adam": partial(optax.adam, 0.1, eps=0.0),
        "optax adagrad": partial(optax.adagrad, 0.1, initial_accumulator_value=0.0, eps=0.0),
    }
    zero = 0 * GRADIENTS[:2]
    return {who: text(abs(updates(who, make, zero)[-1]).max()) for who, make in makers.items()}


@difference(
    "Adam in float32",
    cause="torch takes 1 - βᵗ in Python's float64; optax and Keras in float32, where 1 - 0.999 keeps four digits.",
    mapping="Correct by numbers computed in float64.",
    reference="numpy",
    rounding=3e-7,
    naive={"torch": 0.0, "keras": 8.4e-6, "optax": 8.3e-6},
)
def adam_in_float32() -> Measured:
    """Makes three updates with the gradient 1: without rounding each is 1."""

    def in_torch():
        w = torch.zeros(1, requires_grad=True)
        optimizer = optim.Adam([w], lr=1.0)
        for _ in range(3):
            w.grad = torch.ones(1)
            optimizer.step()
            yield w.item()

    def in_keras():
        w, optimizer = keras.Variable(np.zeros(1, np.float32)), optimizers.Adam(1.0, epsilon=1e-30)
        for _ in range(3):
            optimizer.apply([tf.ones(1)], [w])
            yield w.numpy().item()

    def in_optax():
        optimizer, w, one = optax.adam(1.0), jnp.zeros(1, jnp.float32), jnp.ones(1, jnp.float32)
        state = optimizer.init(w)
        for _ in range(3):
            update, state = optimizer.update(one, state)
            w = w + update
            yield w.item()

    def by_hand(one):
        w, m, v = 0 * one, 0 * one, 0 * one
        for t in (1, 2, 3):
            m, v = 0.9 * m + (1 - 0.9) * one, 0.999 * v + (1 - 0.999) * one
            w = w - m / (1 - 0.9**t) / (v / (1 - 0.999**t)) ** 0.5
            yield float(w[0])

    def off(weights):
        return max(abs(w + t) / t for t, w in enumerate(weights, start=1))

    return {
        "torch": (off(in_torch()), off(in_torch())),
        "keras": (off(in_keras()), off(by_hand(tf.ones(1)))),
        "optax": (off(in_optax()), off(by_hand(jnp.ones(1, jnp.float32)))),
    }
