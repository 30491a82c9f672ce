"""Pooling: Keras' own layers, with padding put around where Keras has none."""

import math
from typing import Any

import keras
import tensorflow as tf

from backproof.layers import Shape
from backproof.layers.windows import Windows
from backproof_adapters.base import Row
from backproof_adapters.tensorflow.layers.table import Build

_LAST = {"data_format": "channels_last"}


class _Padded:
    """A pool of the padded input: Keras knows only valid and same. What it returns is multiplied by `share`."""

    def __init__(self, windows: Windows, fill: float, share: Any = None, **common: Any) -> None:
        super().__init__(windows.size, windows.stride, **_LAST, **common)  # type: ignore[call-arg]
        self.windows, self.fill, self.share = windows, fill, share

    def call(self, inputs: Any) -> Any:
        """Return the pooled inputs."""
        pairs = [(0, 0), *self.windows.padding, (0, 0)]
        y = super().call(tf.pad(inputs, pairs, constant_values=self.fill))  # type: ignore[misc]
        return y if self.share is None else y * tf.constant(self.share, y.dtype)

    def compute_output_shape(self, shape: Any) -> Any:
        """Return the shape of the output; Keras asks."""
        return shape[0], *self.windows.outputs, shape[-1]


class PaddedMaxPooling1D(_Padded, keras.layers.MaxPooling1D):  # type: ignore[misc]
    """The maximum over windows of time."""


class PaddedMaxPooling2D(_Padded, keras.layers.MaxPooling2D):  # type: ignore[misc]
    """The maximum over windows of an image."""


class PaddedAveragePooling1D(_Padded, keras.layers.AveragePooling1D):  # type: ignore[misc]
    """The mean over windows of time."""


class PaddedAveragePooling2D(_Padded, keras.layers.AveragePooling2D):  # type: ignore[misc]
    """The mean over windows of an image."""


class FirstGlobalMaxPooling(keras.layers.Layer):  # type: ignore[misc]
    """The maximum over all positions, the first of which gets the gradient; Keras' own splits it at ties."""

    def call(self, x: Any) -> Any:
        """Return the maxima, (B, C)."""
        size = x.shape[1:-1]
        return tf.squeeze(tf.nn.pool(x, size, "MAX", size), list(range(1, len(size) + 1)))


class AdaptiveMaxPooling(keras.layers.Layer):  # type: ignore[misc]
    """The maximum of every bin: the bins laid out one after another, then pooled.

    Keras (from 3.13 on) pools rows, then columns: of equal ones its first is that of the first column.
    """

    def __init__(self, bins: list[Any], **common: Any) -> None:
        super().__init__(**common)
        self.bins = bins

    def call(self, x: Any) -> Any:
        """Return the maxima."""
        for axis, seen in enumerate(self.bins, start=1):
            x = tf.gather(x, seen.reshape(-1), axis=axis)
        size = [seen.shape[1] for seen in self.bins]
        return tf.nn.pool(x, size, "MAX", size)


class AdaptiveAveragePooling(keras.layers.Layer):  # type: ignore[misc]
    """The mean of every bin, axis by axis; Keras has it from 3.13 on only."""

    def __init__(self, weights: list[Any], **common: Any) -> None:
        super().__init__(**common)
        self.shares = weights

    def call(self, x: Any) -> Any:
        """Return the means; each product puts the axis it has made last."""
        for share in self.shares:
            x = tf.tensordot(x, tf.constant(share, x.dtype), [[1], [1]])
        return tf.transpose(x, [0, *range(2, len(x.shape)), 1])


_MAX = {1: (keras.layers.MaxPooling1D, PaddedMaxPooling1D), 2: (keras.layers.MaxPooling2D, PaddedMaxPooling2D)}
_AVERAGE = {
    1: (keras.layers.AveragePooling1D, PaddedAveragePooling1D),
    2: (keras.layers.AveragePooling2D, PaddedAveragePooling2D),
}
_GLOBAL_MAX = {1: keras.layers.GlobalMaxPooling1D, 2: keras.layers.GlobalMaxPooling2D}
_GLOBAL_AVERAGE = {1: keras.layers.GlobalAveragePooling1D, 2: keras.layers.GlobalAveragePooling2D}


def _max(layer: Any, shape: Shape, **common: Any) -> Any:
    windows = layer.windows(shape)
    native, padded = _MAX[layer.axes]
    if any(map(any, windows.padding)):
        return padded(windows, -math.inf, **common)
    return native(windows.size, windows.stride, **_LAST, **common)


def _average(layer: Any, shape: Shape, **common: Any) -> Any:
    windows = layer.windows(shape)
    native, padded = _AVERAGE[layer.axes]
    if any(map(any, windows.padding)):
        return padded(windows, 0.0, math.prod(windows.size) / layer.counts(shape), **common)
    return native(windows.size, windows.stride, **_LAST, **common)


def _global_max(layer: Any, shape: Shape, **common: Any) -> Any:
    if layer.ties == "first":
        return FirstGlobalMaxPooling(**common)
    return _GLOBAL_MAX[len(shape) - 1](**_LAST, **common)


ROWS: dict[str, Row[Build]] = {
    "max_pool1d": Row(_max),
    "max_pool2d": Row(_max),
    "average_pool1d": Row(_average),
    "average_pool2d": Row(_average),
    "global_max_pool": Row(_global_max),
    "global_average_pool": Row(lambda layer, shape, **common: _GLOBAL_AVERAGE[len(shape) - 1](**_LAST, **common)),
    "adaptive_max_pool": Row(lambda layer, shape, **common: AdaptiveMaxPooling(layer.bins(shape), **common)),
    "adaptive_average_pool": Row(
        lambda layer, shape, **common: AdaptiveAveragePooling(layer.weights(shape), **common)
    ),
}
