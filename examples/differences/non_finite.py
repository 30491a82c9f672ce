"""NaN, infinity and subnormal numbers: who passes them on, who drops them."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from differences import Measured, difference
from measure import slopes, values
from torch.nn import functional

NAN = np.array([np.nan])


def maximum_with_one(library):
    """Return the function max(x, 1) of a library."""
    return lambda x: library.maximum(x, library.ones_like(x))


@difference(
    "NaN through elementwise functions",
    cause="All pass it on, as IEEE 754 asks, in both orders of the arguments.",
    mapping="None is needed.",
    facts={
        f"{who} {name}": "nan"
        for name in ("maximum", "relu", "relu6", "leaky_relu", "elu", "clip", "max", "softmax")
        for who in ("torch", "tf", "jax")
    },
)
def nan_through_functions() -> Measured:
    """Passes NaN; to max with a number before and one behind, and to softmax infinity and 0."""
    one = {
        "torch maximum": maximum_with_one(torch),
        "tf maximum": maximum_with_one(tf),
        "jax maximum": maximum_with_one(jnp),
        "torch clip": lambda x: x.clamp(-1.0, 1.0),
        "tf clip": lambda x: tf.clip_by_value(x, -1.0, 1.0),
        "jax clip": lambda x: jnp.clip(x, -1.0, 1.0),
    }
    for name in ("relu", "relu6", "leaky_relu", "elu"):
        for who, library in {"torch": functional, "tf": tf.nn, "jax": jax.nn}.items():
            one[f"{who} {name}"] = getattr(library, name)
    largest = {"torch max": torch.max, "tf max": tf.reduce_max, "jax max": jnp.max}
    softmax = {
        "torch softmax": lambda x: x.softmax(0)[0],
        "tf softmax": lambda x: tf.nn.softmax(x)[0],
        "jax softmax": lambda x: jax.nn.softmax(x)[0],
    }
    return (
        values(one, NAN) | values(largest, np.array([1.0, np.nan, 2.0])) | values(softmax, np.array([np.inf, 0.0]))
    )


@difference(
    "Slope of ReLU at NaN",
    cause="torch stops the gradient where the output is <= 0, which NaN is not; the others pass it where x > 0.",
    mapping="Test for NaN explicitly.",
    facts={"torch": "1", "tf": "0", "jax": "0"},
)
def relu_slope_at_nan() -> Measured:
    """Differentiates relu at NaN."""
    return slopes({"torch": functional.relu, "tf": tf.nn.relu, "jax": jax.nn.relu}, NAN)


@difference(
    "Argmax and sign of NaN",
    cause="torch and jax count NaN as the largest, TensorFlow passes it over; torch's sign is 0 where x is "
    "neither above nor below 0.",
    mapping="Test for NaN explicitly.",
    facts={"torch": "1", "tf": "2", "jax": "1", "torch sign": "0", "tf sign": "nan", "jax sign": "nan"},
)
def argmax_and_sign_of_nan() -> Measured:
    """Takes argmax of [1, NaN, 2], and the sign of NaN."""
    index = values({"torch": torch.argmax, "tf": tf.argmax, "jax": jnp.argmax}, np.array([1.0, np.nan, 2.0]))
    return index | values({"torch sign": torch.sign, "tf sign": tf.sign, "jax sign": jnp.sign}, NAN)


@difference(
    "NaN in max pooling",
    cause="TensorFlow's kernel passes NaN over when it looks for the largest.",
    mapping="Test for NaN before pooling, or pool by reduce_max over windows.",
    facts={"torch": "nan 2", "tf": "1 2", "jax": "nan 2", "tf reduce_max": "nan 2"},
)
def nan_in_max_pooling() -> Measured:
    """Pools [NaN, 1 | 0, 2] by windows of 2: an image with broken pixels looks sound in TensorFlow."""
    x = np.array([np.nan, 1.0, 0.0, 2.0])
    return values(
        {
            "torch": lambda x: functional.max_pool1d(x.reshape(1, 1, 4), 2),
            "tf": lambda x: tf.nn.max_pool1d(tf.reshape(x, (1, 4, 1)), 2, 2, "VALID"),
            "jax": lambda x: jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (2,), (2,), "VALID"),
            "tf reduce_max": lambda x: tf.reduce_max(tf.reshape(x, (2, 2)), axis=1),
        },
        x,
    )


@difference(
    "Gradient through where",
    cause="where multiplies the slope of the branch not taken by 0, and 0 times infinity is NaN; TensorFlow's "
    "sqrt has a gradient that yields 0 for 0.",
    mapping="Choose the argument before the function: sqrt(where(x > 0, x, 1)).",
    facts={"torch": "nan", "tf": "0", "jax": "nan", "torch mapped": "0", "jax mapped": "0"},
)
def gradient_through_where() -> Measured:
    """Differentiates where(x > 0, sqrt(x), 0) at 0."""
    return slopes(
        {
            "torch": lambda x: torch.where(x > 0, x.sqrt(), 0.0),
            "tf": lambda x: tf.where(x > 0, tf.sqrt(x), 0.0),
            "jax": lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0),
            "torch mapped": lambda x: torch.where(x > 0, torch.where(x > 0, x, 1.0).sqrt(), 0.0),
            "jax mapped": lambda x: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), 0.0),
        },
        np.zeros(1),
    )


@difference(
    "Activations at infinity",
    cause="x * sigmoid(x) is -∞ * 0 there; all do without a limit of their own.",
    mapping="Keep inputs finite.",
    facts={f"{who} {name}": "nan" for name in ("silu", "gelu") for who in ("torch", "tf", "jax")},
)
def activations_at_infinity() -> Measured:
    """Evaluates silu and gelu at -∞, where both have the limit 0."""
    functions = {"torch": functional, "tf": tf.nn, "jax": jax.nn}
    named = {f"{who} {name}": getattr(of, name) for name in ("silu", "gelu") for who, of in functions.items()}
    return values(named, np.array([-np.inf]))


@difference(
    "Softmax of nothing but minus infinity",
    cause="0 / 0, as where a row of attention is wholly masked.",
    mapping="Mask with a large finite number.",
    facts={"torch": "nan nan", "tf": "nan nan", "jax": "nan nan"},
)
def softmax_of_minus_infinity() -> Measured:
    """Evaluates softmax where every logit is -∞."""
    functions = {"torch": lambda x: x.softmax(0), "tf": tf.nn.softmax, "jax": jax.nn.softmax}
    return values(functions, np.full(2, -np.inf))


@difference(
    "Logarithm of softmax",
    cause="The softmax of a very unlikely class is 0, and its logarithm -∞.",
    mapping="The native log_softmax, which all have.",
    facts={
        "torch": "-inf 0",
        "tf": "-inf 0",
        "jax": "-inf 0",
        "torch log_softmax": "-1e+04 0",
        "tf log_softmax": "-1e+04 0",
        "jax log_softmax": "-1e+04 0",
    },
)
def logarithm_of_softmax() -> Measured:
    """Takes the logarithm of softmax for logits of 0 and 10 000."""
    return values(
        {
            "torch": lambda x: x.softmax(0).log(),
            "tf": lambda x: tf.math.log(tf.nn.softmax(x)),
            "jax": lambda x: jnp.log(jax.nn.softmax(x)),
            "torch log_softmax": lambda x: x.log_softmax(0),
            "tf log_softmax": tf.nn.log_softmax,
            "jax log_softmax": jax.nn.log_softmax,
        },
        np.array([0.0, 1e4]),
    )


@difference(
    "Largest binary cross-entropy",
    cause="torch clamps the logarithm at -100, Keras clips probabilities at 1e-7, whose logarithm is -16.1.",
    mapping="The form on logits, which is 10 000 there.",
    facts={"torch": "100", "keras": "16.12", "torch logits": "1e+04", "keras logits": "1e+04"},
)
def largest_binary_cross_entropy() -> Measured:
    """Passes the sigmoid of a logit of 10 000 where the target is 0."""
    zero = np.zeros(1)
    return values(
        {
            "torch": lambda z: functional.binary_cross_entropy(z.sigmoid(), torch.tensor(zero)),
            "keras": lambda z: keras.losses.binary_crossentropy(zero, tf.sigmoid(z)),
            "torch logits": lambda z: functional.binary_cross_entropy_with_logits(z, torch.tensor(zero)),
            "keras logits": lambda z: keras.losses.binary_crossentropy(zero, z, from_logits=True),
        },
        np.array([1e4]),
    )


@difference(
    "Subnormal numbers",
    cause="TensorFlow and XLA, and so jax, tell their threads to take numbers below the smallest normal one for "
    "0.",
    mapping="Keep numbers above 2.3e-308 in float64 and 1.2e-38 in float32; torch.set_flush_denormal(True) "
    "imitates them.",
    facts={
        "numpy float64": "2e-310",
        "torch float64": "2e-310",
        "tf float64": "0",
        "jax float64": "0",
        "numpy float32": "2e-40",
        "torch float32": "2e-40",
        "tf float32": "0",
        "jax float32": "0",
    },
)
def subnormal_numbers() -> Measured:
    """Doubles 1e-310 in float64 and 1e-40 in float32."""
    found = {}
    for x in (np.array([1e-310]), np.array([1e-40], np.float32)):
        found |= values({f"{who} {x.dtype}": lambda x: x + x for who in ("numpy", "torch", "tf", "jax")}, x)
    return found
