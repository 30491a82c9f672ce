"""Convolution."""

import warnings
from typing import Any

import jax.numpy as jnp
import keras
import torch
from differences import Measured, difference, error, random
from frameworks import call, channels_first, channels_last
from jax import lax
from measure import compare
from torch.nn import functional

SAME = (
    "SAME pads (⌈H/s⌉ − 1)·s + d(k − 1) + 1 − H zeros in all, the smaller half before and the larger half behind. "
    "torch's padding pads as much before as behind."
)
EXPLICIT = (
    "Say the pads: keras.ops.pad and then valid, padding=[(p, p), (p, p)] in JAX. The other way round: "
    "functional.pad with the amounts of SAME, then padding=0."
)


def keras_conv(x: Any, W: Any, pad: int = 0, **options: Any) -> Any:
    """What keras.layers.Conv2D calls, on an image and a weight as torch lays them out."""
    x = keras.ops.pad(channels_last(x), [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    return channels_first(keras.ops.conv(x, keras.ops.transpose(W, (2, 3, 1, 0)), **options))


@difference(
    "Convolution kernel layout",
    cause="A torch weight is (out, in, height, width), a Keras kernel (height, width, in, out). With 3 channels "
    "in, 3 out and a 3 × 3 window the two have one shape.",
    mapping="kernel = weight.transpose(2, 3, 1, 0). Both are cross-correlations: nothing is flipped.",
    naive={"keras": 1.9},
)
def convolution_kernel_layout() -> Measured:
    """Copies the weight as it is. It fits, and nothing says that it lies the wrong way round."""
    return compare(
        [random(2, 3, 7, 7), random(3, 3, 3, 3)],
        ("torch", functional.conv2d),
        {"keras": (lambda x, W: channels_first(keras.ops.conv(channels_last(x), W)), keras_conv)},
    )


@difference(
    "Convolution without padding",
    cause="torch and Keras pad nothing by default; lax takes no default, and flax.linen.Conv has SAME.",
    mapping="The layout of the kernel alone, and VALID for whoever must say it.",
    naive={"keras": 0, "jax": 0},
)
def convolution_without_padding() -> Measured:
    """Turns the kernel over and leaves the padding at its default."""
    return compare(
        [random(2, 3, 7, 7), random(4, 3, 3, 3)],
        ("torch", functional.conv2d),
        {"keras": keras_conv, "jax": lambda x, W: lax.conv(x, W, (1, 1), "VALID")},
    )


@difference(
    "Padding same with a stride",
    cause=SAME + " Where the input's size and stride make the total even the two are one, by luck.",
    mapping=EXPLICIT,
    naive={
        "keras 3x3 stride 2 on 8": 1.4,
        "jax 3x3 stride 2 on 8": 1.4,
        "keras 3x3 stride 2 on 7": 0,
        "jax 3x3 stride 2 on 7": 0,
        "keras 5x5 stride 3 on 11": 1.8,
        "jax 5x5 stride 3 on 11": 1.8,
    },
)
def padding_same_with_a_stride() -> Measured:
    """Takes padding=1 of a 3 × 3 window for SAME, as it is without a stride. The output has the right shape."""

    def measured(size: int, k: int, s: int) -> Measured:
        p, case = k // 2, f"{k}x{k} stride {s} on {size}"
        return compare(
            [random(2, 3, size, size), random(4, 3, k, k)],
            ("torch", lambda x, W: functional.conv2d(x, W, stride=s, padding=p)),
            {
                f"keras {case}": (
                    lambda x, W: keras_conv(x, W, strides=s, padding="same"),
                    lambda x, W: keras_conv(x, W, pad=p, strides=s),
                ),
                f"jax {case}": (
                    lambda x, W: lax.conv(x, W, (s, s), "SAME"),
                    lambda x, W: lax.conv_general_dilated(x, W, (s, s), [(p, p), (p, p)]),
                ),
            },
        )

    return {**measured(8, 3, 2), **measured(7, 3, 2), **measured(11, 5, 3)}


@difference(
    "Padding same without a stride",
    cause="torch's padding='same' puts the odd zero behind, as SAME does.",
    mapping="None is needed, for an even window and for a dilated one.",
    naive={"keras 4x4": 0, "jax 4x4": 0, "keras 3x3 dilation 2": 0, "jax 3x3 dilation 2": 0},
)
def padding_same_without_a_stride() -> Measured:
    """Writes same for same. torch warns, once, that it copies the input where the window is even."""

    def measured(case: str, k: int, d: int) -> Measured:
        return compare(
            [random(2, 3, 8, 8), random(4, 3, k, k)],
            ("torch", lambda x, W: functional.conv2d(x, W, padding="same", dilation=d)),
            {
                f"keras {case}": lambda x, W: keras_conv(x, W, padding="same", dilation_rate=d),
                f"jax {case}": lambda x, W: lax.conv_general_dilated(x, W, (1, 1), "SAME", rhs_dilation=(d, d)),
            },
        )

    with warnings.catch_warnings(action="ignore"):
        return {**measured("4x4", 4, 1), **measured("3x3 dilation 2", 3, 2)}


@difference(
    "Padding same with a stride in torch",
    cause="torch does not implement it: where the zeros go would depend on the size of the input.",
    mapping="functional.pad with the amounts of SAME, then padding=0.",
    facts={"torch": "ValueError", "keras": "no error", "jax": "no error"},
)
def padding_same_with_a_stride_in_torch() -> Measured:
    """Writes same for same in the other direction."""
    return {
        "torch": error(lambda: torch.nn.Conv2d(3, 4, 3, stride=2, padding="same")),
        "keras": error(lambda: keras.layers.Conv2D(4, 3, strides=2, padding="same")),
        "jax": error(lambda: lax.conv(jnp.ones((2, 3, 8, 8)), jnp.ones((4, 3, 3, 3)), (2, 2), "SAME")),
    }


@difference(
    "Stride and dilation together are refused",
    cause="tf.nn.convolution implements one or the other.",
    mapping="Stride 1, then every second row and column of the output; or zeros between the kernel's entries.",
    facts={"torch": "no error", "keras": "ValueError", "jax": "no error"},
)
def stride_and_dilation_together_are_refused() -> Measured:
    """Passes both to the layer."""
    x, W = jnp.ones((2, 3, 8, 8)), jnp.ones((4, 3, 3, 3))
    return {
        "torch": error(lambda: torch.nn.Conv2d(3, 4, 3, stride=2, dilation=2)),
        "keras": error(lambda: keras.layers.Conv2D(4, 3, strides=2, dilation_rate=2)),
        "jax": error(lambda: lax.conv_general_dilated(x, W, (2, 2), "VALID", rhs_dilation=(2, 2))),
    }


@difference(
    "Stride and dilation together",
    cause=SAME + " Keras refuses the two together.",
    mapping="JAX: the pads in numbers. Keras: stride 1, then every second row and column, which costs four times "
    "the work and nothing else.",
    naive={"jax": 1.6, "keras every second": 0},
)
def stride_and_dilation_together() -> Measured:
    """Takes padding=2 of a dilated 3 × 3 window for SAME."""

    def in_jax(padding: Any) -> Any:
        return lambda x, W: lax.conv_general_dilated(x, W, (2, 2), padding, rhs_dilation=(2, 2))

    return compare(
        [random(2, 3, 8, 8), random(4, 3, 3, 3)],
        ("torch", lambda x, W: functional.conv2d(x, W, stride=2, padding=2, dilation=2)),
        {
            "jax": (in_jax("SAME"), in_jax([(2, 2), (2, 2)])),
            "keras every second": lambda x, W: keras_conv(x, W, pad=2, dilation_rate=2)[:, :, ::2, ::2],
        },
    )


@difference(
    "Grouped convolution",
    cause="The groups lie in the same order everywhere; Keras finds their number from the kernel.",
    mapping="The layout of the kernel alone: (out, in / groups, h, w) to (h, w, in / groups, out).",
    naive={"keras": 0, "jax": 0},
)
def grouped_convolution() -> Measured:
    """Turns the kernel over, as for one group."""
    return compare(
        [random(2, 4, 7, 7), random(6, 2, 3, 3)],
        ("torch", lambda x, W: functional.conv2d(x, W, groups=2)),
        {
            "keras": keras_conv,
            "jax": lambda x, W: lax.conv_general_dilated(x, W, (1, 1), "VALID", feature_group_count=2),
        },
    )


@difference(
    "Depthwise convolution with a multiplier",
    cause="Channel c and multiple j make output c·m + j in all three, and the Keras kernel is (h, w, channels, "
    "m).",
    mapping="kernel = weight.reshape(C, m, h, w).transpose(2, 3, 0, 1). A convolution of C groups is the same.",
    naive={"keras": 1.6, "keras groups": 0, "jax": 0},
)
def depthwise_convolution_with_a_multiplier() -> Measured:
    """Reshapes the outputs of the torch weight as (m, channels). It fits."""
    channels, m = 3, 2

    def depthwise(x: Any, W: Any, shape: tuple[int, int], axes: tuple[int, ...]) -> Any:
        kernel = keras.ops.transpose(keras.ops.reshape(W, (*shape, 3, 3)), axes)
        return channels_first(keras.ops.depthwise_conv(channels_last(x), kernel))

    return compare(
        [random(2, channels, 7, 7), random(channels * m, 1, 3, 3)],
        ("torch", lambda x, W: functional.conv2d(x, W, groups=channels)),
        {
            "keras": (
                lambda x, W: depthwise(x, W, (m, channels), (2, 3, 1, 0)),
                lambda x, W: depthwise(x, W, (channels, m), (2, 3, 0, 1)),
            ),
            "keras groups": keras_conv,
            "jax": lambda x, W: lax.conv_general_dilated(x, W, (1, 1), "VALID", feature_group_count=channels),
        },
    )


@difference(
    "Depthwise convolution with unequal strides",
    cause="TensorFlow's depthwise kernel for float64 has one stride for both axes. In float32 oneDNN does it.",
    mapping="An ordinary convolution of as many groups as channels.",
    facts={"torch": "no error", "keras DepthwiseConv2D": "InvalidArgumentError", "keras Conv2D": "no error"},
)
def depthwise_convolution_with_unequal_strides() -> Measured:
    """Passes (1, 2) as it is; building the layer succeeds, calling it in float64 does not."""
    x, strides = random(1, 8, 8, 3), (1, 2)
    in_torch = torch.nn.Conv2d(8, 8, 3, stride=strides, padding=1, groups=8, dtype=torch.float64)
    return {
        "torch": error(lambda: in_torch(torch.tensor(x))),
        "keras DepthwiseConv2D": error(lambda: keras.layers.DepthwiseConv2D(3, strides, dtype="float64")(x)),
        "keras Conv2D": error(lambda: keras.layers.Conv2D(3, 3, strides, groups=3, dtype="float64")(x)),
    }


@difference(
    "Convolution over time with a stride",
    cause=SAME,
    mapping="kernel = weight.transpose(2, 1, 0), from (out, in, k) to (k, in, out), and pads in numbers.",
    naive={"keras": 1.6, "jax": 1.6},
)
def convolution_over_time_with_a_stride() -> Measured:
    """Turns the kernel over and takes padding=1 for SAME."""

    def in_keras(pad: int, padding: str) -> Any:
        def conv(x: Any, W: Any) -> Any:
            x = keras.ops.pad(channels_last(x), [(0, 0), (pad, pad), (0, 0)])
            return channels_first(keras.ops.conv(x, keras.ops.transpose(W), strides=2, padding=padding))

        return conv

    return compare(
        [random(2, 3, 8), random(4, 3, 3)],
        ("torch", lambda x, W: functional.conv1d(x, W, stride=2, padding=1)),
        {
            "keras": (in_keras(0, "same"), in_keras(1, "valid")),
            "jax": (
                lambda x, W: lax.conv_general_dilated(x, W, (2,), "SAME"),
                lambda x, W: lax.conv_general_dilated(x, W, (2,), [(1, 1)]),
            ),
        },
    )


@difference(
    "Causal convolution",
    cause="Keras' causal padding puts all d(k − 1) zeros before the first step; torch's padding=d(k − 1) puts "
    "as many behind the last.",
    mapping="functional.pad(x, (d(k − 1), 0)), and pads of (d(k − 1), 0) in JAX; or cut the last d(k − 1) steps "
    "of the output off.",
    reference="keras",
    naive={"jax": 2.1, "torch": 2.1},
)
def causal_convolution() -> Measured:
    """Writes padding="same", which is of the right length and looks into the future."""
    k, d = 3, 2
    causal = keras.layers.Conv1D(4, k, padding="causal", dilation_rate=d, use_bias=False, dtype="float64")
    return compare(
        [random(2, 3, 8), random(4, 3, k)],
        ("keras", lambda x, W: channels_first(call(causal, [keras.ops.transpose(W)], channels_last(x)))),
        {
            "torch": (
                lambda x, W: functional.conv1d(x, W, padding="same", dilation=d),
                lambda x, W: functional.conv1d(functional.pad(x, (d * (k - 1), 0)), W, dilation=d),
            ),
            "jax": (
                lambda x, W: lax.conv_general_dilated(x, W, (1,), "SAME", rhs_dilation=(d,)),
                lambda x, W: lax.conv_general_dilated(x, W, (1,), [(d * (k - 1), 0)], rhs_dilation=(d,)),
            ),
        },
    )
