"""Adam and AdamW."""

from typing import Any

import jax.numpy as jnp
import optax

from backproof_adapters.jax.optimizers.table import Formula, Links


def _adam(spec: Any, rate: Any, t: Any) -> Links:
    """Keras' ε stands beside √v uncorrected: beside √v̂ = √v / √(1 − β₂ᵗ) it is ε / √(1 − β₂ᵗ)."""
    corrected = spec.epsilon_placement == "corrected"
    epsilon = spec.epsilon if corrected else spec.epsilon / jnp.sqrt(1 - spec.beta2**t)
    return optax.scale_by_adam(spec.beta1, spec.beta2, epsilon), optax.scale_by_learning_rate(rate)


_MOMENTS = {"first_moment": "mu", "second_moment": "nu"}

ROWS = {"adam": Formula(_adam, _MOMENTS), "adamw": Formula(_adam, _MOMENTS)}
