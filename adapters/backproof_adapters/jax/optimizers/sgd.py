"""Plain gradient descent, and with a velocity."""

from typing import Any

import optax

from backproof_adapters.jax.optimizers.table import Formula, Links


def _sgd(spec: Any, rate: Any, t: Any) -> Links:
    return (optax.scale_by_learning_rate(rate),)


def _momentum(spec: Any, rate: Any, t: Any) -> Links:
    """The velocity holds gradients where the rate comes after it, updates (Keras) where the rate comes first."""
    velocity = optax.trace(spec.momentum, spec.nesterov)
    scale = optax.scale_by_learning_rate(rate)
    return (velocity, scale) if spec.velocity == "gradients" else (scale, velocity)


ROWS = {"sgd": Formula(_sgd), "momentum": Formula(_momentum, {"velocity": "trace"})}
