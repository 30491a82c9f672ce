"""Convolutions: Keras' own, and what neither Keras nor TensorFlow on a CPU has put around them."""

from typing import Any

import keras
import tensorflow as tf

from backproof.layers import Shape
from backproof.layers.windows import Windows
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.tensorflow.layers.table import Build


class _Around:
    """The convolution of the padded input, by groups.

    - Padding is put around by `tf.pad`: Keras knows only valid, same and causal.
    - Groups are convolved one by one: TensorFlow has no gradient of grouped convolutions in float64 on a CPU,
      and Keras compiles them anew under every tape, which takes a third of a second.
    - The stride is taken afterwards where TensorFlow 2.21 refuses it, with a dilation; and where its float32 is
      broken on a CPU (by oneDNN): with one output along an axis the convolution of one channel is wrong, and the
      gradient of a kernel of one entry writes where it should not, until the process dies.
    """

    filters: int
    groups: int
    strides: Any
    dilation_rate: Any
    kernel: Any
    bias: Any

    def __init__(self, layer: Any, windows: Windows, **common: Any) -> None:
        afterwards = max(windows.dilation) > 1 or max(windows.size) == 1
        strides = [1 if afterwards or n == 1 else s for s, n in zip(windows.stride, windows.outputs, strict=True)]
        super().__init__(  # type: ignore[call-arg]
            layer.filters,
            windows.size,
            strides=strides,
            dilation_rate=windows.dilation,
            groups=layer.groups,
            use_bias=layer.bias,
            data_format="channels_last",
            kernel_initializer="zeros",
            **common,
        )
        self.windows = windows
        self.steps = [slice(None, None, s // own) for s, own in zip(windows.stride, strides, strict=True)]

    def call(self, inputs: Any) -> Any:
        """Return the convolution, with the bias."""
        padded = tf.pad(inputs, [(0, 0), *self.windows.padding, (0, 0)])
        of_groups = zip(tf.split(padded, self.groups, -1), tf.split(self.kernel, self.groups, -1), strict=True)
        options = {"dilation_rate": self.dilation_rate, "data_format": "channels_last"}
        convolved = [keras.ops.conv(x, kernel, self.strides, "valid", **options) for x, kernel in of_groups]
        z = tf.concat(convolved, -1)[:, *self.steps]
        return z if self.bias is None else z + self.bias

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the shape of the output; Keras asks."""
        return shape[0], *self.windows.outputs, self.filters


class Conv1D(_Around, keras.layers.Conv1D):  # type: ignore[misc]
    """A convolution over time."""


class Conv2D(_Around, keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution over an image."""


class _Within:
    """The transposed convolution of a kernel with zeros between its entries, of which a part is cut out.

    Keras has no padding but valid and same, and TensorFlow no dilation of transposed convolutions on a CPU. The
    zeros also follow a kernel of one entry, whose gradient is as broken as that of a convolution.
    """

    filters: int
    strides: Any
    kernel: Any
    bias: Any

    def __init__(self, layer: Any, windows: Windows, **common: Any) -> None:
        super().__init__(  # type: ignore[call-arg]
            layer.filters,
            windows.size,
            strides=windows.stride,
            use_bias=layer.bias,
            data_format="channels_last",
            kernel_initializer="zeros",
            **common,
        )
        self.windows = windows

    def call(self, inputs: Any) -> Any:
        """Return the part of the output that the windows lie over, with the bias."""
        kernel = _with_zeros(self.kernel, self.windows.dilation)
        if max(self.windows.size) == 1:
            kernel = tf.pad(kernel, [(0, 1), *[(0, 0)] * (len(kernel.shape) - 1)])
        y = keras.ops.conv_transpose(inputs, kernel, self.strides, "valid", data_format="channels_last")
        y = tf.pad(y, [(0, 0), *((0, unseen) for unseen in self.windows.unseen), (0, 0)])
        ends = zip(self.windows.padding, self.windows.spatial, strict=True)
        y = y[:, *(slice(before, before + n) for (before, _), n in ends)]
        return y if self.bias is None else y + self.bias

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the shape of the output; Keras asks."""
        return shape[0], *self.windows.spatial, self.filters


class Conv1DTranspose(_Within, keras.layers.Conv1DTranspose):  # type: ignore[misc]
    """A transposed convolution over time."""


class Conv2DTranspose(_Within, keras.layers.Conv2DTranspose):  # type: ignore[misc]
    """A transposed convolution over an image."""


def _with_zeros(kernel: Any, dilation: Shape) -> Any:
    """Return the kernel with dilation − 1 zeros between neighbours on each of its first axes."""
    kernel = tf.convert_to_tensor(kernel)
    for axis, d in enumerate(dilation):
        apart = tf.stack([kernel, *[tf.zeros_like(kernel)] * (d - 1)], axis + 1)
        merged = tf.reshape(apart, [*kernel.shape[:axis], -1, *kernel.shape[axis + 1 :]])
        kernel = merged[(slice(None),) * axis + (slice((kernel.shape[axis] - 1) * d + 1),)]
    return kernel


def _of(kind: Any) -> Row[Build]:
    def build(layer: Any, shape: Shape, **common: Any) -> Any:
        return kind(layer, layer.windows(shape), **common)

    return Row(build, {"weight": ("kernel", AS_IS), "bias": ("bias", AS_IS)})


ROWS: dict[str, Row[Build]] = {
    "conv1d": _of(Conv1D),
    "conv2d": _of(Conv2D),
    "conv1d_transpose": _of(Conv1DTranspose),
    "conv2d_transpose": _of(Conv2DTranspose),
}
