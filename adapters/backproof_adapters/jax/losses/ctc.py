"""Connectionist temporal classification."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof_adapters.jax.losses.terms import Terms


def ctc(loss: Any, a: jax.Array, y: jax.Array) -> jax.Array:
    """Return optax' loss: every step of the output counts, and labels end where the blanks begin."""
    padding = (y == loss.blank).astype(a.dtype)
    return optax.ctc_loss(a, jnp.zeros(a.shape[:2], a.dtype), y, padding, blank_id=loss.blank)


ROWS: dict[str, Terms] = {"ctc": ctc}
