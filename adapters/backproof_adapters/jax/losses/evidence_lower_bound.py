"""Minus the evidence lower bound."""

from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import row_for
from backproof_adapters.jax.losses import binary_cross_entropy, regression
from backproof_adapters.jax.losses.terms import Terms


def evidence_lower_bound(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return Σ ρ(r, y) + β Σ ½(eᵛ + μ² − 1 − v), with ρ another row of the table."""
    r, mean, log_variance = jnp.split(a, [y.shape[-1], y.shape[-1] + loss.latent], axis=-1)
    rows = regression.ROWS | binary_cross_entropy.ROWS
    error = row_for(rows, loss.error(), "jax")(loss.error(), r, y)
    assert isinstance(error, jax.Array)
    divergence = 0.5 * (jnp.exp(log_variance) + mean * mean - 1.0 - log_variance)
    return error.sum(-1) + loss.beta * divergence.sum(-1)


ROWS: dict[str, Terms] = {"evidence_lower_bound": evidence_lower_bound}
