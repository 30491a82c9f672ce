"""The optimizers in JAX: chains of optax transformations in the spec's order.

Clip, then L2 decay, then the formula with the rate, then decoupled decay as −η · weight_decay · w. The links are
built anew for every update from η and t, which may be traced: where a convention puts the rate or an epsilon
that depends on t is then a matter of order and arguments, and optax's own links serve for nearly all of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from backproof_adapters.base import row_for

Links = tuple[optax.GradientTransformation, ...]


class RatedState(NamedTuple):
    """The state of an optimizer: the number of updates done, and the state of each link, an optax named tuple."""

    step: jax.Array
    links: tuple[Any, ...]


@dataclass(frozen=True)
class Formula:
    """One row: (spec, η, t) to links, and the field of an optax state that holds each slot."""

    links: Callable[[Any, Any, Any], Links]
    slots: Mapping[str, str] = field(default_factory=dict)


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


def clipping(clip: Any) -> optax.GradientTransformation:
    """Return the link that clips: optax's own by value or by the global norm with epsilon 0."""
    if clip.type == "value":
        return optax.clip(clip.limit)
    if clip.scope == "global" and not clip.epsilon:
        return optax.clip_by_global_norm(clip.limit)
    return clip_by_norm(clip.limit, clip.scope, clip.epsilon)


def clip_by_norm(limit: float, scope: str, epsilon: float) -> optax.GradientTransformation:
    """Return the link g ← g · min(1, limit / (‖g‖ + ε)).

    Built by hand: optax clips the global norm only, and has no ε.
    """

    def clip(gradients: Any, parameters: Any) -> Any:
        squares = jax.tree.map(lambda g: jnp.sum(g * g), gradients)
        if scope == "global":
            total = sum(jax.tree.leaves(squares))
            squares = jax.tree.map(lambda _: total, squares)
        return jax.tree.map(
            lambda g, square: g * (limit / jnp.maximum(jnp.sqrt(square) + epsilon, limit)), gradients, squares
        )

    return optax.stateless(clip)


def _sgd(spec: Any, rate: Any, t: Any) -> Links:
    return (optax.scale_by_learning_rate(rate),)


def _momentum(spec: Any, rate: Any, t: Any) -> Links:
    """The velocity holds gradients where the rate comes after it, updates (Keras) where the rate comes first."""
    velocity = optax.trace(spec.momentum, spec.nesterov)
    scale = optax.scale_by_learning_rate(rate)
    return (velocity, scale) if spec.velocity == "gradients" else (scale, velocity)


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


def _rmsprop(spec: Any, rate: Any, t: Any) -> Links:
    inside = spec.epsilon_placement == "inside"
    return optax.scale_by_rms(spec.rho, spec.epsilon, eps_in_sqrt=inside), optax.scale_by_learning_rate(rate)


def _adam(spec: Any, rate: Any, t: Any) -> Links:
    """Keras' ε stands beside √v uncorrected: beside √v̂ = √v / √(1 − β₂ᵗ) it is ε / √(1 − β₂ᵗ)."""
    corrected = spec.epsilon_placement == "corrected"
    epsilon = spec.epsilon if corrected else spec.epsilon / jnp.sqrt(1 - spec.beta2**t)
    return optax.scale_by_adam(spec.beta1, spec.beta2, epsilon), optax.scale_by_learning_rate(rate)


_MOMENTS = {"first_moment": "mu", "second_moment": "nu"}

ROWS: dict[str, Formula] = {
    "sgd": Formula(_sgd),
    "momentum": Formula(_momentum, {"velocity": "trace"}),
    "adagrad": Formula(_adagrad, {"accumulator": "sum_of_squares"}),
    "rmsprop": Formula(_rmsprop, {"mean_square": "nu"}),
    "adam": Formula(_adam, _MOMENTS),
    "adamw": Formula(_adam, _MOMENTS),
}
