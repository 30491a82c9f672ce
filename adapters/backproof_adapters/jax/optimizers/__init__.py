"""The optimizers in JAX: chains of optax transformations in the spec's order.

Clip, then L2 decay, then the formula with the rate, then decoupled decay as −η · weight_decay · w, then the
average of the weights. The links are built anew for every update from η and t, which may be traced: where a
convention puts the rate or an epsilon that depends on t is then a matter of order and arguments, and optax's own
links serve for most of it. One row per type, in a file per family, found by being in this folder.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from backproof.discovery import modules
from backproof.optimizers import ACCUMULATED
from backproof_adapters.base import gathered, row_for
from backproof_adapters.jax.optimizers.average import averaging
from backproof_adapters.jax.optimizers.clipping import clipping
from backproof_adapters.jax.optimizers.table import Formula, grouped

ROWS: dict[str, Formula] = gathered(modules(__path__, __name__))


class RatedState(NamedTuple):
    """The state of an optimizer: the number of steps done, the state of each link, an optax named tuple, and the
    gradients of this round's earlier steps, where several make one update.
    """

    step: jax.Array
    links: tuple[Any, ...]
    accumulated: Any = ()


def transformation(spec: Any) -> optax.GradientTransformationExtraArgs:
    """Return the spec's optimizer as an optax transformation.

    `update` takes the rate from `learning_rate=` if that is given, else from the spec: a schedule is then asked
    on the host, in float64, for the number of steps done. Gradients are accumulated by hand: optax.MultiSteps
    sums them in float32 unless told otherwise, and multiplies updates of idle steps by 0: a NaN stays for ever.
    """

    def links(rate: Any, t: Any) -> optax.GradientTransformation:
        before = [clipping(spec.clip)] if spec.clip else []
        after = []
        for decay, factor, mask in grouped(spec):
            if decay and spec.decay == "l2":
                before.append(optax.add_decayed_weights(decay, mask))
            if decay and spec.decay == "decoupled":
                after.append(optax.add_decayed_weights(-rate * factor * decay, mask))
        if spec.average:
            after.append(averaging(spec.average, t))
        return optax.chain(*before, *row_for(ROWS, spec, "jax").links(spec, rate, t), *after)

    def init(parameters: Any) -> RatedState:
        zeros = jax.tree.map(jnp.zeros_like, parameters) if spec.accumulate > 1 else ()
        return RatedState(jnp.zeros((), jnp.int32), links(0.0, 1).init(parameters), zeros)

    def update(
        gradients: Any, state: RatedState, parameters: Any = None, *, learning_rate: Any = None, **_: Any
    ) -> tuple[Any, RatedState]:
        rate = scheduled(spec, state.step) if learning_rate is None else learning_rate
        chain = links(rate, state.step // spec.accumulate + 1)
        step = state.step + 1
        if spec.accumulate == 1:
            updates, inner = chain.update(gradients, state.links, parameters)
            return updates, RatedState(step, inner)
        sums = jax.tree.map(jnp.add, state.accumulated, gradients)
        zeros = jax.tree.map(jnp.zeros_like, sums)
        updates, inner = chain.update(jax.tree.map(lambda g: g / spec.accumulate, sums), state.links, parameters)

        def if_due(new: Any, old: Any) -> Any:
            due = step % spec.accumulate == 0
            return jax.tree.map(lambda one, other: jnp.where(due, one, other), new, old)

        return if_due(updates, zeros), RatedState(step, if_due(inner, state.links), if_due(zeros, sums))

    return optax.GradientTransformationExtraArgs(init, update)


def scheduled(spec: Any, step: jax.Array) -> Any:
    """Return η after `step` steps: the number itself, or that of the spec's schedule, asked on the host."""
    if isinstance(spec.learning_rate, float | int):
        return spec.learning_rate
    number = np.zeros((), jnp.result_type(float))
    return jax.pure_callback(lambda n: np.full_like(number, spec.rate(int(n))), number, step)


def slots_of(spec: Any, state: RatedState) -> dict[str, Any]:
    """Return each slot of the spec, as a tree like that of the parameters."""
    fields = {own: value for link in state.links for own, value in link._asdict().items()}
    found = {ACCUMULATED: state.accumulated} | {slot: fields[own] for slot, own in _places(spec).items()}
    return {slot: found[slot] for slot in spec.slot_names()}


def with_slots(spec: Any, state: RatedState, slots: Mapping[str, Any], step: int) -> RatedState:
    """Return the state with these slots and with every count of updates at that of so many steps."""
    new: dict[str, Any] = {own: slots[slot] for slot, own in _places(spec).items()}
    new["count"] = jnp.asarray(step // spec.accumulate, jnp.int32)
    links = tuple(link._replace(**{own: new[own] for own in link._fields if own in new}) for link in state.links)
    return RatedState(jnp.asarray(step, jnp.int32), links, slots.get(ACCUMULATED, ()))


def _places(spec: Any) -> dict[str, str]:
    """Return the field of a link's state that holds each slot."""
    own = row_for(ROWS, spec, "jax").slots
    return {slot: own.get(slot, slot) for slot in spec.slot_names() if slot != ACCUMULATED}
