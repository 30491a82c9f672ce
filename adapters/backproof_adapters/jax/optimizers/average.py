"""The moving average of the weights, as the last link of a chain: it passes the updates on unchanged."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from backproof.optimizers import Average


class AverageState(NamedTuple):
    """The average of the weights, a tree like that of the parameters."""

    average: Any


def averaging(fields: Average, t: Any) -> optax.GradientTransformation:
    """Return the link a ← d·a + (1 − d)·(w + Δ); optax leaves a link of this kind to its user."""

    def init(parameters: Any) -> AverageState:
        return AverageState(jax.tree.map(jnp.array, parameters))

    def update(updates: Any, state: AverageState, parameters: Any = None) -> tuple[Any, AverageState]:
        later = 1.0 - fields.decay
        share = jnp.where(t == 1, 1.0, later) if fields.start == "first_update" else later
        new = optax.apply_updates(parameters, updates)
        return updates, AverageState(optax.incremental_update(new, state.average, share))

    return optax.GradientTransformation(init, update)
