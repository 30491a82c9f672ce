"""Sequence, residual and parallel."""

from typing import Any

import tensorflow as tf

from backproof.layers import Shape
from backproof_adapters.base import Row
from backproof_adapters.tensorflow.layers.table import Build, Composite, natives


class Sequence(Composite):
    """The layers, one after another."""

    def combine(self, x: Any, outputs: list[Any]) -> Any:
        """Return the output of the only chain."""
        return outputs[0]


class Residual(Composite):
    """y = x + f(x), with f the layers within."""

    def combine(self, x: Any, outputs: list[Any]) -> Any:
        """Return the sum."""
        return x + outputs[0]


class Sum(Composite):
    """The sum of what several chains make of the same x."""

    def combine(self, x: Any, outputs: list[Any]) -> Any:
        """Return the sum."""
        total = outputs[0]
        for other in outputs[1:]:
            total = total + other
        return total


class Concatenation(Composite):
    """What several chains make of the same x, joined on the last axis."""

    def combine(self, x: Any, outputs: list[Any]) -> Any:
        """Return the whole."""
        return tf.concat(outputs, axis=-1)


def _of(kind: type[Composite]) -> Build:
    def build(layer: Any, shape: Shape, *, name: str, dtype: str) -> Composite:
        return kind([natives(layers, shape, dtype) for layers in layer.chains().values()], name=name, dtype=dtype)

    return build


def _parallel(layer: Any, shape: Shape, **common: Any) -> Composite:
    return _of(Concatenation if layer.combination == "concatenate" else Sum)(layer, shape, **common)


ROWS: dict[str, Row[Build]] = {
    "sequence": Row(_of(Sequence)),
    "residual": Row(_of(Residual)),
    "parallel": Row(_parallel),
}
