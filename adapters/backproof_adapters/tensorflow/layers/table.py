"""The table of layers, and how a layer of the spec becomes a Keras layer by its row."""

from collections.abc import Callable, Sequence
from typing import Any

import keras

from backproof.layers import Layer, Shape, chain
from backproof_adapters.base import Row, row_for

Build = Callable[..., Any]
"""(layer of the spec, shape of one input, name=, dtype=) to a Keras layer, not yet built.

Side inputs are plain attributes of the layer (`layer.mask`), set before each call. A layer that differs at
inference takes `training`.
"""

ROWS: dict[str, Row[Build]] = {}
"""The row of each type; filled from the files of this folder."""


def native(layer: Layer, shape: Shape, dtype: str) -> Any:
    """Return the Keras layer of a layer, its weights made."""
    found = row_for(ROWS, layer, "tensorflow").build(layer, shape, name=layer.name, dtype=dtype)
    found.build((None, *shape))
    return found


def natives(layers: Sequence[Layer], shape: Shape, dtype: str) -> list[Any]:
    """Return the Keras layers of a chain."""
    return [native(layer, given, dtype) for _, layer, given in chain.links(layers, shape)]


class Composite(keras.layers.Layer):  # type: ignore[misc]
    """A layer made of chains of layers; `parts` holds these, and `outputs` what each returned when last called."""

    def __init__(self, chains: Sequence[Sequence[Any]], *, name: str, dtype: str) -> None:
        super().__init__(name=name, dtype=dtype)
        self.parts = [list(layers) for layers in chains]
        self.outputs: list[list[Any]] = []

    def build(self, shape: Any) -> None:
        """Do nothing: the layers within are built."""
        self.built = True

    def call(self, x: Any, training: Any = None) -> Any:
        """Return the combination of what the chains make of x; Keras hands `training` on to the layers within."""
        outputs = []
        for layers in self.parts:
            made = [x]
            for layer in layers:
                made.append(layer(made[-1]))
            outputs.append(made)
        self.outputs = [made[1:] for made in outputs]
        return self.combine(x, [made[-1] for made in outputs])

    def combine(self, x: Any, outputs: list[Any]) -> Any:
        """Return the output of the whole."""
        raise NotImplementedError
