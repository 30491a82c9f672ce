"""Activations: native ones, or closed forms.

Closed forms stand where the native activation is not exact. Each is written with `tf.where(z > 0, ...)`, so
that the slope at exactly 0 is that of the negative side, and plain Python constants, which TensorFlow turns
into the dtype of the tensor beside them without loss (`tf.cast` would pass them through float32).
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from backproof.layers.exponential import SELU_ALPHA, SELU_SCALE
from backproof_adapters.base import Row
from backproof_adapters.tensorflow.layers.table import Build

Function = Callable[[Any], Any]


def leaky_relu(z: Any, slope: float) -> Any:
    """f(z) = z for z > 0, else slope · z. `tf.nn.leaky_relu` keeps the slope in float32: 2e-8 off in float64."""
    return tf.where(z > 0, z, slope * z)


def elu(z: Any, alpha: float) -> Any:
    """f(z) = z for z > 0, else α(eᶻ − 1). `tf.nn.elu` subtracts 1 from eᶻ: 1e-9 off at z = −1e-8."""
    return tf.where(z > 0, z, alpha * tf.math.expm1(_below(z)))


def selu(z: Any) -> Any:
    """f(z) = λz for z > 0, else λα(eᶻ − 1). `tf.nn.selu` has the slope of the positive side at exactly 0."""
    return SELU_SCALE * tf.where(z > 0, z, SELU_ALPHA * tf.math.expm1(_below(z)))


def celu(z: Any, alpha: float) -> Any:
    """f(z) = z for z > 0, else α(e^(z/α) − 1). `keras.activations.celu` has slope 2 at exactly 0."""
    return tf.where(z > 0, z, alpha * tf.math.expm1(_below(z) / alpha))


def gelu(z: Any) -> Any:
    """f(z) = ½z erfc(−z/√2). `tf.nn.gelu` keeps √2 in float32: 5e-9 off in float64."""
    return 0.5 * z * tf.math.erfc(-math.sqrt(0.5) * z)


def gelu_tanh(z: Any) -> Any:
    """f(z) = zσ(2u), u = √(2/π)(z + 0.044715z³). `tf.nn.gelu` rounds 0.044715 to float32: 9e-10 off."""
    return z * tf.sigmoid(2.0 * math.sqrt(2.0 / math.pi) * (z + 0.044715 * z * z * z))


def _below(z: Any) -> Any:
    """min(z, 0): an overflow of the side not taken would turn its gradient, 0 · ∞, into NaN."""
    return tf.minimum(z, 0.0)


def _activation(choose: Callable[[Any], Function]) -> Row[Build]:
    """Return the row of an elementwise function that depends on the fields of the spec's layer."""
    return Row(lambda layer, shape, **common: keras.layers.Activation(choose(layer), **common))


def _native(function: Function) -> Row[Build]:
    """Return the row of a native activation without fields."""
    return _activation(lambda layer: function)


ROWS: dict[str, Row[Build]] = {
    "relu": _native(keras.activations.relu),
    "leaky_relu": _activation(lambda layer: lambda z: leaky_relu(z, layer.negative_slope)),
    "elu": _activation(lambda layer: lambda z: elu(z, layer.alpha)),
    "selu": _native(selu),
    "celu": _activation(lambda layer: lambda z: celu(z, layer.alpha)),
    "gelu": _activation(lambda layer: gelu if layer.approximate == "none" else gelu_tanh),
    "sigmoid": _native(keras.activations.sigmoid),
    "hard_sigmoid": _native(keras.activations.hard_sigmoid),
    "tanh": _native(keras.activations.tanh),
    "silu": _native(keras.activations.silu),
    "softplus": _native(keras.activations.softplus),
    "softmax": _native(keras.activations.softmax),
    "log_softmax": _native(keras.activations.log_softmax),
}
