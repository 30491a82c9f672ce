"""Normalisations: those of Keras, subclassed where a convention is another one."""

from typing import Any

import keras

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.tensorflow.layers.table import Build


class UnbiasedBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch norm whose moving variance follows the unbiased variance; Keras' follows the biased one."""

    def _moments(self, inputs: Any, mask: Any) -> Any:
        mean, variance = super()._moments(inputs, mask)
        n = keras.ops.cast(keras.ops.size(inputs) // inputs.shape[-1], variance.dtype)
        self._excess = variance / (n - 1.0)  # n / (n − 1) · σ² is this much above σ²
        return mean, variance

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return the normalised inputs; in training, move the statistics."""
        outputs = super().call(inputs, training=training, mask=mask)
        if training and self.trainable:
            self.moving_variance.assign_add((1.0 - self.momentum) * self._excess)
        return outputs


class FrozenBatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Batch norm by its moving statistics, in training too; `trainable = False` would freeze γ and β as well."""

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return the normalised inputs."""
        return super().call(inputs, training=False, mask=mask)


class RMSNormalization(keras.layers.Layer):  # type: ignore[misc]
    """RMS norm with or without scale and shift; Keras' own has always the one and never the other."""

    def __init__(self, axes: tuple[int, ...], epsilon: float, scale: bool, shift: bool, **common: Any) -> None:
        super().__init__(**common)
        self.axes, self.epsilon, self.has_scale, self.has_shift = axes, epsilon, scale, shift
        self.scale: Any = None
        self.shift: Any = None

    def build(self, shape: Any) -> None:
        """Make the weights."""
        own = tuple(shape[axis] for axis in self.axes)
        if self.has_scale:
            self.scale = self.add_weight(name="scale", shape=own, initializer="ones")
        if self.has_shift:
            self.shift = self.add_weight(name="shift", shape=own, initializer="zeros")

    def call(self, x: Any) -> Any:
        """Return the normalised x."""
        y = keras.ops.rms_normalization(x, self.scale, self.axes, self.epsilon)
        return y if self.shift is None else y + self.shift


def _batch(layer: Any, shape: Shape, **common: Any) -> Any:
    unbiased = layer.variance == "unbiased"
    kind = UnbiasedBatchNormalization if unbiased else keras.layers.BatchNormalization
    if layer.statistics == "running":
        kind = FrozenBatchNormalization
    return kind(momentum=layer.momentum, epsilon=layer.epsilon, center=layer.shift, scale=layer.scale, **common)


def _group(layer: Any, shape: Shape, **common: Any) -> Any:
    groups = shape[-1] if layer.type == "instance_norm" else layer.groups
    return keras.layers.GroupNormalization(
        groups, epsilon=layer.epsilon, center=layer.shift, scale=layer.scale, **common
    )


def _last_axes(layer: Any) -> tuple[int, ...]:
    return tuple(range(-layer.axes, 0))


def _layer(layer: Any, shape: Shape, **common: Any) -> Any:
    return keras.layers.LayerNormalization(
        _last_axes(layer), epsilon=layer.epsilon, center=layer.shift, scale=layer.scale, **common
    )


def _rms(layer: Any, shape: Shape, **common: Any) -> Any:
    if layer.scale and not layer.shift:
        return keras.layers.RMSNormalization(_last_axes(layer), layer.epsilon, **common)
    return RMSNormalization(_last_axes(layer), layer.epsilon, layer.scale, layer.shift, **common)


_PLACES = {"scale": ("gamma", AS_IS), "shift": ("beta", AS_IS)}
_MOVING = {"running_mean": ("moving_mean", AS_IS), "running_variance": ("moving_variance", AS_IS)}
ROWS: dict[str, Row[Build]] = {
    "batch_norm": Row(_batch, _PLACES, _MOVING),
    "instance_norm": Row(_group, _PLACES),
    "group_norm": Row(_group, _PLACES),
    "layer_norm": Row(_layer, _PLACES),
    "rms_norm": Row(_rms, {"scale": ("scale", AS_IS), "shift": ("shift", AS_IS)}),
}
