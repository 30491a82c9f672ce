"""Recurrent layers: Keras' own; where the spec has other biases than Keras, Keras' own cells with these."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from backproof.fields import Array
from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Layout, Row
from backproof_adapters.tensorflow.layers.table import Build

_register = keras.saving.register_keras_serializable("backproof")
# Zeros: Keras' default initializers would draw from Python's global generator, as it does for a seed of its own,
# which nothing here uses.
_STILL = {"kernel_initializer": "zeros", "recurrent_initializer": "zeros", "seed": 0}


class _OwnBiases(keras.layers.Layer):  # type: ignore[misc]
    """A Keras cell with two biases, or any of them. At each call it is given the one that Keras' code expects.

    Keras has one; in a GRU that resets after the product it has two, but in one variable, or none.
    """

    def __init__(self, units: int, biases: list[str], **options: Any) -> None:
        super().__init__(units, use_bias=False, **options)
        self.biases = biases

    def build(self, shape: Any) -> None:
        """Make the weights and biases."""
        super().build(shape)
        for name in self.biases:
            setattr(self, name, self.add_weight(shape=self.kernel.shape[1:], initializer="zeros", name=name))
        self.use_bias = True

    def call(self, x: Any, states: Any, training: bool = False) -> Any:
        """Return what the native cell does, with the biases joined."""
        own, zeros = self.bias, tf.zeros_like(self.kernel[0])
        both = [getattr(self, name).value if name in self.biases else zeros for name in ("bias", "recurrent_bias")]
        joined = tf.stack(both) if getattr(self, "reset_after", False) else both[0] + both[1]
        object.__setattr__(self, "bias", joined)  # past Keras' own, which takes no new state once a layer is built
        try:
            return super().call(x, states, training=training)
        finally:
            object.__setattr__(self, "bias", own)

    def get_config(self) -> dict[str, Any]:
        """Return what an equal cell is made from."""
        config = super().get_config() | {"biases": self.biases}
        del config["use_bias"]
        return config


@_register
class SimpleRNNCell(_OwnBiases, keras.layers.SimpleRNNCell):  # type: ignore[misc]
    """keras.layers.SimpleRNNCell with the spec's biases."""


@_register
class LSTMCell(_OwnBiases, keras.layers.LSTMCell):  # type: ignore[misc]
    """keras.layers.LSTMCell with the spec's biases."""


@_register
class GRUCell(_OwnBiases, keras.layers.GRUCell):  # type: ignore[misc]
    """keras.layers.GRUCell with the spec's biases."""


@_register
class WithLengths(keras.layers.Wrapper):  # type: ignore[misc]
    """A recurrent layer that is told how many steps each observation has: `lengths`, set before a call."""

    lengths: Any = None
    cell = property(lambda self: self.layer.cell)
    forward_layer = property(lambda self: self.layer.forward_layer)
    backward_layer = property(lambda self: self.layer.backward_layer)

    def call(self, x: Any) -> Any:
        """Return what the layer does, with the steps beyond masked."""
        mask = None if self.lengths is None else tf.sequence_mask(self.lengths, tf.shape(x)[1])
        return tf.identity(self.layer(x, mask=mask))  # a tensor that hands no mask on to the layers above


def _recurrent(native: Any, cell: Any, options: Callable[[Any], dict[str, Any]]) -> Build:
    """Return how to make the layer: `native` where its biases are the spec's, else an RNN of the cell."""

    def build(layer: Any, shape: Shape, *, name: str, dtype: str) -> Any:
        biases = [bias for bias in ("bias", "recurrent_bias") if getattr(layer, bias)]
        fits = not biases or (biases == ["bias"] and not getattr(layer, "reset_after", False))
        own = options(layer) | _STILL
        common = {
            "return_sequences": layer.return_sequences,
            "zero_output_for_mask": layer.return_sequences,  # else the last output is that of the last step
            "dtype": dtype,
        }

        def one_way(**place: Any) -> Any:
            if fits:
                return native(layer.units, use_bias=bool(biases), **own, **common, **place)
            return keras.layers.RNN(cell(layer.units, biases, dtype=dtype, **own), **common, **place)

        def both_ways(**place: Any) -> Any:
            return keras.layers.Bidirectional(
                one_way(), backward_layer=one_way(go_backwards=True), dtype=dtype, **place
            )

        made = both_ways if layer.bidirectional else one_way
        return WithLengths(made(), name=name, dtype=dtype) if layer.lengths else made(name=name)

    return build


def _swapped(a: Array) -> Array:
    """Exchange reset and update gate: Keras' columns are z, r, n."""
    r, z, n = np.split(a, 3, axis=-1)
    return np.concatenate([z, r, n], axis=-1)


def _parameters(layout: Layout) -> Mapping[str, tuple[str, Layout]]:
    own = {
        "weight": "kernel",
        "recurrent_weight": "recurrent_kernel",
        "bias": "bias",
        "recurrent_bias": "recurrent_bias",
    }
    directions = {"": "cell", "forward.": "forward_layer.cell", "backward.": "backward_layer.cell"}
    return {
        f"{direction}{name}": (f"{cell}.{native}", layout)
        for direction, cell in directions.items()
        for name, native in own.items()
    }


ROWS: dict[str, Row[Build]] = {
    "simple_rnn": Row(
        _recurrent(keras.layers.SimpleRNN, SimpleRNNCell, lambda layer: {"activation": layer.activation}),
        _parameters(AS_IS),
    ),
    "lstm": Row(
        _recurrent(keras.layers.LSTM, LSTMCell, lambda layer: {"unit_forget_bias": False}), _parameters(AS_IS)
    ),
    "gru": Row(
        _recurrent(keras.layers.GRU, GRUCell, lambda layer: {"reset_after": layer.reset_after}),
        _parameters(Layout(_swapped, _swapped)),
    ),
}
