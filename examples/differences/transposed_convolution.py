"""Transposed convolution."""

import math
from typing import Any

import jax.numpy as jnp
import keras
import torch
from differences import Measured, difference, error, random
from frameworks import channels_first, channels_last
from jax import lax
from measure import compare
from torch.nn import functional

AXES = ("NCHW", "IOHW", "NCHW")


def keras_transposed(x: Any, W: Any, **options: Any) -> Any:
    """What keras.layers.Conv2DTranspose calls, on an image and a weight as torch lays them out."""
    kernel = keras.ops.transpose(W, (2, 3, 1, 0))  # (in, out, h, w) → (h, w, out, in)
    return channels_first(keras.ops.conv_transpose(channels_last(x), kernel, **options))


def keras_cropped(x: Any, W: Any, s: int, p: int, extra: int, d: int) -> Any:
    """Everything that the windows reach, without p rows in front and without p − extra behind."""
    full = keras_transposed(x, dilated(W, d), strides=s, padding="valid")
    full = keras.ops.pad(full, [(0, 0), (0, 0), (0, extra), (0, extra)])
    crop = slice(p, full.shape[2] - p)
    return full[:, :, crop, crop]


def dilated(W: Any, d: int) -> Any:
    """A kernel with d − 1 zeros after each entry but the last."""
    k = W.shape[2]
    spread = keras.ops.pad(W[:, :, :, None, :, None], [(0, 0)] * 3 + [(0, d - 1), (0, 0), (0, d - 1)])
    return keras.ops.reshape(spread, (*W.shape[:2], k * d, k * d))[:, :, : k * d - d + 1, : k * d - d + 1]


@difference(
    "Transposed convolution",
    cause="A torch weight is (in, out, h, w), a Keras kernel (h, w, out, in); lax.conv_transpose does not flip "
    "the kernel, the gradient of a convolution does. The windows reach (H − 1)s + d(k − 1) + 1 rows: "
    "torch cuts p off in front and p − output_padding behind; SAME cuts k − s off in all, the smaller "
    "half in front.",
    mapping="Keras: valid, then output_padding zeros behind, then rows p to −p; for a dilation, zeros between the "
    "entries of the kernel. JAX: pads of d(k − 1) − p in front and output_padding more behind, and the kernel "
    "flipped.",
    naive={
        "keras k3 s2 p1 extra 1": 1.2,
        "jax k3 s2 p1 extra 1": 2.1,
        "keras k4 s2 p1 extra 0": 0,
        "jax k4 s2 p1 extra 0": 1.4,
        "keras k3 s1 p1 extra 0": 0,
        "jax k3 s1 p1 extra 0": 1.4,
        "keras k5 s3 p1 extra 1": math.inf,
        "jax k5 s3 p1 extra 1": math.inf,
        "keras k3 s1 p2 extra 0 dilation 2": 1.4,
        "jax k3 s1 p2 extra 0 dilation 2": 1.4,
        "keras k3 s2 p2 extra 1 dilation 2": 1.5,
        "jax k3 s2 p2 extra 1 dilation 2": 1.5,
    },
)
def transposed_convolution() -> Measured:
    """Turns the kernel over and writes SAME; in Keras it leaves the dilation out, which is refused.

    Where the output is of another shape the difference counts as infinite.
    """

    def measured(k: int, s: int, p: int, extra: int, d: int = 1) -> Measured:
        case = f"k{k} s{s} p{p} extra {extra}" + (f" dilation {d}" if d > 1 else "")
        pads = (d * (k - 1) - p, d * (k - 1) - p + extra)
        return compare(
            [random(2, 3, 5, 5), random(3, 4, k, k)],
            ("torch", lambda x, W: functional.conv_transpose2d(x, W, None, s, p, extra, dilation=d)),
            {
                f"keras {case}": (
                    lambda x, W: keras_transposed(x, W, strides=s, padding="same"),
                    lambda x, W: keras_cropped(x, W, s, p, extra, d),
                ),
                f"jax {case}": (
                    lambda x, W: lax.conv_transpose(x, W, (s, s), "SAME", (d, d), AXES),
                    lambda x, W: lax.conv_transpose(x, W[:, :, ::-1, ::-1], (s, s), [pads, pads], (d, d), AXES),
                ),
            },
        )

    return {
        **measured(3, 2, 1, 1),
        **measured(4, 2, 1, 0),
        **measured(3, 1, 1, 0),
        **measured(5, 3, 1, 1),
        **measured(3, 1, 2, 0, d=2),
        **measured(3, 2, 2, 1, d=2),
    }


@difference(
    "Dilated transposed convolution is refused",
    cause="TensorFlow has no kernel for it on a CPU, and none at all with a stride.",
    mapping="A kernel with zeros between its entries.",
    facts={
        "torch": "no error",
        "jax": "no error",
        "keras stride 1": "InvalidArgumentError",
        "keras stride 2": "ValueError",
    },
)
def dilated_transposed_convolution_is_refused() -> Measured:
    """Passes the dilation on; with stride 1 the layer can be built, and fails when it is called."""
    x, W = random(1, 3, 5, 5), random(3, 4, 3, 3)

    def in_keras(stride: int) -> Any:
        layer = keras.layers.Conv2DTranspose(4, 3, strides=stride, dilation_rate=2, dtype="float64")
        return layer(channels_last(x))

    return {
        "torch": error(lambda: functional.conv_transpose2d(torch.tensor(x), torch.tensor(W), dilation=2)),
        "jax": error(lambda: lax.conv_transpose(jnp.asarray(x), jnp.asarray(W), (2, 2), "VALID", (2, 2), AXES)),
        "keras stride 1": error(lambda: in_keras(1)),
        "keras stride 2": error(lambda: in_keras(2)),
    }


@difference(
    "Output padding",
    cause="torch's output_padding adds rows behind to what padding has left. In Keras it chooses how long the "
    "output is, and where the rows are cut follows from that: of a 3 × 3 window with stride 2, same with "
    "output_padding=1 (and without one) keeps the first row, same with output_padding=0 drops it.",
    mapping="Everything the windows reach (padding=0 in torch), and the rows wanted of it.",
    reference="keras",
    naive={
        "torch for same": 1.3,
        "torch for same, output_padding=0": 0,
        "torch for same, output_padding=1": 1.3,
        "torch for valid, output_padding=1": 0,
    },
)
def output_padding() -> Measured:
    """Takes same for padding=1, and output_padding for output_padding (None for the 1 that doubles the size)."""

    def measured(case: str, padding: str, extra: int | None, naive: Any, mapped: Any) -> Measured:
        return compare(
            [random(2, 3, 5, 5), random(3, 4, 3, 3)],
            ("keras", lambda x, W: keras_transposed(x, W, strides=2, padding=padding, output_padding=extra)),
            {case: (naive, mapped)},
        )

    def in_torch(p: int, extra: int) -> Any:
        return lambda x, W: functional.conv_transpose2d(x, W, None, 2, p, extra)

    def rows(first: int, last: int) -> Any:
        return lambda x, W: in_torch(0, 0)(x, W)[:, :, first:last, first:last]

    return {
        **measured("torch for same", "same", None, in_torch(1, 1), rows(0, 10)),
        **measured("torch for same, output_padding=0", "same", 0, in_torch(1, 0), rows(1, 10)),
        **measured("torch for same, output_padding=1", "same", 1, in_torch(1, 1), rows(0, 10)),
        **measured("torch for valid, output_padding=1", "valid", 1, in_torch(0, 1), in_torch(0, 1)),
    }
