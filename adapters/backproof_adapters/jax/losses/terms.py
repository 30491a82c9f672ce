"""What a row of the table of losses is."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax


class Counted(NamedTuple):
    """The terms ℓ, and how much each counts in a weighted mean where that is not 1."""

    terms: jax.Array
    counts: jax.Array


Terms = Callable[[Any, jax.Array, jax.Array], jax.Array | Counted]
"""(loss of the spec, network's output a, targets y) to the terms ℓ. Gradients are JAX's own."""
