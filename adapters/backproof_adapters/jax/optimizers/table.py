"""What a row of the table of optimizers is, and the links that rows are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import optax

from backproof.optimizers import Group

Links = tuple[optax.GradientTransformation, ...]
Mask = Callable[[Any], Any] | None
"""From a tree like that of the parameters to one of whether each is meant; None for all of them."""


@dataclass(frozen=True)
class Formula:
    """One row: (spec, η, t) to links, and the field of an optax state that holds each slot."""

    links: Callable[[Any, Any, Any], Links]
    slots: Mapping[str, str] = field(default_factory=dict)


def grouped(spec: Any) -> list[tuple[float, float, Mask]]:
    """Return weight decay, factor on the rate, and mask of each group of parameters."""
    if not spec.groups:
        return [(spec.weight_decay, 1.0, None)]

    def mask(group: Group) -> Mask:
        return lambda tree: {
            layer: {own: spec.group(f"{layer}.{own}") == group for own in within} for layer, within in tree.items()
        }

    groups = (*spec.groups, Group(pattern="*"))
    return [(spec.weight_decay_in(group), group.rate, mask(group)) for group in groups]


def rated(spec: Any, rate: Any) -> Links:
    """Return the links g ← −ηg, with the factor of each group on η."""
    factors = [optax.masked(optax.scale(factor), mask) for _, factor, mask in grouped(spec) if factor != 1.0]
    return optax.scale_by_learning_rate(rate), *factors


def by_hand(state: Any, rule: Callable[..., tuple[Any, ...]], start: float = 0.0) -> optax.GradientTransformation:
    """Return a link made of `rule`: (gradient, slots) of one parameter to what is passed on, and the new slots.

    `state` is the named tuple of the slots, each of which begins at `start`.
    """

    def init(parameters: Any) -> Any:
        return state(*(jax.tree.map(lambda w: jnp.full_like(w, start), parameters) for _ in state._fields))

    def update(gradients: Any, kept: Any, parameters: Any = None) -> tuple[Any, Any]:
        leaves, tree = jax.tree.flatten(gradients)
        slots = zip(*(jax.tree.leaves(slot) for slot in kept), strict=True)
        found = [rule(g, *own) for g, own in zip(leaves, slots, strict=True)]
        columns = zip(*found, strict=True) if found else [()] * (1 + len(state._fields))
        passed, *new = (jax.tree.unflatten(tree, column) for column in columns)
        return passed, state(*new)

    return optax.GradientTransformation(init, update)
