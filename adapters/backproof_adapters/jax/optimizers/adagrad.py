"""Adagrad."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof_adapters.jax.optimizers.table import Formula, Links


def _adagrad(spec: Any, rate: Any, t: Any) -> Links:
    native = spec.epsilon_placement == "inside" and spec.initial_accumulator > 0
    root = optax.scale_by_rss(spec.initial_accumulator, spec.epsilon) if native else scale_by_root(spec)
    return root, optax.scale_by_learning_rate(rate)


def scale_by_root(spec: Any) -> optax.GradientTransformation:
    """Return the link s ← s + g²; g / (√s + ε) or g / √(s + ε).

    Built by hand: `optax.scale_by_rss` has ε inside the root only, and gives 0 wherever s is 0, which happens
    to a gradient other than 0 when its square underflows.
    """

    def init(parameters: Any) -> Any:
        start = spec.initial_accumulator
        return optax.ScaleByRssState(jax.tree.map(lambda w: jnp.full_like(w, start), parameters))

    def update(gradients: Any, state: Any, parameters: Any = None) -> tuple[Any, Any]:
        s = jax.tree.map(lambda g, s: s + g * g, gradients, state.sum_of_squares)
        if spec.epsilon_placement == "inside":
            scaled = jax.tree.map(lambda g, s: g / jnp.sqrt(s + spec.epsilon), gradients, s)
        else:
            scaled = jax.tree.map(lambda g, s: g / (jnp.sqrt(s) + spec.epsilon), gradients, s)
        return scaled, optax.ScaleByRssState(s)

    return optax.GradientTransformation(init, update)


ROWS = {"adagrad": Formula(_adagrad, {"accumulator": "sum_of_squares"})}
