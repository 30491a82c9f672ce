"""Activations: the same name, other constants, other formulas far out, other slopes where two branches meet."""

import warnings
from functools import partial

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

from differences import difference, distance, random
from measure import compare, slopes, text

X = 3 * random(200)  # the kinks, which are exact numbers, are not among them
ZERO = np.zeros(1)
ONES = np.array([-1.0, 1.0])


@difference(
    "Activations that agree",
    cause="The same formulas.",
    mapping="None is needed. Value and gradient agree at 200 random points.",
    naive={
        f"{who} {name}": 0.0
        for name in (
            "relu relu6 elu selu celu silu mish log_sigmoid sigmoid tanh softsign hard_silu tanh_shrink "
            "hard_shrink soft_shrink erf"
        ).split()
        for who in ("keras", "jax")
        if who == "keras" or "_shrink" not in name
    },
)
def activations_that_agree():
    """Calls the function of the same name."""
    in_torch = {
        "log_sigmoid": F.logsigmoid,
        "hard_silu": F.hardswish,
        "tanh_shrink": F.tanhshrink,
        "hard_shrink": F.hardshrink,
        "soft_shrink": F.softshrink,
        "erf": torch.erf,
    }
    in_jax = {"tanh": jnp.tanh, "softsign": jax.nn.soft_sign, "erf": jax.scipy.special.erf}
    in_keras = {"erf": keras.ops.erf}
    measured = {}
    for name in "relu relu6 elu selu celu silu mish sigmoid tanh softsign".split() + list(in_torch):
        others = {f"keras {name}": in_keras.get(name) or getattr(keras.activations, name)}
        if "_shrink" not in name:
            others[f"jax {name}"] = in_jax.get(name) or getattr(jax.nn, name)
        measured |= compare([X], ("torch", in_torch.get(name) or getattr(F, name)), others)
    return measured


@difference(
    "ReLU at zero",
    cause="All three define the slope at 0 to be 0.",
    mapping="None is needed: use relu, never max(x, 0). At its corners relu6 agrees too: 0 at 0 and 0 at 6.",
    facts={who: "0 0" for who in ("torch", "keras", "jax")},
)
def relu_at_zero():
    """Differentiates relu6 at 0 and at 6, and so relu at 0."""
    return slopes({"torch": F.relu6, "keras": keras.activations.relu6, "jax": jax.nn.relu6}, np.array([0.0, 6.0]))


@difference(
    "ReLU as the maximum of x and zero",
    cause="At a tie torch.maximum and jnp.maximum send half to each argument, tf.maximum all of it to the first.",
    mapping="Use relu, or where(x > 0, x, 0).",
    facts={"torch": "0.5", "tf": "1", "jax": "0.5", "torch relu": "0", "tf relu": "0", "jax relu": "0"},
)
def relu_as_a_maximum():
    """Writes relu as maximum(x, 0) and differentiates it at 0, where dead inputs and zero padding are."""
    naive = {
        "torch": lambda x: torch.maximum(x, torch.zeros_like(x)),
        "tf": lambda x: tf.maximum(x, 0.0),
        "jax": lambda x: jnp.maximum(x, 0.0),
    }
    return slopes(naive | {"torch relu": F.relu, "tf relu": tf.nn.relu, "jax relu": jax.nn.relu}, ZERO)


@difference(
    "ReLU as a clamp",
    cause="torch.clamp and keras.ops.clip pass the whole gradient at the limit, jnp.clip half of it.",
    mapping="Use relu, or where(x > 0, x, 0), whose slope at 0 is 0.",
    facts={"torch": "1", "keras": "1", "jax": "0.5", "torch where": "0", "keras where": "0", "jax where": "0"},
)
def relu_as_a_clamp():
    """Writes relu as clamp(x, min=0) and differentiates it at 0."""
    naive = {
        "torch": lambda x: x.clamp(min=0),
        "keras": lambda x: keras.ops.clip(x, 0.0, np.inf),
        "jax": lambda x: jnp.clip(x, 0.0),
    }
    mapped = {
        "torch where": lambda x: torch.where(x > 0, x, 0.0),
        "keras where": lambda x: keras.ops.where(x > 0, x, 0.0),
        "jax where": lambda x: jnp.where(x > 0, x, 0.0),
    }
    return slopes(naive | mapped, ZERO)


@difference(
    "Clamp at its limits",
    cause="torch.clamp and tf.clip_by_value pass the whole gradient at a limit, jnp.clip half of it.",
    mapping="where(abs(x) < 1, x, sign(x)), whose slope at the limits is 0 in all.",
    facts={
        "torch": "1 1",
        "tf": "1 1",
        "jax": "0.5 0.5",
        "torch where": "0 0",
        "tf where": "0 0",
        "jax where": "0 0",
    },
)
def clamp_at_its_limits():
    """Clips to [-1, 1] and differentiates at -1 and at 1."""
    naive = {
        "torch": lambda x: x.clamp(-1.0, 1.0),
        "tf": lambda x: tf.clip_by_value(x, -1.0, 1.0),
        "jax": lambda x: jnp.clip(x, -1.0, 1.0),
    }
    mapped = {
        "torch where": lambda x: torch.where(x.abs() < 1, x, x.detach().sign()),
        "tf where": lambda x: tf.where(tf.abs(x) < 1, x, tf.sign(tf.stop_gradient(x))),
        "jax where": lambda x: jnp.where(jnp.abs(x) < 1, x, jnp.sign(jax.lax.stop_gradient(x))),
    }
    return slopes(naive | mapped, ONES)


@difference(
    "hardtanh at its corners",
    cause="F.hardtanh has slope 0 at its corners, keras.activations.hard_tanh and jax.nn.hard_tanh have 1.",
    mapping="where(abs(x) < 1, x, sign(x)), as for a clamp.",
    facts={"torch": "0 0", "keras": "1 1", "jax": "1 1"},
)
def hardtanh_at_its_corners():
    """Differentiates the native hardtanh at -1 and at 1."""
    return slopes({"torch": F.hardtanh, "keras": keras.activations.hard_tanh, "jax": jax.nn.hard_tanh}, ONES)


@difference(
    "Absolute value at zero",
    cause="jnp.abs has slope 1 at 0, since jax 0.10; torch and TensorFlow have 0.",
    mapping="x * sign(x) in jax.",
    facts={"torch": "0", "tf": "0", "jax": "1", "jax x sign x": "0"},
)
def absolute_value_at_zero():
    """Differentiates |x| at 0: an L1 loss or penalty meets it in every residual and weight that is exactly 0."""
    return slopes(
        {"torch": torch.abs, "tf": tf.abs, "jax": jnp.abs, "jax x sign x": lambda x: x * jnp.sign(x)},
        ZERO,
    )


@difference(
    "Leaky ReLU slope by default",
    cause="The slope below 0 is 0.01 in torch and jax, 0.3 in keras.layers.LeakyReLU, 0.2 in keras.activations.",
    mapping="where(x > 0, x, 0.01 * x) in Keras (see also leaky ReLU in float64).",
    naive={"keras layer": 0.29, "keras activation": 0.19, "jax": 0.0},
)
def leaky_relu_default():
    """Takes each framework's default."""
    by_hand = lambda x: tf.where(x > 0, x, 0.01 * x)  # noqa: E731
    layer = keras.layers.LeakyReLU(dtype="float64")
    return compare(
        [X],
        ("torch", F.leaky_relu),
        {
            "keras layer": (layer, by_hand),
            "keras activation": (keras.activations.leaky_relu, by_hand),
            "jax": jax.nn.leaky_relu,
        },
    )


@difference(
    "Leaky ReLU in float64",
    cause="tf.nn.leaky_relu keeps the slope as a float32 attribute of its operation.",
    mapping="where(x > 0, x, slope * x).",
    naive={"keras": 2.4e-10},
)
def leaky_relu_in_float64():
    """Passes the slope 0.01 to Keras and computes in float64."""
    naive = lambda x: keras.activations.leaky_relu(x, 0.01)  # noqa: E731
    return compare([X], ("torch", F.leaky_relu), {"keras": (naive, lambda x: tf.where(x > 0, x, 0.01 * x))})


@difference(
    "Leaky ReLU at zero",
    cause="jax.nn.leaky_relu chooses by x >= 0, torch and TensorFlow by x > 0.",
    mapping="where(x > 0, x, slope * x) in jax.",
    facts={"torch": "0.01", "tf": "0.01", "jax": "1", "jax where": "0.01"},
)
def leaky_relu_at_zero():
    """Differentiates at 0."""
    return slopes(
        {
            "torch": F.leaky_relu,
            "tf": lambda x: tf.nn.leaky_relu(x, 0.01),
            "jax": jax.nn.leaky_relu,
            "jax where": lambda x: jnp.where(x > 0, x, 0.01 * x),
        },
        ZERO,
    )
