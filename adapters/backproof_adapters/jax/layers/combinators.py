"""Sequence, residual and parallel."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof.layers import chain
from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply, Result, run


def residual(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> Result:
    """Return x + f(x), with f the layers within."""
    found = run(layer.layers, own, x)
    return Result(x + found.output, found.buffers, found.outputs)


def parallel(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> Result:
    """Return the outputs of several chains of the same x, added, or joined on the last axis."""
    found = {name: run(layers, chain.of(own, name), x) for name, layers in layer.chains().items()}
    outputs = [branch.output for branch in found.values()]
    concatenate = layer.combination == "concatenate"
    joined = jnp.concatenate(outputs, axis=-1) if concatenate else sum(outputs[1:], outputs[0])
    return Result(
        joined,
        {n: b for name, branch in found.items() for n, b in chain.under(name, branch.buffers).items()},
        {n: y for name, branch in found.items() for n, y in chain.under(name, branch.outputs).items()},
    )


ROWS: dict[str, Row[Apply]] = {
    "sequence": Row(lambda layer, own, x: run(layer.layers, own, x)),
    "residual": Row(residual),
    "parallel": Row(parallel),
}
