"""Adam and AdamW."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import optax

from backproof_adapters.jax.optimizers.table import Formula, Links, by_hand, rated


def _adam(spec: Any, rate: Any, t: Any) -> Links:
    if spec.amsgrad == "no":
        link = optax.scale_by_adam(spec.beta1, spec.beta2, epsilon(spec, t))
    elif spec.amsgrad == "corrected":
        link = optax.scale_by_amsgrad(spec.beta1, spec.beta2, epsilon(spec, t))
    else:
        link = by_hand(Largest, lambda g, *slots: rule(spec, t, g, *slots))
    return link, *rated(spec, rate)


def epsilon(spec: Any, t: Any) -> Any:
    """Return what stands beside √v̂: Keras' ε, beside √v = √v̂ √(1 − β₂ᵗ), is there ε / √(1 − β₂ᵗ)."""
    corrected = spec.epsilon_placement == "corrected"
    return spec.epsilon if corrected else spec.epsilon / jnp.sqrt(1 - spec.beta2**t)


class Moments(NamedTuple):
    """The slots of Adam."""

    mu: Any
    nu: Any


class Largest(NamedTuple):
    """The slots of Adam with AMSGrad."""

    mu: Any
    nu: Any
    nu_max: Any


def rule(spec: Any, t: Any, g: Any, m: Any, v: Any, *largest: Any) -> tuple[Any, ...]:
    """Return m̂ / (√v̂ + ε) and the new slots, of one parameter.

    By hand for AMSGrad with the largest v: optax keeps the largest v̂.
    """
    m = spec.beta1 * m + (1.0 - spec.beta1) * g
    v = root = spec.beta2 * v + (1.0 - spec.beta2) * g * g
    correction = 1.0 - spec.beta2**t
    if spec.amsgrad == "uncorrected":
        root = jnp.maximum(largest[0], v)
        largest = (root,)
    root = root / correction
    if spec.amsgrad == "corrected":
        root = jnp.maximum(largest[0], root)
        largest = (root,)
    return m / (1.0 - spec.beta1**t) / (jnp.sqrt(root) + epsilon(spec, t)), m, v, *largest


SLOTS = {"first_moment": "mu", "second_moment": "nu", "largest_second_moment": "nu_max"}

ROWS = {"adam": Formula(_adam, SLOTS), "adamw": Formula(_adam, SLOTS)}
