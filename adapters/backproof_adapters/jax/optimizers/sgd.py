"""Plain gradient descent, and with a velocity."""

from typing import Any

import optax

from backproof_adapters.jax.optimizers.table import Formula, Links, rated


def _sgd(spec: Any, rate: Any, t: Any) -> Links:
    return rated(spec, rate)


def _momentum(spec: Any, rate: Any, t: Any) -> Links:
    """The velocity holds gradients where the rate comes after it, updates (Keras) where the rate comes first."""
    velocity = optax.trace(spec.momentum, spec.nesterov)
    return (velocity, *rated(spec, rate)) if spec.velocity == "gradients" else (*rated(spec, rate), velocity)


ROWS = {"sgd": Formula(_sgd), "momentum": Formula(_momentum, {"velocity": "trace"})}
