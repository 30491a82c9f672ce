"""Ties and kinks: the slope where two branches meet, which mathematics leaves open and every framework decides."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import tensorflow as tf
import torch
from differences import Measured, difference, distance, random
from measure import slopes, text
from torch.nn import functional

ZERO = np.zeros(1)
ONES = np.array([-1.0, 1.0])


@difference(
    "ReLU at zero",
    cause="All three define the slope at 0 to be 0.",
    mapping="None is needed: use relu, never max(x, 0). At its corners relu6 agrees too: 0 at 0 and 0 at 6.",
    facts={"torch": "0 0", "keras": "0 0", "jax": "0 0"},
)
def relu_at_zero() -> Measured:
    """Differentiates relu6 at 0 and at 6, and so relu at 0."""
    return slopes(
        {"torch": functional.relu6, "keras": keras.activations.relu6, "jax": jax.nn.relu6}, np.array([0.0, 6.0])
    )


@difference(
    "ReLU as the maximum of x and zero",
    cause="At a tie torch.maximum and jnp.maximum send half to each argument, tf.maximum all of it to the first.",
    mapping="Use relu, or where(x > 0, x, 0).",
    facts={"torch": "0.5", "tf": "1", "jax": "0.5", "torch relu": "0", "tf relu": "0", "jax relu": "0"},
)
def relu_as_a_maximum() -> Measured:
    """Writes relu as maximum(x, 0) and differentiates it at 0, where dead inputs and zero padding are."""
    naive = {
        "torch": lambda x: torch.maximum(x, torch.zeros_like(x)),
        "tf": lambda x: tf.maximum(x, 0.0),
        "jax": lambda x: jnp.maximum(x, 0.0),
    }
    return slopes(naive | {"torch relu": functional.relu, "tf relu": tf.nn.relu, "jax relu": jax.nn.relu}, ZERO)


@difference(
    "ReLU as a clamp",
    cause="torch.clamp and keras.ops.clip pass the whole gradient at the limit, jnp.clip half of it.",
    mapping="Use relu, or where(x > 0, x, 0), whose slope at 0 is 0.",
    facts={"torch": "1", "keras": "1", "jax": "0.5", "torch where": "0", "keras where": "0", "jax where": "0"},
)
def relu_as_a_clamp() -> Measured:
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
def clamp_at_its_limits() -> Measured:
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
    cause="torch has slope 0 at the corners, Keras and jax have 1.",
    mapping="where(abs(x) < 1, x, sign(x)), as for a clamp.",
    facts={"torch": "0 0", "keras": "1 1", "jax": "1 1"},
)
def hardtanh_at_its_corners() -> Measured:
    """Differentiates the native hardtanh at -1 and at 1."""
    return slopes(
        {"torch": functional.hardtanh, "keras": keras.activations.hard_tanh, "jax": jax.nn.hard_tanh}, ONES
    )


@difference(
    "Absolute value at zero",
    cause="jnp.abs has slope 1 at 0 in jax 0.10; torch and TensorFlow have 0.",
    mapping="x * sign(x) in jax.",
    facts={"torch": "0", "tf": "0", "jax": "1", "jax x sign x": "0"},
)
def absolute_value_at_zero() -> Measured:
    """Differentiates |x| at 0: an L1 loss or penalty meets it in every residual and weight that is exactly 0."""
    return slopes(
        {"torch": torch.abs, "tf": tf.abs, "jax": jnp.abs, "jax x sign x": lambda x: x * jnp.sign(x)},
        ZERO,
    )


@difference(
    "Leaky ReLU at zero",
    cause="jax.nn.leaky_relu chooses by x >= 0, torch and TensorFlow by x > 0.",
    mapping="where(x > 0, x, slope * x) in jax.",
    facts={"torch": "0.01", "tf": "0.01", "jax": "1", "jax where": "0.01"},
)
def leaky_relu_at_zero() -> Measured:
    """Differentiates at 0."""
    return slopes(
        {
            "torch": functional.leaky_relu,
            "tf": lambda x: tf.nn.leaky_relu(x, 0.01),
            "jax": jax.nn.leaky_relu,
            "jax where": lambda x: jnp.where(x > 0, x, 0.01 * x),
        },
        ZERO,
    )


@difference(
    "SELU and CELU at zero",
    cause="TensorFlow's selu takes the positive branch at 0; Keras adds max(x, 0) and min(0, ...), which both "
    "send their tie through.",
    mapping="where(x > 0, x, alpha * expm1(x)); for celu with alpha = 1, elu.",
    facts={
        "torch selu": "1.758",
        "keras selu": "1.051",
        "jax selu": "1.758",
        "torch celu": "1",
        "keras celu": "2",
        "jax celu": "1",
        "keras elu": "1",
    },
)
def selu_and_celu_at_zero() -> Measured:
    """Differentiates at 0."""
    functions = {"torch": functional, "keras": keras.activations, "jax": jax.nn}
    named = {f"{who} {name}": getattr(f, name) for name in ("selu", "celu") for who, f in functions.items()}
    return slopes(named | {"keras elu": keras.activations.elu}, ZERO)


@difference(
    "Square root at zero",
    cause="The root has slope infinity at 0, the square within it 0: their product is NaN in all.",
    mapping="sqrt(x² + ε).",
    facts={"torch": "nan", "tf": "nan", "jax": "nan", "torch mapped": "0", "tf mapped": "0", "jax mapped": "0"},
)
def square_root_at_zero() -> Measured:
    """Differentiates sqrt(x²) at 0."""
    tiny = 1e-12
    naive = {"torch": lambda x: (x**2).sqrt(), "tf": lambda x: tf.sqrt(x**2), "jax": lambda x: jnp.sqrt(x**2)}
    mapped = {
        "torch mapped": lambda x: (x**2 + tiny).sqrt(),
        "tf mapped": lambda x: tf.sqrt(x**2 + tiny),
        "jax mapped": lambda x: jnp.sqrt(x**2 + tiny),
    }
    return slopes(naive | mapped, ZERO)


@difference(
    "Gradient of a maximum at a tie",
    cause="torch.maximum and jnp.maximum give half to each argument, tf.maximum gives all to the first.",
    mapping="where(a >= b, a, b) in all.",
    facts={
        "torch": "0.5 0.5",
        "tf": "1 0",
        "jax": "0.5 0.5",
        "torch where": "1 0",
        "tf where": "1 0",
        "jax where": "1 0",
    },
)
def gradient_of_a_maximum() -> Measured:
    """Differentiates maximum(a, b) with respect to both where a = b. So it is for minimum."""
    naive = {"torch": torch.maximum, "tf": tf.maximum, "jax": jnp.maximum}
    mapped = {
        "torch where": lambda a, b: torch.where(a >= b, a, b),
        "tf where": lambda a, b: tf.where(a >= b, a, b),
        "jax where": lambda a, b: jnp.where(a >= b, a, b),
    }
    return slopes(naive | mapped, np.ones(1), np.ones(1))


@difference(
    "Gradient of the largest entry at a tie",
    cause="torch's max over an axis gives all to one index; max over everything, amax, tf.reduce_max and jnp.max "
    "share it evenly.",
    mapping="torch.amax.",
    facts={
        "torch max(dim)": "1 0 0 0 0",
        "torch max": "0.3333 0 0.3333 0 0.3333",
        "torch amax": "0.3333 0 0.3333 0 0.3333",
        "tf": "0.3333 0 0.3333 0 0.3333",
        "jax": "0.3333 0 0.3333 0 0.3333",
    },
)
def gradient_of_the_largest() -> Measured:
    """Differentiates the largest of [2, 1, 2, 0, 2]."""
    functions = {
        "torch max(dim)": lambda x: x.max(0).values,
        "torch max": torch.max,
        "torch amax": torch.amax,
        "tf": tf.reduce_max,
        "jax": jnp.max,
    }
    return slopes(functions, np.array([2.0, 1.0, 2.0, 0.0, 2.0]))


@difference(
    "Gradient of a median and of the k largest at ties",
    cause="Which of several equal entries is chosen is left open: torch's median shares, jnp.median chooses; "
    "tf.math.top_k and jax.lax.top_k choose the first, torch.topk does not say.",
    mapping="Break ties in the data, or compare the values alone.",
    facts={
        "torch median": "0.3333 0 0.3333 0 0.3333",
        "jax median": "1 0 0 0 0",
        "torch sort": "0 0 1 0 1",
        "tf top_k": "1 0 1 0 0",
        "jax top_k": "1 0 1 0 0",
    },
)
def gradient_of_a_median() -> Measured:
    """Differentiates the median, and the sum of the 2 largest, of [2, 1, 2, 0, 2]."""
    functions = {
        "torch median": torch.median,
        "jax median": jnp.median,
        "torch sort": lambda x: x.sort().values[-2:],
        "tf top_k": lambda x: tf.math.top_k(x, 2).values,
        "jax top_k": lambda x: jax.lax.top_k(x, 2)[0],
    }
    return slopes(functions, np.array([2.0, 1.0, 2.0, 0.0, 2.0]))


@difference(
    "Norm at zero",
    cause="torch defines the slope of the norm at 0 to be 0; tf.norm and jnp.linalg.norm divide 0 by 0.",
    mapping="sqrt(sum x² + ε).",
    facts={"torch": "0 0", "tf": "nan nan", "jax": "nan nan", "tf mapped": "0 0", "jax mapped": "0 0"},
)
def norm_at_zero() -> Measured:
    """Differentiates the norm of a vector of zeros: one such row makes every weight NaN."""
    functions = {
        "torch": torch.linalg.vector_norm,
        "tf": tf.norm,
        "jax": jnp.linalg.norm,
        "tf mapped": lambda x: tf.sqrt(tf.reduce_sum(x**2) + 1e-12),
        "jax mapped": lambda x: jnp.sqrt(jnp.sum(x**2) + 1e-12),
    }
    return slopes(functions, np.zeros(2))


@difference(
    "Standard deviation of a constant",
    cause="torch defines the slope there to be 0; tf.math.reduce_std and jnp.std divide 0 by 0.",
    mapping="sqrt(variance + ε), as batch and layer normalization do.",
    facts={"torch": "0 0 0", "tf": "nan nan nan", "jax": "nan nan nan"},
)
def deviation_of_a_constant() -> Measured:
    """Differentiates the standard deviation of [1, 1, 1]."""
    return slopes({"torch": torch.std, "tf": tf.math.reduce_std, "jax": jnp.std}, np.ones(3))


@difference(
    "Product with a zero",
    cause="None divides the product by the entry; each multiplies the others.",
    mapping="None is needed.",
    facts={"torch": "6 0 0", "tf": "6 0 0", "jax": "6 0 0"},
)
def product_with_a_zero() -> Measured:
    """Differentiates the product of [0, 2, 3]."""
    return slopes({"torch": torch.prod, "tf": tf.reduce_prod, "jax": jnp.prod}, np.array([0.0, 2.0, 3.0]))


@difference(
    "Standard deviation by default",
    cause="torch divides by n - 1 (correction=1), the others by n.",
    mapping="correction=0 in torch.",
    reference="numpy",
    naive={"torch": 0.12, "tf": 0.0, "jax": 0.0},
)
def deviation_by_default() -> Measured:
    """Calls std on 5 numbers. So it is for var."""
    x = random(5)
    native = torch.tensor(x).std(), torch.tensor(x).std(correction=0)
    with jax.enable_x64(True):
        in_jax = jnp.std(x)
    found = {"torch": native, "tf": (tf.math.reduce_std(x),) * 2, "jax": (in_jax,) * 2}
    return {who: (distance(naive, x.std()), distance(mapped, x.std())) for who, (naive, mapped) in found.items()}


@difference(
    "Rounding of halves",
    cause="All round halves to the even number.",
    mapping="None is needed.",
    facts={"torch": "0 2 2", "tf": "0 2 2", "jax": "0 2 2"},
)
def rounding_of_halves() -> Measured:
    """Rounds 0.5, 1.5 and 2.5."""
    x = np.array([0.5, 1.5, 2.5])
    return {"torch": text(torch.tensor(x).round()), "tf": text(tf.round(x)), "jax": text(jnp.round(x))}


@difference(
    "First of equal entries",
    cause="All return the first index.",
    mapping="None is needed.",
    facts={"torch": "0", "tf": "0", "jax": "0"},
)
def first_of_equals() -> Measured:
    """Takes argmax of [1, 1]."""
    x = np.ones(2)
    return {"torch": text(torch.tensor(x).argmax()), "tf": text(tf.argmax(x)), "jax": text(jnp.argmax(x))}


@difference(
    "Hinge loss at the margin",
    cause="At y z = 1 two branches meet: a clamp passes the whole gradient, a maximum half of it or all.",
    mapping="relu(1 - y z), whose slope is 0 there in all.",
    facts={
        "torch clamp": "-1",
        "keras": "-1",
        "optax": "-0.5",
        "torch relu": "0",
        "keras relu": "0",
        "jax relu": "0",
    },
)
def hinge_at_the_margin() -> Measured:
    """Differentiates the hinge loss at z = 1 for the label y = 1."""
    functions = {
        "torch clamp": lambda z: (1 - z).clamp(min=0),
        "keras": lambda z: keras.losses.hinge(tf.ones_like(z), z),
        "optax": lambda z: optax.hinge_loss(z, jnp.ones_like(z)),
        "torch relu": lambda z: functional.relu(1 - z),
        "keras relu": lambda z: keras.activations.relu(1 - z),
        "jax relu": lambda z: jax.nn.relu(1 - z),
    }
    return slopes(functions, np.ones(1))
