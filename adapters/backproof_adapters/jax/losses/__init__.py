"""Losses: one row per type, in a file per family, found by being in this folder; from optax where it has them."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof.discovery import modules
from backproof.errors import DataError
from backproof.losses import NOTHING
from backproof_adapters.base import gathered, row_for
from backproof_adapters.jax.losses.terms import Counted, Terms

ROWS: dict[str, Terms] = gathered(modules(__path__, __name__))


def value(loss: Any, a: jax.Array, y: jax.Array, side: Mapping[str, Any] = NOTHING) -> jax.Array:
    """Return C = factor / n · Σ w ℓ, a 0-d array; `side` has what the loss is fed besides output and targets.

    Raises
    ------
    DataError
        If the targets have another shape than the output asks for: broadcasting would hide it.
    """
    if (expected := loss.target_shape(a.shape)) != y.shape:
        raise DataError(f"y: expected shape {expected}, found {y.shape}")
    found = row_for(ROWS, loss, "jax")(loss, a, y)
    terms, counts = found if isinstance(found, Counted) else (found, jnp.ones_like(found))
    if loss.weighted:
        weight = side["weight"].reshape(-1, *[1] * (terms.ndim - 1))
        terms, counts = weight * terms, weight * counts
    n = {"sum": 1, "batch_mean": len(a), "mean": terms.size, "weighted_mean": counts.sum()}
    return terms.sum() * (loss.factor / n[loss.reduction])
