"""The table of layers, and the walk through a chain of them.

JAX layers are pure functions, so that parameters lie in a tree under the spec's own names and in its own
layout: no row has anything to convert.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax

from backproof.layers import chain
from backproof_adapters.base import Row, row_for


@dataclass(frozen=True)
class Result:
    """What a layer returns that returns more than its output: new buffers, and the outputs of layers within."""

    output: jax.Array
    buffers: dict[str, jax.Array] = field(default_factory=dict)
    outputs: dict[str, jax.Array] = field(default_factory=dict)


Apply = Callable[[Any, Mapping[str, jax.Array], jax.Array], jax.Array | Result]
"""(layer of the spec, its own parameters, buffers and side inputs, its input) to its output, or a `Result`.

At inference the layer is what its `inference()` says: no row need ask.
"""

ROWS: dict[str, Row[Apply]] = {}
"""The row of each type; filled from the files of this folder."""


def run(layers: Sequence[Any], own: Mapping[str, jax.Array], x: jax.Array) -> Result:
    """Return the output of a chain, the new buffers by name, and the outputs of all layers by path, in order."""
    outputs: dict[str, jax.Array] = {}
    buffers: dict[str, jax.Array] = {}
    for layer in layers:
        found = row_for(ROWS, layer, "jax").build(layer, chain.of(own, layer.name), x)
        if isinstance(found, Result):
            outputs |= chain.under(layer.name, found.outputs)
            buffers |= chain.under(layer.name, found.buffers)
            found = found.output
        x = outputs[layer.name] = found
    return Result(x, buffers, outputs)
