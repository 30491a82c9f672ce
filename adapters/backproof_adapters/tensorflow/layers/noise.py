"""Dropout and the sample of a normal distribution: Keras' own noise, unless the spec's is given for the call."""

import zlib
from typing import Any

import keras
import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.tensorflow.layers.table import Build

_register = keras.saving.register_keras_serializable("backproof")


@_register
class Dropout(keras.layers.Dropout):  # type: ignore[misc]
    """keras.layers.Dropout, which takes no mask: one set before a call in training is used for that call."""

    mask: Any = None

    def call(self, x: Any, training: bool = False) -> Any:
        """Return x ⊙ mask / (1 − p); x itself at inference."""
        if self.mask is None or not training:
            return super().call(x, training=training)
        mask, self.mask = self.mask, None
        return x * (mask / (1.0 - self.rate))


@_register
class GaussianSample(keras.layers.Layer):  # type: ignore[misc]
    """μ + exp(λ/2) ⊙ noise, x being [μ, λ]; μ at inference. Noise set before a call is used for that call."""

    noise: Any = None

    def __init__(self, sampled: bool, seed: int, **common: Any) -> None:
        super().__init__(**common)
        self.sampled, self.seed = sampled, seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x: Any, training: bool = False) -> Any:
        """Return the sample."""
        mean, log_variance = tf.split(x, 2, axis=-1)
        if not (self.sampled and training):
            return mean
        noise, self.noise = self.noise, None
        if noise is None:
            noise = keras.random.normal(tf.shape(mean), dtype=mean.dtype.name, seed=self.seed_generator)
        return mean + tf.exp(0.5 * log_variance) * noise

    def get_config(self) -> dict[str, Any]:
        """Return what an equal layer is made from."""
        return super().get_config() | {"sampled": self.sampled, "seed": self.seed}


def _seed(name: str) -> int:
    """Return a seed of the layer's own: Keras would draw one from Python's global generator."""
    return zlib.crc32(name.encode()) >> 1


def _dropout(layer: Any, shape: Shape, *, name: str, dtype: str) -> Any:
    return Dropout(layer.rate, seed=_seed(name), name=name, dtype=dtype)


def _gaussian_sample(layer: Any, shape: Shape, *, name: str, dtype: str) -> Any:
    return GaussianSample(layer.sampled, _seed(name), name=name, dtype=dtype)


ROWS: dict[str, Row[Build]] = {"dropout": Row(_dropout), "gaussian_sample": Row(_gaussian_sample)}
