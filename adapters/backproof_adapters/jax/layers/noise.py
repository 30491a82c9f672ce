"""Dropout and the sample of a normal distribution."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from backproof_adapters.base import Row
from backproof_adapters.jax.layers.table import Apply


def dropout(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return x ⊙ mask / (1 − p); x itself for a rate of 0, as at inference."""
    return x * (own["mask"] / (1.0 - layer.rate)) if layer.rate else x


def gaussian_sample(layer: Any, own: Mapping[str, jax.Array], x: jax.Array) -> jax.Array:
    """Return μ + exp(λ/2) ⊙ noise, x being [μ, λ]; μ itself where nothing is sampled, as at inference."""
    mean, log_variance = jnp.split(x, 2, axis=-1)
    return mean + jnp.exp(0.5 * log_variance) * own["noise"] if layer.sampled else mean


ROWS: dict[str, Row[Apply]] = {"dropout": Row(dropout), "gaussian_sample": Row(gaussian_sample)}
