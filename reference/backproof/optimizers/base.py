"""Optimizers as pure functions: (gradient, weight, slots, t) to (update, slots).

Every optimizer does the same four things in the same order:

1. clip the gradients (`clip`);
2. with `decay: l2`, add weight_decay · w to the gradient: it then passes through the moments;
3. compute the update Δ from the gradient and the slots, by the class's own formula;
4. with `decay: decoupled`, add −η · weight_decay · w to Δ.

Then w ← w + Δ. η is the rate of this update and t counts updates from 1. PyTorch's `weight_decay` is `l2`
except in AdamW; Keras' is `decoupled` on every optimizer.
"""

from typing import ClassVar, Literal

import numpy as np

from backproof.clipping import Clip
from backproof.fields import Array, Fields, NonNegativeFloat, PositiveFloat, scalar
from backproof.schedules import Schedule, rate_at

Slots = dict[str, dict[str, Array]]
"""slot name → parameter name → array of the parameter's shape."""


class Optimizer(Fields):
    """The four steps above; a subclass gives its slots and its formula."""

    learning_rate: PositiveFloat | Schedule
    weight_decay: NonNegativeFloat = 0.0
    decay: Literal["l2", "decoupled"] = "l2"
    clip: Clip | None = None
    normalizes: ClassVar[bool] = False
    """Whether Δ is the gradient divided by its own magnitude, so that errors of the two may or may not cancel."""

    def slot_names(self) -> tuple[str, ...]:
        """Return the names of the arrays kept per parameter between updates."""
        return ()

    def initial_slot(self, name: str) -> float:
        """Return the value that the slot starts with."""
        return 0.0

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        """Return the update of one parameter and its new slots; `rate` and `t` are 0-d arrays."""
        raise NotImplementedError

    def initial_slots(self, parameters: dict[str, Array]) -> Slots:
        """Return the slots before the first update."""
        return {
            slot: {name: np.full_like(w, self.initial_slot(slot)) for name, w in parameters.items()}
            for slot in self.slot_names()
        }

    def rate(self, step: int) -> float:
        """Return η of the update that follows `step` earlier ones."""
        return rate_at(self.learning_rate, step)

    def update(
        self, parameters: dict[str, Array], gradients: dict[str, Array], slots: Slots, step: int
    ) -> tuple[dict[str, Array], Slots]:
        """Return Δ of every parameter and the new slots, after `step` earlier updates."""
        updates: dict[str, Array] = {}
        new_slots: Slots = {slot: {} for slot in slots}
        for name, g in (self.clip.clip(gradients) if self.clip else gradients).items():
            w = parameters[name]
            rate, t = scalar(self.rate(step), w), scalar(step + 1, w)
            if self.weight_decay and self.decay == "l2":
                g = g + self.weight_decay * w
            updates[name], own = self.delta(g, w, {slot: slots[slot][name] for slot in slots}, rate, t)
            if self.weight_decay and self.decay == "decoupled":
                updates[name] = updates[name] - rate * self.weight_decay * w
            for slot, value in own.items():
                new_slots[slot][name] = value
        return updates, new_slots


def root(s: Array, epsilon: float, placement: Literal["outside", "inside"]) -> Array:
    """Return √s + ε or √(s + ε)."""
    return np.sqrt(s) + epsilon if placement == "outside" else np.sqrt(s + epsilon)
