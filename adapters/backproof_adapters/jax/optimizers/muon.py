"""Muon.

By hand: optax has the corrected mean only, and keeps the slots of matrices and of everything else apart.
"""

from typing import Any

import jax.numpy as jnp

from backproof.optimizers.muon import COEFFICIENTS
from backproof_adapters.jax.optimizers import adam
from backproof_adapters.jax.optimizers.table import Formula, Links, by_hand, rated


def _muon(spec: Any, rate: Any, t: Any) -> Links:
    def rule(g: Any, m: Any, *others: Any) -> tuple[Any, ...]:
        if g.ndim != 2:
            return adam.rule(spec, t, g, m, *others)
        if spec.velocity != "sum":
            g = (1.0 - spec.momentum) * g
        m = part = spec.momentum * m + g
        if spec.velocity == "corrected":
            ahead = t + 1 if spec.nesterov else t
            g, part = g / (1.0 - spec.momentum**t), m / (1.0 - spec.momentum**ahead)
        u = orthogonal(g + spec.momentum * part if spec.nesterov else part, spec.iterations)
        scale = spec.consistent_rms * max(g.shape) ** 0.5 if spec.consistent_rms else 1.0
        return scale * u, m, *others

    return by_hand(adam.Moments if spec.amsgrad == "no" else adam.Largest, rule), *rated(spec, rate)


def orthogonal(u: Any, iterations: int) -> Any:
    """Return the matrix with its singular values brought near 1."""
    a, b, c = COEFFICIENTS
    x = u.T if u.shape[0] > u.shape[1] else u
    x = x / (jnp.sqrt(jnp.sum(x * x)) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if u.shape[0] > u.shape[1] else x


ROWS = {"muon": Formula(_muon, adam.SLOTS)}
