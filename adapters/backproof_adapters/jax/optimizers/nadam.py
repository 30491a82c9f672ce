"""Nadam."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof_adapters.jax.optimizers.adam import Moments
from backproof_adapters.jax.optimizers.table import Formula, Links, by_hand, rated


def _nadam(spec: Any, rate: Any, t: Any) -> Links:
    if spec.momentum_decay is None:
        link = optax.scale_by_adam(spec.beta1, spec.beta2, spec.epsilon, nesterov=True)
        return link, *rated(spec, rate)

    def momentum(t: Any) -> Any:
        return spec.beta1 * (1.0 - 0.5 * 0.96 ** (t * spec.momentum_decay))

    now, ahead = momentum(t), momentum(t + 1)
    product = jax.lax.fori_loop(1, t + 1, lambda i, found: found * momentum(i), jnp.ones(()))

    def rule(g: Any, m: Any, v: Any) -> tuple[Any, ...]:
        """By hand: optax has no momentum that rises."""
        m = spec.beta1 * m + (1.0 - spec.beta1) * g
        v = spec.beta2 * v + (1.0 - spec.beta2) * g * g
        look = ahead / (1.0 - product * ahead) * m + (1.0 - now) / (1.0 - product) * g
        return look / (jnp.sqrt(v / (1.0 - spec.beta2**t)) + spec.epsilon), m, v

    return by_hand(Moments, rule), *rated(spec, rate)


ROWS = {"nadam": Formula(_nadam, {"first_moment": "mu", "second_moment": "nu"})}
