"""Cross-entropy: what is a logit and what a probability, what is clipped on the way, what a mean divides by."""

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import tensorflow as tf
import torch
from differences import Measured, difference, error, random
from keras import losses
from measure import compare, text
from torch.nn import functional

Z = random(6, 5)  # logits: 6 observations, 5 classes
FAR = 40 * Z  # confident ones
CLASSES = np.array([0, 3, 1, 4, 2, 2])
ONE_HOT = np.eye(5)[CLASSES]
Y = (random(6, 5, seed=2) > 0).astype(float)  # targets of 0 and 1
BINARY = losses.BinaryCrossentropy(from_logits=True, dtype="float64")
SPARSE = losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")
DENSE = losses.CategoricalCrossentropy(from_logits=True, dtype="float64")


def torch_binary(z):
    """The reference: binary cross-entropy on logits, its mean."""
    return functional.binary_cross_entropy_with_logits(z, torch.tensor(Y))


def torch_cross_entropy(z):
    """The reference: cross-entropy on logits, its mean."""
    return functional.cross_entropy(z, torch.tensor(CLASSES))


@difference(
    "Binary cross-entropy by default",
    cause="Keras takes probabilities unless from_logits=True; it clips what is none.",
    mapping="from_logits=True.",
    naive={"keras": 48.0, "optax": 0.0},
)
def binary_by_default() -> Measured:
    """Passes logits to it."""
    native = losses.BinaryCrossentropy(dtype="float64")
    return compare(
        [Z],
        ("torch", torch_binary),
        {
            "keras": (lambda z: native(Y, z), lambda z: BINARY(Y, z)),
            "optax": lambda z: optax.sigmoid_binary_cross_entropy(z, Y).mean(),
        },
    )


@difference(
    "Binary cross-entropy of moderate probabilities",
    cause="As long as nothing is clipped, both forms are the same.",
    mapping="The form on logits, which is never clipped.",
    naive={"torch probabilities": 0.0, "keras probabilities": 0.0},
)
def binary_of_probabilities() -> Measured:
    """Passes the sigmoid of small logits."""
    native = losses.BinaryCrossentropy(dtype="float64")
    return compare(
        [Z],
        ("torch", torch_binary),
        {
            "torch probabilities": lambda z: functional.binary_cross_entropy(z.sigmoid(), torch.tensor(Y)),
            "keras probabilities": lambda z: native(Y, tf.sigmoid(z)),
        },
    )


@difference(
    "Binary cross-entropy of extreme probabilities",
    cause="Keras clips probabilities to [1e-7, 1 - 1e-7], torch clamps logarithms at -100 and divides by at "
    "least 1e-12: where they do, the gradient of a confident mistake is 0 or wrong.",
    mapping="The form on logits.",
    naive={"torch probabilities": 1.0, "keras": 1.0, "optax": 0.0},
)
def binary_of_extreme_probabilities() -> Measured:
    """Passes the sigmoid of logits of about 40."""
    return compare(
        [FAR],
        ("torch", torch_binary),
        {
            "torch probabilities": (
                lambda z: functional.binary_cross_entropy(z.sigmoid(), torch.tensor(Y)),
                torch_binary,
            ),
            "keras": (
                lambda z: losses.BinaryCrossentropy(dtype="float64")(Y, tf.sigmoid(z)),
                lambda z: BINARY(Y, z),
            ),
            "optax": lambda z: optax.sigmoid_binary_cross_entropy(z, Y).mean(),
        },
    )


@difference(
    "Weight of the positive class",
    cause="torch has pos_weight; Keras' and optax' losses have no such argument, TensorFlow has a function.",
    mapping="tf.nn.weighted_cross_entropy_with_logits; in jax w y softplus(-z) + (1 - y) softplus(z).",
    naive={"keras": 0.67, "jax": 0.67},
)
def weight_of_the_positive_class() -> Measured:
    """Leaves the weight 3 out, as there is nowhere to put it."""
    weight = torch.full((5,), 3.0, dtype=torch.float64)
    return compare(
        [Z],
        (
            "torch",
            lambda z: functional.binary_cross_entropy_with_logits(z, torch.tensor(Y), pos_weight=weight),
        ),
        {
            "keras": (
                lambda z: BINARY(Y, z),
                lambda z: tf.reduce_mean(tf.nn.weighted_cross_entropy_with_logits(Y, z, 3.0)),
            ),
            "jax": (
                lambda z: optax.sigmoid_binary_cross_entropy(z, Y).mean(),
                lambda z: (3 * Y * jax.nn.softplus(-z) + (1 - Y) * jax.nn.softplus(z)).mean(),
            ),
        },
    )


@difference(
    "Label smoothing of binary targets",
    cause="Keras smooths y to y (1 - s) + s / 2; torch and optax leave it to you.",
    mapping="Smooth the targets yourself.",
    reference="keras",
    naive={"torch": 0.06, "optax": 0.06},
)
def smoothing_of_binary_targets() -> Measured:
    """Leaves the smoothing of 0.1 out."""
    smooth = Y * 0.9 + 0.05
    native = losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1, dtype="float64")
    return compare(
        [Z],
        ("keras", lambda z: native(Y, z)),
        {
            "torch": (
                torch_binary,
                lambda z: functional.binary_cross_entropy_with_logits(z, torch.tensor(smooth)),
            ),
            "optax": (
                lambda z: optax.sigmoid_binary_cross_entropy(z, Y).mean(),
                lambda z: optax.sigmoid_binary_cross_entropy(z, smooth).mean(),
            ),
        },
    )


@difference(
    "Cross-entropy by default",
    cause="torch and optax take logits; Keras takes probabilities unless from_logits=True: it clips or "
    "normalizes logits without a word. torch takes a softmax of a softmax likewise.",
    mapping="Logits everywhere: from_logits=True, and no softmax before the loss of torch or optax.",
    naive={"keras sparse": 4.7, "keras dense": 3.4, "torch softmax": 0.91, "optax": 0.0},
)
def cross_entropy_by_default() -> Measured:
    """Passes logits to Keras and probabilities to torch."""
    sparse = losses.SparseCategoricalCrossentropy(dtype="float64")
    dense = losses.CategoricalCrossentropy(dtype="float64")
    return compare(
        [Z],
        ("torch", torch_cross_entropy),
        {
            "keras sparse": (lambda z: sparse(CLASSES, z), lambda z: SPARSE(CLASSES, z)),
            "keras dense": (lambda z: dense(ONE_HOT, z), lambda z: DENSE(ONE_HOT, z)),
            "torch softmax": (lambda z: torch_cross_entropy(z.softmax(dim=1)), torch_cross_entropy),
            "optax": lambda z: optax.softmax_cross_entropy_with_integer_labels(z, CLASSES).mean(),
        },
    )


@difference(
    "Cross-entropy of extreme probabilities",
    cause="Keras clips probabilities to [1e-7, 1 - 1e-7]: a confident wrong answer has the gradient 0. The "
    "logarithm of a softmax is right as long as the softmax has not underflowed.",
    mapping="The form on logits.",
    naive={"keras sparse": 1.0, "keras dense": 1.0, "torch log softmax": 0.0},
)
def cross_entropy_of_extreme_probabilities() -> Measured:
    """Passes the softmax of logits of about 40."""
    sparse = losses.SparseCategoricalCrossentropy(dtype="float64")
    dense = losses.CategoricalCrossentropy(dtype="float64")
    return compare(
        [FAR],
        ("torch", torch_cross_entropy),
        {
            "keras sparse": (lambda z: sparse(CLASSES, tf.nn.softmax(z)), lambda z: SPARSE(CLASSES, z)),
            "keras dense": (lambda z: dense(ONE_HOT, tf.nn.softmax(z)), lambda z: DENSE(ONE_HOT, z)),
            "torch log softmax": lambda z: functional.nll_loss(z.softmax(dim=1).log(), torch.tensor(CLASSES)),
        },
    )


@difference(
    "Logits recovered by Keras",
    cause="keras.activations.softmax leaves its logits in its output's _keras_logits, and the loss takes those; "
    "tf.nn.softmax leaves none.",
    mapping="End a model that is trained on probabilities with Keras' own softmax, or better with logits.",
    naive={"keras activation": 0.0, "keras tf.nn": 1.0},
)
def logits_recovered_by_keras() -> Measured:
    """Passes the softmax of logits of about 40, by Keras' own activation and by TensorFlow's function."""
    sparse = keras.losses.sparse_categorical_crossentropy
    return compare(
        [FAR],
        ("torch", torch_cross_entropy),
        {
            "keras activation": lambda z: tf.reduce_mean(sparse(CLASSES, keras.activations.softmax(z))),
            "keras tf.nn": (
                lambda z: tf.reduce_mean(sparse(CLASSES, tf.nn.softmax(z))),
                lambda z: SPARSE(CLASSES, z),
            ),
        },
    )


@difference(
    "Label smoothing of classes",
    cause="All smooth to (1 - s) one_hot + s / classes; Keras' sparse loss has no such argument.",
    mapping="CategoricalCrossentropy(label_smoothing=s) in Keras, optax.smooth_labels.",
    naive={"keras": 0.096, "optax": 0.096},
)
def smoothing_of_classes() -> Measured:
    """Leaves the smoothing of 0.1 out."""
    dense = losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, dtype="float64")
    return compare(
        [Z],
        ("torch", lambda z: functional.cross_entropy(z, torch.tensor(CLASSES), label_smoothing=0.1)),
        {
            "keras": (lambda z: SPARSE(CLASSES, z), lambda z: dense(ONE_HOT, z)),
            "optax": (
                lambda z: optax.softmax_cross_entropy(z, ONE_HOT).mean(),
                lambda z: optax.softmax_cross_entropy(z, optax.smooth_labels(jnp.asarray(ONE_HOT), 0.1)).mean(),
            ),
        },
    )


@difference(
    "Class to be ignored",
    cause="torch and the loss object of Keras divide by the number of observations kept; Keras' function gives 0 "
    "for the others, and a mean over it divides by all. optax knows no such class, and reads beyond the logits.",
    mapping="SparseCategoricalCrossentropy(ignore_class=-100); in jax sum(where(kept, loss, 0)) / sum(kept).",
    naive={"keras": 0.33, "optax": np.nan},
)
def class_to_be_ignored() -> Measured:
    """Marks 2 of 6 observations as not to be counted, by the class -100."""
    classes = np.where(np.arange(6) < 2, -100, CLASSES)
    kept = classes >= 0
    function = keras.losses.sparse_categorical_crossentropy
    native = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-100, dtype="float64")

    def by_hand(z):
        loss = optax.softmax_cross_entropy_with_integer_labels(z, np.where(kept, classes, 0))
        return jnp.where(kept, loss, 0).sum() / kept.sum()

    return compare(
        [Z],
        ("torch", lambda z: functional.cross_entropy(z, torch.tensor(classes))),
        {
            "keras": (
                lambda z: tf.reduce_mean(function(classes, z, from_logits=True, ignore_class=-100)),
                lambda z: native(classes, z),
            ),
            "optax": (lambda z: optax.softmax_cross_entropy_with_integer_labels(z, classes).mean(), by_hand),
        },
    )


@difference(
    "All observations to be ignored",
    cause="torch divides 0 by 0, Keras by at least ε.",
    mapping="Leave such a batch out, or divide by max(1, kept).",
    facts={"torch": "nan", "keras": "0"},
)
def all_to_be_ignored() -> Measured:
    """Marks every observation: the loss becomes NaN in torch, though its gradient is 0."""
    native = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-100, dtype="float64")
    ignored = np.full(6, -100)
    return {
        "torch": text(functional.cross_entropy(torch.tensor(Z), torch.tensor(ignored))),
        "keras": text(native(ignored, Z)),
    }


@difference(
    "Weights of classes",
    cause="With weight= torch divides by the sum of the weights, Keras with sample_weight= by the number of "
    "observations.",
    mapping="reduction='mean_with_sample_weight' in Keras; in jax sum(weight * loss) / sum(weight).",
    naive={"keras": 0.83, "optax": 0.83},
)
def weights_of_classes() -> Measured:
    """Weighs classes and takes the mean."""
    weight = np.array([1.0, 2.0, 3.0, 0.5, 1.5])
    each = weight[CLASSES]
    mapped = losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight", dtype="float64"
    )

    def in_optax(z):
        return each * optax.softmax_cross_entropy_with_integer_labels(z, CLASSES)

    return compare(
        [Z],
        ("torch", lambda z: functional.cross_entropy(z, torch.tensor(CLASSES), weight=torch.tensor(weight))),
        {
            "keras": (
                lambda z: SPARSE(CLASSES, z, sample_weight=each),
                lambda z: mapped(CLASSES, z, sample_weight=each),
            ),
            "optax": (lambda z: in_optax(z).mean(), lambda z: in_optax(z).sum() / each.sum()),
        },
    )


@difference(
    "Cross-entropy on sequences",
    cause="torch wants the classes on axis 1, Keras and optax on the last.",
    mapping="z.transpose(1, 2), or flatten observations and time.",
    facts={"torch": "RuntimeError", "torch transposed": "no error"},
)
def cross_entropy_on_sequences() -> Measured:
    """Passes logits (observations, time, classes) to torch."""
    z, classes = torch.tensor(random(2, 3, 5)), torch.tensor(CLASSES.reshape(2, 3))
    return {
        "torch": error(lambda: functional.cross_entropy(z, classes)),
        "torch transposed": error(lambda: functional.cross_entropy(z.transpose(1, 2), classes)),
    }
