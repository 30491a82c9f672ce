"""Activations: the same name, other constants and other formulas far out."""

import warnings
from functools import partial

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from differences import Measured, as_numpy, difference, random
from measure import compare, slopes, text
from torch.nn import functional

X = 3 * random(200)  # the kinks, which are exact numbers, are not among them


# torch, Keras and jax, which has no shrinking functions.
TWINS = {
    "relu": (functional.relu, keras.activations.relu, jax.nn.relu),
    "relu6": (functional.relu6, keras.activations.relu6, jax.nn.relu6),
    "elu": (functional.elu, keras.activations.elu, jax.nn.elu),
    "selu": (functional.selu, keras.activations.selu, jax.nn.selu),
    "celu": (functional.celu, keras.activations.celu, jax.nn.celu),
    "silu": (functional.silu, keras.activations.silu, jax.nn.silu),
    "mish": (functional.mish, keras.activations.mish, jax.nn.mish),
    "sigmoid": (functional.sigmoid, keras.activations.sigmoid, jax.nn.sigmoid),
    "log_sigmoid": (functional.logsigmoid, keras.activations.log_sigmoid, jax.nn.log_sigmoid),
    "tanh": (functional.tanh, keras.activations.tanh, jnp.tanh),
    "softsign": (functional.softsign, keras.activations.softsign, jax.nn.soft_sign),
    "hard_silu": (functional.hardswish, keras.activations.hard_silu, jax.nn.hard_silu),
    "tanh_shrink": (functional.tanhshrink, keras.activations.tanh_shrink),
    "hard_shrink": (functional.hardshrink, keras.activations.hard_shrink),
    "soft_shrink": (functional.softshrink, keras.activations.soft_shrink),
    "erf": (torch.erf, keras.ops.erf, jax.scipy.special.erf),
}


@difference(
    "Activations that agree",
    cause="The same formulas.",
    mapping="None is needed. Value and gradient agree at 200 random points.",
    naive={
        f"{who} {name}": 0.0
        for name, twins in TWINS.items()
        for who, _ in zip(["keras", "jax"], twins[1:], strict=False)
    },
)
def activations_that_agree() -> Measured:
    """Calls the function of the same name."""
    measured = {}
    for name, (in_torch, *others) in TWINS.items():
        named = {f"{who} {name}": f for who, f in zip(["keras", "jax"], others, strict=False)}
        measured |= compare([X], ("torch", in_torch), named)
    return measured


@difference(
    "Leaky ReLU slope by default",
    cause="The slope below 0 is 0.01 in torch and jax, 0.3 in keras.layers.LeakyReLU, 0.2 in keras.activations.",
    mapping="where(x > 0, x, 0.01 * x) in Keras (see also leaky ReLU in float64).",
    naive={"keras layer": 0.37, "keras activation": 0.24, "jax": 0.0},
)
def leaky_relu_default() -> Measured:
    """Takes each framework's default."""

    def by_hand(x):
        return tf.where(x > 0, x, 0.01 * x)

    layer = keras.layers.LeakyReLU(dtype="float64")
    return compare(
        [X],
        ("torch", functional.leaky_relu),
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
    naive={"keras": 2.8e-10},
)
def leaky_relu_in_float64() -> Measured:
    """Passes the slope 0.01 to Keras and computes in float64."""
    naive = partial(keras.activations.leaky_relu, negative_slope=0.01)
    return compare(
        [X], ("torch", functional.leaky_relu), {"keras": (naive, lambda x: tf.where(x > 0, x, 0.01 * x))}
    )


@difference(
    "ELU with another alpha",
    cause="The same formula where the argument is called alpha: alpha * (exp(x) - 1) below 0.",
    mapping="None is needed, except for celu in torch (see celu with another alpha).",
    naive={"keras": 0.0, "jax": 0.0},
)
def elu_with_another_alpha() -> Measured:
    """Passes alpha = 2."""
    others = {"keras": partial(keras.activations.elu, alpha=2.0), "jax": partial(jax.nn.elu, alpha=2.0)}
    return compare([X], ("torch", partial(functional.elu, alpha=2.0)), others)


@difference(
    "CELU with another alpha",
    cause="torch keeps 1 / alpha as a float32 number, also in float64.",
    mapping="where(x > 0, x, alpha * expm1(x / alpha)) in torch.",
    reference="jax",
    naive={"torch": 1.5e-8, "keras": 0.0},
)
def celu_with_another_alpha() -> Measured:
    """Passes alpha = 0.3 and computes in float64."""
    alpha = 0.3
    return compare(
        [X],
        ("jax", partial(jax.nn.celu, alpha=alpha)),
        {
            "torch": (
                partial(functional.celu, alpha=alpha),
                lambda x: torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0) / alpha)),
            ),
            "keras": partial(keras.activations.celu, alpha=alpha),
        },
    )


@difference(
    "ELU far below zero",
    cause="torch computes the slope from x, as exp(x); TensorFlow and jax from the rounded y, as y + 1.",
    mapping="where(x > 0, x, expm1(x)) in TensorFlow; jax differentiates expm1 as y + 1 too. It matters only "
    "where the slope is below 1e-16.",
    facts={"torch": "4.248e-18", "keras": "0", "jax": "0", "keras where": "4.248e-18", "jax where": "0"},
)
def elu_far_below_zero() -> Measured:
    """Differentiates at -40. So it is for selu."""
    return slopes(
        {
            "torch": functional.elu,
            "keras": keras.activations.elu,
            "jax": jax.nn.elu,
            "keras where": lambda x: tf.where(x > 0, x, tf.math.expm1(x)),
            "jax where": lambda x: jnp.where(x > 0, x, jnp.expm1(x)),
        },
        np.array([-40.0]),
    )


@difference(
    "GELU by default",
    cause="The default is the exact form with erf in torch and Keras, the approximation with tanh in jax.",
    mapping="approximate=False in jax, or approximate='tanh' in torch.",
    naive={"jax": 4.8e-4, "jax tanh": 0.0},
)
def gelu_default() -> Measured:
    """Calls gelu without an argument; and, as "jax tanh", asks torch for the approximation that jax takes."""
    exact = compare(
        [X], ("torch", functional.gelu), {"jax": (jax.nn.gelu, partial(jax.nn.gelu, approximate=False))}
    )
    return exact | compare([X], ("torch", partial(functional.gelu, approximate="tanh")), {"jax tanh": jax.nn.gelu})


@difference(
    "GELU in float64",
    cause="Keras casts the constants of both forms through float32.",
    mapping="Write the formula out with NumPy's constants.",
    naive={"keras": 4.1e-9, "keras tanh": 8.4e-10},
)
def gelu_in_float64() -> Measured:
    """Calls keras.activations.gelu on float64."""

    def by_erf(x):
        return x / 2 * (1 + tf.math.erf(x / np.sqrt(2)))

    def by_tanh(x):
        return x / 2 * (1 + tf.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))

    gelu = keras.activations.gelu
    return compare(
        [X], ("torch", functional.gelu), {"keras": (partial(gelu, approximate=False), by_erf)}
    ) | compare(
        [X],
        ("torch", partial(functional.gelu, approximate="tanh")),
        {"keras tanh": (partial(gelu, approximate=True), by_tanh)},
    )


@difference(
    "GELU far below zero",
    cause="torch computes x / 2 * (1 + erf(x / sqrt 2)), which is 0 there; Keras and jax use erfc(-x / sqrt 2).",
    mapping="x / 2 * erfc(-x / sqrt 2) in torch. What is lost without it is below 1e-90.",
    facts={"torch": "0", "torch erfc": "-2.207e-92", "keras": "-2.207e-92", "jax": "-2.207e-92"},
)
def gelu_far_below_zero() -> Measured:
    """Evaluates gelu at -20.5."""
    x = np.array([-20.5])
    with jax.enable_x64(True):
        in_jax = jax.nn.gelu(x, approximate=False)
    z = torch.tensor(x)
    return {
        "torch": text(functional.gelu(z)),
        "torch erfc": text(z / 2 * torch.erfc(-z / np.sqrt(2))),
        "keras": text(keras.activations.gelu(tf.constant(x))),
        "jax": text(in_jax),
    }


@difference(
    "Softplus above twenty",
    cause="functional.softplus returns x itself above its threshold of 20, with slope 1.",
    mapping="torch.logaddexp(x, 0), or threshold=700.",
    reference="jax",
    naive={"torch": 6.9e-10, "torch threshold": 6.9e-10, "keras": 0.0},
)
def softplus_above_twenty() -> Measured:
    """Evaluates softplus from 20 to 40: the value is off by log(1 + exp(-x)), the slope by exp(-x)."""
    x = np.linspace(20.1, 40.0, 50)
    return compare(
        [x],
        ("jax", jax.nn.softplus),
        {
            "torch": (functional.softplus, lambda x: torch.logaddexp(x, torch.zeros_like(x))),
            "torch threshold": (functional.softplus, partial(functional.softplus, threshold=700)),
            "keras": keras.activations.softplus,
        },
    )


@difference(
    "Hard sigmoid in float64",
    cause="The backward of functional.hardsigmoid multiplies by a float32 1/6.",
    mapping="relu6(x + 3) / 6 in torch.",
    reference="jax",
    naive={"torch": 3e-8, "keras": 0.0},
)
def hard_sigmoid_in_float64() -> Measured:
    """Calls hardsigmoid on float64; the values agree, the gradients do not."""
    others = {
        "torch": (functional.hardsigmoid, lambda x: functional.relu6(x + 3) / 6),
        "keras": keras.activations.hard_sigmoid,
    }
    return compare([X], ("jax", jax.nn.hard_sigmoid), others)


@difference(
    "Hard sigmoid of Keras 2",
    cause="Keras 2 had clip(0.2 x + 0.5, 0, 1); Keras 3, torch and jax have relu6(x + 3) / 6.",
    mapping="Write the old formula out where a model of Keras 2 is loaded.",
    reference="keras",
    naive={"torch": 0.63},
)
def hard_sigmoid_of_keras_2() -> Measured:
    """Takes hardsigmoid for the hard_sigmoid of an old Keras model."""
    return compare(
        [X],
        ("keras", lambda x: keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)),
        {"torch": (functional.hardsigmoid, lambda x: (0.2 * x + 0.5).clamp(0, 1))},
    )


@difference(
    "PReLU's parameter",
    cause="torch has one slope in all, or one per channel, of 0.25; Keras one per element unless told, of 0.",
    mapping="keras.layers.PReLU(shared_axes=[1, 2], alpha_initializer=Constant(0.25)).",
    facts={"torch": "(3,) 0.25", "keras": "(8, 8, 3) 0", "keras shared": "(1, 1, 3) 0.25"},
)
def prelu_parameter() -> Measured:
    """Builds PReLU for images of 8 × 8 in 3 channels: here are the slopes' shape and first value."""
    shared = keras.layers.PReLU(shared_axes=[1, 2], alpha_initializer=keras.initializers.Constant(0.25))
    found = {"torch": torch.nn.PReLU(3).weight}
    for who, layer in {"keras": keras.layers.PReLU(), "keras shared": shared}.items():
        layer.build((None, 8, 8, 3))
        found[who] = layer.alpha
    return {who: f"{tuple(slope.shape)} {float(np.ravel(as_numpy(slope))[0]):g}" for who, slope in found.items()}


@difference(
    "Axis of softmax by default",
    cause="Without dim, torch.nn.Softmax takes axis 0 of a tensor of 3 axes (and warns); Keras and jax the last.",
    mapping="torch.nn.Softmax(dim=-1).",
    reference="keras",
    naive={"torch": 1.1, "jax": 0.0},
)
def softmax_axis() -> Measured:
    """Leaves the axis to the framework."""
    with warnings.catch_warnings(action="ignore"):
        return compare(
            [random(4, 3, 5)],
            ("keras", keras.activations.softmax),
            {"torch": (torch.nn.Softmax(), torch.nn.Softmax(dim=-1)), "jax": jax.nn.softmax},
        )
