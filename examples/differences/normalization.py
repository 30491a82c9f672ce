"""Normalization."""

from typing import Any

import jax
import keras
import numpy as np
import tensorflow as tf
import torch
from differences import Measured, as_numpy, difference, distance, error, random
from frameworks import call, channels_first, channels_last
from measure import compare
from torch.nn import functional

IMAGE = 1.5 * random(4, 3, 2, 2) + 1
SCALE, SHIFT = random(3, seed=2), random(3, seed=3)


def torch_statistics(batches: list[np.ndarray], momentum: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Running mean and variance after training on the batches."""
    layer = torch.nn.BatchNorm2d(3, momentum=momentum, dtype=torch.float64)
    for batch in batches:
        layer(torch.tensor(batch))
    return as_numpy(layer.running_mean), as_numpy(layer.running_var)


def keras_statistics(batches: list[np.ndarray], **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Running mean and variance after training on the batches."""
    layer = keras.layers.BatchNormalization(dtype="float64", **options)
    for batch in batches:
        layer(channels_last(batch), training=True)
    return as_numpy(layer.moving_mean), as_numpy(layer.moving_variance)


@difference(
    "Epsilon of batch normalization",
    cause="ε is 1e-5 in torch and 1e-3 in Keras.",
    mapping="epsilon=1e-5.",
    naive={"keras": 3.0e-4},
)
def epsilon_of_batch_normalization() -> Measured:
    """Leaves ε at its default, in training."""

    def in_keras(**options: Any) -> Any:
        layer = keras.layers.BatchNormalization(dtype="float64", **options)
        return lambda x, w, b: channels_first(call(layer, [w, b], channels_last(x), training=True))

    return compare(
        [IMAGE, SCALE, SHIFT],
        ("torch", lambda x, w, b: functional.batch_norm(x, None, None, w, b, training=True)),
        {"keras": (in_keras(), in_keras(epsilon=1e-5))},
    )


@difference(
    "Momentum of batch normalization",
    cause="torch: new = (1 − m)·old + m·batch with m = 0.1. Keras: new = m·old + (1 − m)·batch with m = 0.99.",
    mapping="momentum = 1 − torch's momentum.",
    naive={"keras default": 0.9, "keras momentum=0.1": 8.0},
)
def momentum_of_batch_normalization() -> Measured:
    """Leaves the momentum at its default, or copies torch's 0.1. Here the running mean after one batch."""
    expected, _ = torch_statistics([IMAGE])
    default, copied, mapped = (
        distance(keras_statistics([IMAGE], **options)[0], expected)
        for options in ({}, {"momentum": 0.1}, {"momentum": 0.9})
    )
    return {"keras default": (default, mapped), "keras momentum=0.1": (copied, mapped)}


@difference(
    "Running variance of batch normalization",
    cause="torch keeps the unbiased variance, divided by n − 1, and normalizes by the biased one; Keras keeps the "
    "biased one. Neither has a switch.",
    mapping="From Keras after t batches of n values each: (v − mᵗ)·n/(n − 1) + mᵗ, for mᵗ is what is left of the "
    "initial 1. Where n changes between batches, a layer of one's own.",
    naive={"keras": 0.04},
)
def running_variance_of_batch_normalization() -> Measured:
    """Sets ε and momentum right; outputs in training and every gradient agree, and outputs in evaluation do not.

    Here the running variance after 5 batches of 4 images of 2 × 2.
    """
    batches = [1.5 * random(4, 3, 2, 2, seed=seed) + 1 for seed in range(5)]
    _, expected = torch_statistics(batches)
    _, biased = keras_statistics(batches, momentum=0.9)
    n, left = 4 * 2 * 2, 0.9**5
    unbiased = (biased - left) * n / (n - 1) + left
    return {"keras": (distance(biased, expected), distance(unbiased, expected))}


@difference(
    "Which variance TensorFlow's fused kernel keeps",
    cause="The fused kernel of Keras 2 returns the unbiased variance for float32 images; Keras 3 computes the "
    "biased one itself, in every dtype.",
    mapping="The fused kernel's times (n − 1) / n.",
    reference="numpy",
    naive={"keras": 0, "tf fused_batch_norm": 0.067},
    rounding=1e-6,
)
def which_variance_the_fused_kernel_keeps() -> Measured:
    """Takes over a running variance that Keras 2 has stored, in float32. Here it is compared with np.var."""
    x = channels_last(IMAGE.astype(np.float32))
    n, biased = 4 * 2 * 2, np.var(x, axis=(0, 1, 2))
    layer = keras.layers.BatchNormalization(momentum=0.0)
    layer(x, training=True)
    _, _, fused = tf.compat.v1.nn.fused_batch_norm(x, np.ones(3, np.float32), np.zeros(3, np.float32))
    kept, mapped = distance(layer.moving_variance, biased), distance(fused * (n - 1) / n, biased)
    return {"keras": (kept, kept), "tf fused_batch_norm": (distance(fused, biased), mapped)}


@difference(
    "Freezing batch normalization",
    cause="In Keras trainable=False makes the layer use its running statistics even when called with "
    "training=True. requires_grad_(False) only keeps scale and shift from being trained.",
    mapping="module.eval() besides, in torch.",
    facts={"keras trainable=False": "running", "torch requires_grad_(False)": "batch", "torch eval()": "running"},
)
def freezing_batch_normalization() -> Measured:
    """Writes requires_grad_(False) for trainable=False. Here the statistics a call in training uses."""
    frozen = keras.layers.BatchNormalization(epsilon=1e-5, trainable=False, dtype="float64")
    module = torch.nn.BatchNorm2d(3, dtype=torch.float64).requires_grad_(False)

    def statistics(y: Any) -> str:
        return "running" if distance(y, IMAGE / np.sqrt(1 + 1e-5)) < 1e-12 else "batch"

    return {
        "keras trainable=False": statistics(channels_first(frozen(channels_last(IMAGE), training=True))),
        "torch requires_grad_(False)": statistics(module.train()(torch.tensor(IMAGE))),
        "torch eval()": statistics(torch.nn.BatchNorm2d(3, dtype=torch.float64).eval()(torch.tensor(IMAGE))),
    }


@difference(
    "Batch normalization of one value",
    cause="The unbiased variance of one value is 0 / 0, and torch needs it for the running variance.",
    mapping="No batch of one, or evaluation mode. The output is the shift, whatever the input.",
    facts={"torch": "ValueError", "keras": "no error"},
)
def batch_normalization_of_one_value() -> Measured:
    """Trains on a last batch of one observation."""
    return {
        "torch": error(lambda: torch.nn.BatchNorm1d(3)(torch.ones(1, 3))),
        "keras": error(lambda: keras.layers.BatchNormalization()(np.ones((1, 3)), training=True)),
    }


@difference(
    "Epsilon of layer normalization",
    cause="ε is 1e-5 in torch and in jax.nn.standardize, 1e-3 in Keras (and 1e-6 in flax).",
    mapping="epsilon=1e-5. It matters where the variance of the input is not large beside it.",
    naive={"keras": 7.2e-4, "jax": 0, "keras on 0.015": 0.63, "jax on 0.015": 0},
)
def epsilon_of_layer_normalization() -> Measured:
    """Leaves ε at its default, for an input with a standard deviation of 1.5, and one of 0.015."""

    def in_keras(**options: Any) -> Any:
        layer = keras.layers.LayerNormalization(dtype="float64", **options)
        return lambda x, w, b: call(layer, [w, b], x)

    def measured(case: str, deviation: float) -> Measured:
        return compare(
            [deviation * random(4, 5), random(5, seed=2), random(5, seed=3)],
            ("torch", lambda x, w, b: functional.layer_norm(x, (5,), w, b)),
            {
                f"keras{case}": (in_keras(), in_keras(epsilon=1e-5)),
                f"jax{case}": lambda x, w, b: jax.nn.standardize(x) * w + b,
            },
        )

    return {**measured("", 1.5), **measured(" on 0.015", 0.015)}


@difference(
    "Layer normalization over two axes",
    cause="torch counts the axes from the last by their sizes, Keras names them.",
    mapping="normalized_shape=(3, 5) is axis=(1, 2) of an input of (batch, 3, 5).",
    naive={"keras": 0.64},
)
def layer_normalization_over_two_axes() -> Measured:
    """Leaves the axis at its default, the last alone, and takes the whole weight along."""
    x, w, b = random(4, 3, 5), random(3, 5, seed=2), random(3, 5, seed=3)
    last = keras.layers.LayerNormalization(epsilon=1e-5, center=False, scale=False, dtype="float64")
    both = keras.layers.LayerNormalization(axis=(1, 2), epsilon=1e-5, dtype="float64")
    return compare(
        [x, w, b],
        ("torch", lambda x, w, b: functional.layer_norm(x, (3, 5), w, b)),
        {"keras": (lambda x, w, b: last(x) * w + b, lambda x, w, b: call(both, [w, b], x))},
    )


@difference(
    "Group normalization",
    cause="ε is 1e-5 in torch, 1e-3 in Keras. Groups are neighbouring channels in both; torch asks how many, "
    "Keras takes 32 unless told.",
    mapping="epsilon=1e-5. Instance normalization is groups=-1.",
    naive={"keras": 6.1e-4, "keras instance": 8.6e-4},
)
def group_normalization() -> Measured:
    """Says the number of groups and leaves ε at its default."""

    def in_keras(**options: Any) -> Any:
        layer = keras.layers.GroupNormalization(dtype="float64", **options)
        return lambda x, w, b: channels_first(call(layer, [w, b], channels_last(x)))

    arrays = [random(2, 6, 3, 3), random(6, seed=2), random(6, seed=3)]
    return {
        **compare(
            arrays,
            ("torch", lambda x, w, b: functional.group_norm(x, 3, w, b)),
            {"keras": (in_keras(groups=3), in_keras(groups=3, epsilon=1e-5))},
        ),
        **compare(
            arrays,
            ("torch", lambda x, w, b: functional.instance_norm(x, weight=w, bias=b)),
            {"keras instance": (in_keras(groups=-1), in_keras(groups=-1, epsilon=1e-5))},
        ),
    }


@difference(
    "Epsilon of RMS normalization",
    cause="torch's eps=None is the spacing of the input's numbers at 1: 2.2e-16 in float64, 1.2e-7 in float32. "
    "Keras (and flax) have 1e-6.",
    mapping="The same ε in both, in numbers.",
    naive={"keras": 1.2e-6, "keras on 0.001": 0.41},
)
def epsilon_of_rms_normalization() -> Measured:
    """Leaves ε at its default, for an input of about 1, and one of about 0.001."""

    def in_keras(epsilon: float) -> Any:
        layer = keras.layers.RMSNormalization(epsilon=epsilon, dtype="float64")
        return lambda x, w: call(layer, [w], x)

    def measured(case: str, size: float) -> Measured:
        return compare(
            [size * random(4, 5), random(5, seed=2)],
            ("torch", lambda x, w: functional.rms_norm(x, (5,), w)),
            {case: (in_keras(1e-6), in_keras(np.finfo(np.float64).eps))},
        )

    return {**measured("keras", 1.0), **measured("keras on 0.001", 0.001)}
