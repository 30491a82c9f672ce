"""Pooling."""

import math
from typing import Any

import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from differences import Measured, difference, random
from frameworks import channels_first, channels_last
from jax import lax
from measure import compare, slopes
from torch.nn import functional

# Whole numbers up to 2: most windows hold their maximum more than once.
TIES = np.maximum(np.round(random(2, 3, 7, 7)), 0)


def keras_max_pool(x: Any, k: int, s: int, padding: str = "valid") -> Any:
    """What keras.layers.MaxPooling2D calls, on an image as torch lays it out."""
    return channels_first(keras.ops.max_pool(channels_last(x), k, s, padding))


def keras_average_pool(x: Any, k: int, s: int, padding: str = "valid") -> Any:
    """What keras.layers.AveragePooling2D calls, on an image as torch lays it out."""
    return channels_first(keras.ops.average_pool(channels_last(x), k, s, padding))


def keras_pad(x: Any, before: int, behind: int, value: float) -> Any:
    """An image with rows and columns of one value around it."""
    return keras.ops.pad(x, [(0, 0), (0, 0), (before, behind), (before, behind)], constant_values=value)


def jax_max_pool(x: Any, k: int, s: int, padding: Any = "VALID") -> Any:
    """What flax.linen.max_pool calls."""
    padding = padding if isinstance(padding, str) else [(0, 0), (0, 0), padding, padding]
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 1, k, k), (1, 1, s, s), padding)


def jax_sum_pool(x: Any, k: int, s: int, padding: Any) -> Any:
    """The sum over every window; an average divides it by how many there are."""
    padding = padding if isinstance(padding, str) else [(0, 0), (0, 0), padding, padding]
    return lax.reduce_window(x, 0.0, lax.add, (1, 1, k, k), (1, 1, s, s), padding)


@difference(
    "Ties in a max pooling window",
    cause="Pooling sends the gradient to the first maximum of a window, row by row; a reduction by max or amax "
    "parts it evenly among all of them. After a ReLU, windows of nothing but zeros are common.",
    mapping="The pooling operation of each framework. In NumPy, argmax over the window in the order of its rows.",
    naive={"jax reshape and max": 0.58, "tf reshape and max": 0.58, "torch reshape and amax": 0.58},
)
def ties_in_a_max_pooling_window() -> Measured:
    """Takes the maximum over the axes of a reshaped image, which gives the same output."""
    windows = (2, 3, 3, 2, 3, 2)
    return compare(
        [TIES[:, :, :6, :6]],
        ("torch", lambda x: functional.max_pool2d(x, 2)),
        {
            "jax reshape and max": (lambda x: x.reshape(windows).max((3, 5)), lambda x: jax_max_pool(x, 2, 2)),
            "tf reshape and max": (
                lambda x: tf.reduce_max(tf.reshape(x, windows), (3, 5)),
                lambda x: keras_max_pool(x, 2, 2),
            ),
            "torch reshape and amax": (
                lambda x: x.reshape(windows).amax((3, 5)),
                lambda x: functional.max_pool2d(x, 2),
            ),
        },
    )


@difference(
    "Who gets the gradient at a tie of a window",
    cause="Of equal numbers a pooling operation takes the first, a reduction all.",
    mapping="One of the two kinds everywhere.",
    facts={
        "torch max_pool2d": "1 0 0 0",
        "keras MaxPooling2D": "1 0 0 0",
        "jax reduce_window": "1 0 0 0",
        "torch max along an axis": "1 0 0 0",
        "torch amax": "0.25 0.25 0.25 0.25",
        "tf reduce_max": "0.25 0.25 0.25 0.25",
        "jax max": "0.25 0.25 0.25 0.25",
    },
)
def who_gets_the_gradient_at_a_tie_of_a_window() -> Measured:
    """Takes one for the other. Here the gradient of the maximum of a 2 × 2 window of zeros."""
    return slopes(
        {
            "torch max_pool2d": lambda x: functional.max_pool2d(x, 2),
            "keras MaxPooling2D": lambda x: keras_max_pool(x, 2, 2),
            "jax reduce_window": lambda x: jax_max_pool(x, 2, 2),
            "torch max along an axis": lambda x: x.flatten().max(dim=0).values,
            "torch amax": lambda x: x.amax((2, 3)),
            "tf reduce_max": lambda x: tf.reduce_max(x, (2, 3)),
            "jax max": lambda x: x.max((2, 3)),
        },
        np.zeros((1, 1, 2, 2)),
    )


@difference(
    "Ties in overlapping windows",
    cause="The first maximum of every window, in all three, and in float32 whatever computes it.",
    mapping="None is needed between pooling operations.",
    naive={"keras": 0, "keras compiled by XLA": 0, "jax": 0, "torch channels last": 0},
)
def ties_in_overlapping_windows() -> Measured:
    """Calls the pooling operation of each framework, in float32."""

    def channels_last_in_memory(x: torch.Tensor) -> torch.Tensor:
        return functional.max_pool2d(x.contiguous(memory_format=torch.channels_last), 3, 2)

    return compare(
        [TIES.astype(np.float32)],
        ("torch", lambda x: functional.max_pool2d(x, 3, 2)),
        {
            "keras": lambda x: keras_max_pool(x, 3, 2),
            "keras compiled by XLA": tf.function(lambda x: keras_max_pool(x, 3, 2), jit_compile=True),
            "jax": lambda x: jax_max_pool(x, 3, 2),
            "torch channels last": channels_last_in_memory,
        },
    )


@difference(
    "Max pooling with padding",
    cause="torch pads with −∞, one row before and one behind; SAME with −∞ too, but nothing before where the "
    "size is even. Zeros are the maximum of a window of negative numbers.",
    mapping="Pad with −∞, then valid; tf.nn.max_pool2d and JAX take the pads in numbers.",
    naive={"keras same": 0.64, "keras zeros": 1.0, "jax same": 0.64},
)
def max_pooling_with_padding() -> Measured:
    """Takes padding=1 for SAME, or pads with zeros; the input is negative."""
    return compare(
        [-np.abs(random(2, 3, 8, 8))],
        ("torch", lambda x: functional.max_pool2d(x, 3, 2, padding=1)),
        {
            "keras same": (
                lambda x: keras_max_pool(x, 3, 2, "same"),
                lambda x: keras_max_pool(keras_pad(x, 1, 1, -np.inf), 3, 2),
            ),
            "keras zeros": (
                lambda x: keras_max_pool(keras_pad(x, 1, 1, 0.0), 3, 2),
                lambda x: keras_max_pool(keras_pad(x, 1, 1, -np.inf), 3, 2),
            ),
            "jax same": (lambda x: jax_max_pool(x, 3, 2, "SAME"), lambda x: jax_max_pool(x, 3, 2, (1, 1))),
        },
    )


@difference(
    "Pooling with ceil_mode",
    cause="With ceil_mode torch takes a last window that is not full; others drop those rows. SAME keeps them.",
    mapping="Pad behind with −∞, then valid; or SAME where torch has no padding.",
    naive={"keras valid": math.inf, "keras same": 0, "jax valid": math.inf},
)
def pooling_with_ceil_mode() -> Measured:
    """Leaves ceil_mode out: of 6 rows, 2 windows instead of 3. Another shape counts as infinitely far."""
    return compare(
        [random(2, 3, 6, 6)],
        ("torch", lambda x: functional.max_pool2d(x, 3, 2, ceil_mode=True)),
        {
            "keras valid": (
                lambda x: keras_max_pool(x, 3, 2),
                lambda x: keras_max_pool(keras_pad(x, 0, 1, -np.inf), 3, 2),
            ),
            "keras same": lambda x: keras_max_pool(x, 3, 2, "same"),
            "jax valid": (lambda x: jax_max_pool(x, 3, 2), lambda x: jax_max_pool(x, 3, 2, (0, 1))),
        },
    )


@difference(
    "Average pooling with padding",
    cause="torch counts the padding (count_include_pad=True); Keras' same does not, and has no switch.",
    mapping="To count it in Keras: pad with zeros, then valid. Not to count it in torch: count_include_pad=False.",
    naive={"keras same": 0.46, "jax sum / count": 0.46, "torch count_include_pad=False": 0.4},
)
def average_pooling_with_padding() -> Measured:
    """Takes padding=1 for SAME: they differ along the border."""
    x = random(2, 3, 7, 7)
    to_torch = compare(
        [x],
        ("torch", lambda x: functional.avg_pool2d(x, 3, 1, padding=1)),
        {
            "keras same": (
                lambda x: keras_average_pool(x, 3, 1, "same"),
                lambda x: keras_average_pool(keras_pad(x, 1, 1, 0.0), 3, 1),
            ),
            "jax sum / count": (
                lambda x: jax_sum_pool(x, 3, 1, "SAME") / jax_sum_pool(jnp.ones_like(x), 3, 1, "SAME"),
                lambda x: jax_sum_pool(x, 3, 1, "SAME") / 9,
            ),
        },
    )
    to_keras = compare(
        [x],
        ("keras", lambda x: keras_average_pool(x, 3, 1, "same")),
        {
            "torch count_include_pad=False": (
                lambda x: functional.avg_pool2d(x, 3, 1, padding=1),
                lambda x: functional.avg_pool2d(x, 3, 1, padding=1, count_include_pad=False),
            )
        },
    )
    return {**to_torch, **to_keras}


@difference(
    "Average pooling with padding and a stride",
    cause="SAME pads nothing in front where the size is even, torch one row.",
    mapping="Sum over each window of the padded image, divided by how many of its entries are no padding.",
    naive={"keras same": 1.3, "jax same": 1.3},
)
def average_pooling_with_padding_and_a_stride() -> Measured:
    """Takes padding=1 with count_include_pad=False for SAME."""

    def in_keras(x: Any) -> Any:
        total = keras_average_pool(keras_pad(x, 1, 1, 0.0), 3, 2)
        return total / keras_average_pool(keras_pad(keras.ops.ones_like(x), 1, 1, 0.0), 3, 2)

    def in_jax(padding: Any) -> Any:
        return lambda x: jax_sum_pool(x, 3, 2, padding) / jax_sum_pool(jnp.ones_like(x), 3, 2, padding)

    return compare(
        [random(2, 3, 8, 8)],
        ("torch", lambda x: functional.avg_pool2d(x, 3, 2, padding=1, count_include_pad=False)),
        {
            "keras same": (lambda x: keras_average_pool(x, 3, 2, "same"), in_keras),
            "jax same": (in_jax("SAME"), in_jax((1, 1))),
        },
    )


@difference(
    "Average pooling that agrees",
    cause="A mean over the axes of height and width. Bin i of an adaptive pool holds rows ⌊iH/n⌋ to ⌈(i + 1)H/n⌉.",
    mapping="None is needed but for the axes: (2, 3) where channels come first, (1, 2) where they come last.",
    naive={"keras global": 0, "jax global": 0, "keras adaptive": 0},
)
def average_pooling_that_agrees() -> Measured:
    """Calls the layer of the same name: global, and adaptive from 7 × 5 to 3 × 2."""
    x = random(2, 3, 7, 5)
    mean = keras.layers.GlobalAveragePooling2D(dtype="float64")
    adaptive = keras.layers.AdaptiveAveragePooling2D((3, 2), dtype="float64")
    return {
        **compare(
            [x],
            ("torch", lambda x: functional.adaptive_avg_pool2d(x, 1).flatten(1)),
            {"keras global": lambda x: mean(channels_last(x)), "jax global": lambda x: x.mean((2, 3))},
        ),
        **compare(
            [x],
            ("torch", lambda x: functional.adaptive_avg_pool2d(x, (3, 2))),
            {"keras adaptive": lambda x: channels_first(adaptive(channels_last(x)))},
        ),
    }


@difference(
    "Ties in global max pooling",
    cause="torch's adaptive pool sends the gradient to one maximum, Keras' global pool is a reduction.",
    mapping="x.amax((2, 3)) in torch; or, for the first maximum in Keras, MaxPooling2D over the whole image.",
    facts={
        "torch adaptive_max_pool2d": "1 0 0 0",
        "torch amax": "0.25 0.25 0.25 0.25",
        "keras GlobalMaxPooling2D": "0.25 0.25 0.25 0.25",
        "keras MaxPooling2D": "1 0 0 0",
        "jax max": "0.25 0.25 0.25 0.25",
    },
)
def ties_in_global_max_pooling() -> Measured:
    """Calls the layer of the same name: one output, two gradients. Here that of a 2 × 2 image of zeros."""
    pool = keras.layers.GlobalMaxPooling2D(dtype="float64")
    return slopes(
        {
            "torch adaptive_max_pool2d": lambda x: functional.adaptive_max_pool2d(x, 1),
            "torch amax": lambda x: x.amax((2, 3)),
            "keras GlobalMaxPooling2D": lambda x: pool(channels_last(x)),
            "keras MaxPooling2D": lambda x: keras_max_pool(x, 2, 2),
            "jax max": lambda x: x.max((2, 3)),
        },
        np.zeros((1, 1, 2, 2)),
    )
