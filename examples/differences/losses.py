"""Losses on numbers: which factors they carry, what is a sum and what a mean, which small constants they add."""

import warnings

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import tensorflow as tf
import torch
from differences import Measured, difference, random
from keras import losses
from measure import compare, slopes
from torch.nn import functional

A, T = random(6, 5), random(6, 5, seed=2)  # outputs and targets: 6 observations of 5 numbers
P = np.exp(T) / np.exp(T).sum(axis=1, keepdims=True)  # target probabilities


@difference(
    "Mean squared error",
    cause="optax.l2_loss carries a factor 1/2, as the formula of textbooks does; optax reduces nothing.",
    mapping="optax.squared_error(a, t).mean(), which is torch's and Keras' mean over all numbers.",
    naive={"optax": 0.5, "optax sum over features": 4.0, "keras": 0.0},
)
def mean_squared_error() -> Measured:
    """Takes l2_loss for the squared error; and sums over features, then takes the mean over observations."""

    def mapped(a):
        return optax.squared_error(a, T).mean()

    return compare(
        [A],
        ("torch", lambda a: functional.mse_loss(a, torch.tensor(T))),
        {
            "optax": (lambda a: optax.l2_loss(a, T).mean(), mapped),
            "optax sum over features": (lambda a: optax.squared_error(a, T).sum(axis=1).mean(), mapped),
            "keras": lambda a: losses.MeanSquaredError(dtype="float64")(T, a),
        },
    )


@difference(
    "Sum of squared errors",
    cause="With reduction='sum' Keras adds up over observations a mean over the last axis: 1/5 here.",
    mapping="tf.reduce_sum(tf.square(a - t)).",
    naive={"keras": 0.8, "optax": 0.0},
)
def sum_of_squared_errors() -> Measured:
    """Asks for the sum in both."""
    return compare(
        [A],
        ("torch", lambda a: functional.mse_loss(a, torch.tensor(T), reduction="sum")),
        {
            "keras": (
                lambda a: losses.MeanSquaredError(reduction="sum", dtype="float64")(T, a),
                lambda a: tf.reduce_sum(tf.square(a - T)),
            ),
            "optax": lambda a: optax.squared_error(a, T).sum(),
        },
    )


@difference(
    "A Keras loss in float64",
    cause="A loss object casts outputs and targets to floatx, float32 at first, whatever their own dtype is.",
    mapping="Give it dtype='float64', or call the function, as keras.losses.mean_squared_error.",
    naive={"keras": 6.8e-8},
)
def keras_loss_in_float64() -> Measured:
    """Passes float64 to a loss object."""
    return compare(
        [A],
        ("torch", lambda a: functional.mse_loss(a, torch.tensor(T))),
        {
            "keras": (
                lambda a: losses.MeanSquaredError()(T, a),
                lambda a: losses.MeanSquaredError(dtype="float64")(T, a),
            )
        },
    )


@difference(
    "Absolute error where it is zero",
    cause="|r| has slope 1 at 0 in jax 0.10, and 0 in torch and TensorFlow.",
    mapping="(r * sign(r)).mean() in jax.",
    facts={"torch": "0 0", "keras": "0 0", "jax": "0.5 0.5", "jax mapped": "0 0"},
)
def absolute_error_at_zero() -> Measured:
    """Differentiates the mean absolute error of a perfect fit: jax leaves it."""
    target = np.ones(2)
    functions = {
        "torch": lambda a: functional.l1_loss(a, torch.tensor(target)),
        "keras": lambda a: losses.MeanAbsoluteError(dtype="float64")(target, a),
        "jax": lambda a: jnp.abs(a - target).mean(),
        "jax mapped": lambda a: ((a - target) * jnp.sign(a - target)).mean(),
    }
    return slopes(functions, target)


@difference(
    "Huber and smooth L1",
    cause="smooth_l1_loss(beta) is huber_loss(delta) / delta: they are the same at 1 only.",
    mapping="torch's huber_loss, or delta times smooth_l1_loss.",
    reference="keras",
    naive={"torch": 2.3, "torch huber": 0.0, "optax": 0.0},
)
def huber_and_smooth_l1() -> Measured:
    """Takes smooth_l1_loss(beta=0.3) for the Huber loss with delta 0.3."""
    delta, target = 0.3, torch.tensor(T)
    return compare(
        [A],
        ("keras", lambda a: losses.Huber(delta, dtype="float64")(T, a)),
        {
            "torch": (
                lambda a: functional.smooth_l1_loss(a, target, beta=delta),
                lambda a: delta * functional.smooth_l1_loss(a, target, beta=delta),
            ),
            "torch huber": lambda a: functional.huber_loss(a, target, delta=delta),
            "optax": lambda a: optax.huber_loss(a, T, delta=delta).mean(),
        },
    )


@difference(
    "Logarithm of the hyperbolic cosine",
    cause="Keras casts log 2 through float32: the value is off, the gradient is not. torch has no such loss.",
    mapping="r + softplus(-2 r) - log 2.",
    reference="optax",
    naive={"keras": 2.3e-9, "torch": 0.0},
)
def log_cosh() -> Measured:
    """Calls keras.losses.LogCosh in float64."""

    def in_torch(a):
        r = a - torch.tensor(T)
        return (r + functional.softplus(-2 * r, threshold=700) - np.log(2)).mean()

    return compare(
        [A],
        ("optax", lambda a: optax.log_cosh(a, T).mean()),
        {
            "keras": (
                lambda a: losses.LogCosh(dtype="float64")(T, a),
                lambda a: tf.reduce_mean((a - T) + tf.math.softplus(-2 * (a - T)) - np.log(2)),
            ),
            "torch": in_torch,
        },
    )


@difference(
    "Poisson loss",
    cause="torch takes the logarithm of the rate, Keras the rate, to which it adds 1e-7 within the logarithm.",
    mapping="exp(z) - t z written out; Poisson()(t, exp(z)) is left with the 1e-7.",
    naive={"keras": np.nan, "keras rate": 3.4e-7},
)
def poisson() -> Measured:
    """Passes the logarithm of the rate, as torch wants it; and as "keras rate" the rate."""
    counts = np.floor(np.abs(3 * T))

    def by_hand(z):
        return tf.reduce_mean(tf.exp(z) - counts * z)

    native = losses.Poisson(dtype="float64")
    return compare(
        [A],
        ("torch", lambda z: functional.poisson_nll_loss(z, torch.tensor(counts))),
        {
            "keras": (lambda z: native(counts, z), by_hand),
            "keras rate": (lambda z: native(counts, tf.exp(z)), by_hand),
        },
    )


@difference(
    "Hinge loss",
    cause="Keras makes labels of -1 and 1 out of 0 and 1, optax takes them as they are; torch has no plain hinge "
    "loss: its HingeEmbeddingLoss is another one.",
    mapping="Labels of -1 and 1; relu(1 - y z).mean() in torch.",
    reference="keras",
    naive={"optax": 1.0, "torch": 2.0},
)
def hinge() -> Measured:
    """Passes labels of 0 and 1 to optax, and takes HingeEmbeddingLoss for the hinge loss."""
    labels = np.where(T > 0, 1.0, 0.0)
    signs = 2 * labels - 1
    return compare(
        [A],
        ("keras", lambda z: losses.Hinge(dtype="float64")(labels, z)),
        {
            "optax": (lambda z: optax.hinge_loss(z, labels).mean(), lambda z: optax.hinge_loss(z, signs).mean()),
            "torch": (
                lambda z: functional.hinge_embedding_loss(z, torch.tensor(signs)),
                lambda z: functional.relu(1 - torch.tensor(signs) * z).mean(),
            ),
        },
    )


@difference(
    "Multiclass hinge loss",
    cause="torch adds up the violations of all wrong classes and divides by the number of classes (Weston and "
    "Watkins); optax takes the worst one (Crammer and Singer). Keras takes the worst one too, but finds it in (1 "
    "- one_hot) * z, where the right class leaves a 0: it is wrong wherever all wrong classes are below 0.",
    mapping="Write it out: relu(1 + the largest wrong - the right).",
    reference="optax",
    naive={"torch": 0.8, "keras": 1.0},
)
def multiclass_hinge() -> Measured:
    """Takes MultiMarginLoss and CategoricalHinge for multiclass_hinge_loss."""
    classes = T.argmax(axis=1)
    one_hot = np.eye(5)[classes]
    far = 1e9 * one_hot  # what is subtracted from the right class to find the largest wrong one

    def in_torch(z):
        right, wrong = (z * torch.tensor(one_hot)).sum(dim=1), (z - torch.tensor(far)).amax(dim=1)
        return functional.relu(1 + wrong - right).mean()

    def in_keras(z):
        right, wrong = tf.reduce_sum(z * one_hot, axis=1), tf.reduce_max(z - far, axis=1)
        return tf.reduce_mean(tf.nn.relu(1 + wrong - right))

    return compare(
        [A],
        ("optax", lambda z: optax.losses.multiclass_hinge_loss(z, classes).mean()),
        {
            "torch": (lambda z: functional.multi_margin_loss(z, torch.tensor(classes)), in_torch),
            "keras": (lambda z: losses.CategoricalHinge(dtype="float64")(one_hot, z), in_keras),
        },
    )


@difference(
    "Cosine similarity",
    cause="Keras returns -cos, torch and optax 1 - cos; torch's loss adds 1e-12 to both norms squared.",
    mapping="1 + the value of Keras; in torch (1 - cosine_similarity(a, t)).mean(), which adds nothing.",
    reference="optax",
    naive={"keras": 0.85, "torch": 9e-13},
    rounding=1e-14,
)
def cosine_similarity() -> Measured:
    """Takes each framework's loss."""
    target = torch.tensor(T)
    native = losses.CosineSimilarity(dtype="float64")
    return compare(
        [A],
        ("optax", lambda a: optax.cosine_distance(a, T).mean()),
        {
            "keras": (lambda a: native(T, a), lambda a: 1 + native(T, a)),
            "torch": (
                lambda a: functional.cosine_embedding_loss(a, target, torch.ones(6)),
                lambda a: (1 - functional.cosine_similarity(a, target)).mean(),
            ),
        },
    )


@difference(
    "Cosine similarity of a zero vector",
    cause="The cosine is not defined there. torch takes at least 1e-8 for a norm, Keras 1e-7, optax divides by 0.",
    mapping="Write it out with one ε: a · t / sqrt((|a|² + ε)(|t|² + ε)).",
    facts={"torch": "-7.071e+07 -7.071e+07", "keras": "-7.071e+06 -7.071e+06", "optax": "nan nan"},
)
def cosine_of_a_zero_vector() -> Measured:
    """Differentiates at an output of [0, 0]."""
    target = np.ones((1, 2))
    functions = {
        "torch": lambda a: 1 - functional.cosine_similarity(a, torch.tensor(target)),
        "keras": lambda a: losses.cosine_similarity(target, a),
        "optax": lambda a: optax.cosine_distance(a, target),
    }
    return slopes(functions, np.zeros((1, 2)))


@difference(
    "Kullback-Leibler divergence",
    cause="torch takes logarithms of probabilities and by default divides by all numbers, not by observations "
    "(and warns that this will change); optax takes logarithms too, Keras probabilities.",
    mapping="reduction='batchmean' in torch.",
    reference="optax",
    naive={"torch": 0.8, "keras": 0.0},
)
def kullback_leibler() -> Measured:
    """Takes torch's default reduction."""
    target, native = torch.tensor(P), losses.KLDivergence(dtype="float64")

    def by_default(z):
        with warnings.catch_warnings(action="ignore"):
            return functional.kl_div(z.log_softmax(dim=1), target)

    return compare(
        [A],
        ("optax", lambda z: optax.kl_divergence(jax.nn.log_softmax(z), P).mean()),
        {
            "torch": (
                by_default,
                lambda z: functional.kl_div(z.log_softmax(dim=1), target, reduction="batchmean"),
            ),
            "keras": lambda z: native(P, tf.nn.softmax(z)),
        },
    )


@difference(
    "Kullback-Leibler divergence of extreme probabilities",
    cause="Keras clips probabilities to [1e-7, 1].",
    mapping="reduce_sum(p * (log p - log_softmax(z))) written out.",
    naive={"keras": 1.0},
)
def kullback_leibler_of_extremes() -> Measured:
    """Passes the softmax of logits of about 40 to Keras."""
    target, native = torch.tensor(P), losses.KLDivergence(dtype="float64")
    return compare(
        [40 * A],
        ("torch", lambda z: functional.kl_div(z.log_softmax(dim=1), target, reduction="batchmean")),
        {
            "keras": (
                lambda z: native(P, tf.nn.softmax(z)),
                lambda z: tf.reduce_sum(P * (np.log(P) - tf.nn.log_softmax(z))) / len(P),
            )
        },
    )


@difference(
    "Kullback-Leibler divergence from a probability of zero",
    cause="torch and optax define 0 log 0 as 0, Keras clips the 0 to 1e-7.",
    mapping="None is needed: 1.6e-6 is left in Keras.",
    naive={"optax": 0.0, "keras": 1.6e-6},
    left={"keras": 1.6e-6},
)
def kullback_leibler_from_zero() -> Measured:
    """Has a target probability of 0."""
    p = np.array([[0.0, 0.4, 0.6]])
    return compare(
        [random(1, 3)],
        ("torch", lambda z: functional.kl_div(z.log_softmax(dim=1), torch.tensor(p), reduction="sum")),
        {
            "optax": lambda z: optax.kl_divergence(jax.nn.log_softmax(z), p).sum(),
            "keras": lambda z: tf.reduce_sum(keras.losses.kl_divergence(p, tf.nn.softmax(z))),
        },
    )
