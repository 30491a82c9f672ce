"""The optimizers in JAX: chains of optax transformations in the spec's order.

Clip, then L2 decay, then the formula with the rate, then decoupled decay as −η · weight_decay · w. The links are
built anew for every update from η and t, which may be traced: where a convention puts the rate or an epsilon
that depends on t is then a matter of order and arguments, and optax's own links serve for nearly all of it.
One row per type, in a file per family, found by being in this folder.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from backproof.discovery import modules
from backproof_adapters.base import gathered, row_for
from backproof_adapters.jax.optimizers.clipping import clipping
from backproof_adapters.jax.optimizers.table import Formula

ROWS: dict[str, Formula] = gathered(modules(__path__, __name__))


class RatedState(NamedTuple):
    """The state of an optimizer: the number of updates done, and the state of each link, an optax named tuple."""

    step: jax.Array
    links: tuple[Any, ...]


def transformation(spec: Any) -> optax.GradientTransformationExtraArgs:
    """Return the spec's optimizer as an optax transformation.

    `update` takes the rate from `learning_rate=` if that is given, else from the spec: a schedule is then asked
    on the host, in float64, for the number of updates done.
    """

    def links(rate: Any, t: Any) -> optax.GradientTransformation:
        before = [clipping(spec.clip)] if spec.clip else []
        after = []
        if spec.weight_decay and spec.decay == "l2":
            before.append(optax.add_decayed_weights(spec.weight_decay))
        if spec.weight_decay and spec.decay == "decoupled":
            after.append(optax.add_decayed_weights(-rate * spec.weight_decay))
        return optax.chain(*before, *row_for(ROWS, spec, "jax").links(spec, rate, t), *after)

    def init(parameters: Any) -> RatedState:
        return RatedState(jnp.zeros((), jnp.int32), links(0.0, 1).init(parameters))

    def update(
        gradients: Any, state: Any, parameters: Any = None, *, learning_rate: Any = None, **_: Any
    ) -> tuple[Any, RatedState]:
        rate = scheduled(spec, state.step) if learning_rate is None else learning_rate
        t = state.step + 1
        updates, inner = links(rate, t).update(gradients, state.links, parameters)
        return updates, RatedState(t, inner)

    return optax.GradientTransformationExtraArgs(init, update)


def scheduled(spec: Any, step: jax.Array) -> Any:
    """Return η after `step` updates: the number itself, or that of the spec's schedule, asked on the host."""
    if isinstance(spec.learning_rate, float | int):
        return spec.learning_rate
    number = np.zeros((), jnp.result_type(float))
    return jax.pure_callback(lambda n: np.full_like(number, spec.rate(int(n))), number, step)


def slots_of(spec: Any, state: RatedState) -> dict[str, Any]:
    """Return each slot of the spec, as a tree like that of the parameters."""
    fields = {own: value for link in state.links for own, value in link._asdict().items()}
    return {slot: fields[own] for slot, own in row_for(ROWS, spec, "jax").slots.items()}


def with_slots(spec: Any, state: RatedState, slots: Mapping[str, Any], step: int) -> RatedState:
    """Return the state with these slots and with every count of updates at `step`."""
    count = jnp.asarray(step, jnp.int32)
    new = {own: slots[slot] for slot, own in row_for(ROWS, spec, "jax").slots.items()} | {"count": count}
    links = tuple(link._replace(**{own: new[own] for own in link._fields if own in new}) for link in state.links)
    return RatedState(count, links)
