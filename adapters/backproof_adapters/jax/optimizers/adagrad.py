"""Adagrad."""

from typing import Any

import jax.numpy as jnp
import optax

from backproof_adapters.jax.optimizers.table import Formula, Links, by_hand, rated


def _adagrad(spec: Any, rate: Any, t: Any) -> Links:
    native = spec.epsilon_placement == "inside" and spec.initial_accumulator > 0
    root = optax.scale_by_rss(spec.initial_accumulator, spec.epsilon) if native else scale_by_root(spec)
    return root, *rated(spec, rate)


def scale_by_root(spec: Any) -> optax.GradientTransformation:
    """Return the link s ← s + g²; g / (√s + ε) or g / √(s + ε).

    Built by hand: `optax.scale_by_rss` has ε inside the root only, and gives 0 wherever s is 0, which happens
    to a gradient other than 0 when its square underflows.
    """

    def rule(g: Any, s: Any) -> tuple[Any, ...]:
        s = s + g * g
        inside = spec.epsilon_placement == "inside"
        return g / (jnp.sqrt(s + spec.epsilon) if inside else jnp.sqrt(s) + spec.epsilon), s

    return by_hand(optax.ScaleByRssState, rule, spec.initial_accumulator)


ROWS = {"adagrad": Formula(_adagrad, {"accumulator": "sum_of_squares"})}
