"""Adamax."""

from typing import Any

import jax.numpy as jnp
import optax

from backproof_adapters.jax.optimizers.adam import Moments
from backproof_adapters.jax.optimizers.table import Formula, Links, by_hand, rated


def _adamax(spec: Any, rate: Any, t: Any) -> Links:
    if spec.epsilon_placement == "inside":
        return optax.scale_by_adamax(spec.beta1, spec.beta2, spec.epsilon), *rated(spec, rate)

    def rule(g: Any, m: Any, u: Any) -> tuple[Any, ...]:
        """By hand: optax has ε beside |g| only."""
        m = spec.beta1 * m + (1.0 - spec.beta1) * g
        u = jnp.maximum(spec.beta2 * u, jnp.abs(g))
        return m / (1.0 - spec.beta1**t) / (u + spec.epsilon), m, u

    return by_hand(Moments, rule), *rated(spec, rate)


ROWS = {"adamax": Formula(_adamax, {"first_moment": "mu", "largest": "nu"})}
