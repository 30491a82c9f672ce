"""Dense."""

from typing import Any

import keras

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, Row
from backproof_adapters.tensorflow.layers.table import Build


def _dense(layer: Any, shape: Shape, **common: Any) -> Any:
    # Zeros: Keras' default initializer would draw from Python's global generator.
    return keras.layers.Dense(layer.units, use_bias=layer.bias, kernel_initializer="zeros", **common)


ROWS: dict[str, Row[Build]] = {"dense": Row(_dense, {"weight": ("kernel", AS_IS), "bias": ("bias", AS_IS)})}
