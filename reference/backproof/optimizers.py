"""Optimizers as pure functions: (gradient, weight, slots, t) to (update, slots).

Every optimizer does the same four things in the same order:

1. clip the gradients (`clip`);
2. with `decay: l2`, add weight_decay · w to the gradient: it then passes through the moments;
3. compute the update Δ from the gradient and the slots, by the class's own formula;
4. with `decay: decoupled`, add −η · weight_decay · w to Δ.

Then w ← w + Δ. η is the rate of this update and t counts updates from 1. PyTorch's `weight_decay` is `l2`
except in AdamW; Keras' is `decoupled` on every optimizer.
"""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from backproof.clipping import Clip
from backproof.fields import Array, Fields, Fraction, NonNegativeFloat, PositiveFloat, scalar
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


class SGD(Optimizer):
    """Δ = −ηg."""

    type: Literal["sgd"] = "sgd"

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        return -(rate * g), {}


class Momentum(Optimizer):
    """SGD with a velocity v, and on request with Nesterov's look-ahead.

    `velocity: gradients` (PyTorch, optax): v ← μv + g; Δ = −ηv, or −η(g + μv) with `nesterov`.
    `velocity: updates` (Keras): v ← μv − ηg; Δ = v, or μv − ηg with `nesterov`.
    The two agree while η is constant and differ when it changes.
    """

    type: Literal["momentum"] = "momentum"
    momentum: Fraction = 0.9
    nesterov: bool = False
    velocity: Literal["gradients", "updates"] = "gradients"

    def slot_names(self) -> tuple[str, ...]:
        return ("velocity",)

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        if self.velocity == "gradients":
            v = self.momentum * slots["velocity"] + g
            return -(rate * (g + self.momentum * v if self.nesterov else v)), {"velocity": v}
        v = self.momentum * slots["velocity"] - rate * g
        return (self.momentum * v - rate * g if self.nesterov else v), {"velocity": v}


class Adagrad(Optimizer):
    """s ← s + g²; Δ = −ηg / (√s + ε) with `epsilon_placement: outside`, −ηg / √(s + ε) with `inside`.

    PyTorch: outside, ε = 1e-10, s starts at 0. Keras and optax: inside, ε = 1e-7, s starts at 0.1.
    Source: Duchi et al. 2011.
    """

    type: Literal["adagrad"] = "adagrad"
    normalizes: ClassVar[bool] = True
    epsilon: NonNegativeFloat = 1e-10
    epsilon_placement: Literal["outside", "inside"] = "outside"
    initial_accumulator: NonNegativeFloat = 0.0

    def slot_names(self) -> tuple[str, ...]:
        return ("accumulator",)

    def initial_slot(self, name: str) -> float:
        return self.initial_accumulator

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        s = slots["accumulator"] + np.square(g)
        return -(rate * g / _root(s, self.epsilon, self.epsilon_placement)), {"accumulator": s}


class RMSprop(Optimizer):
    """s ← ρs + (1 − ρ)g²; Δ = −ηg / (√s + ε) with `epsilon_placement: outside`, −ηg / √(s + ε) with `inside`.

    PyTorch: outside, ρ = 0.99, ε = 1e-8. Keras: inside, ρ = 0.9, ε = 1e-7. Source: Hinton's lecture 6e.
    """

    type: Literal["rmsprop"] = "rmsprop"
    normalizes: ClassVar[bool] = True
    rho: Fraction = 0.99
    epsilon: NonNegativeFloat = 1e-8
    epsilon_placement: Literal["outside", "inside"] = "outside"

    def slot_names(self) -> tuple[str, ...]:
        return ("mean_square",)

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        s = self.rho * slots["mean_square"] + (1.0 - self.rho) * np.square(g)
        return -(rate * g / _root(s, self.epsilon, self.epsilon_placement)), {"mean_square": s}


class Adam(Optimizer):
    """m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; the update divides m by √v, both corrected for their start.

    `epsilon_placement: corrected` (PyTorch, optax): Δ = −η m̂ / (√v̂ + ε), m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
    `epsilon_placement: uncorrected` (Keras, "epsilon hat"): Δ = −η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).
    They differ by a factor 1 / √(1 − β₂ᵗ) on ε: 31.6 at the first update. Source: Kingma & Ba 2015.
    """

    type: Literal["adam"] = "adam"
    normalizes: ClassVar[bool] = True
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-8
    epsilon_placement: Literal["corrected", "uncorrected"] = "corrected"

    def slot_names(self) -> tuple[str, ...]:
        return ("first_moment", "second_moment")

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        m = self.beta1 * slots["first_moment"] + (1.0 - self.beta1) * g
        v = self.beta2 * slots["second_moment"] + (1.0 - self.beta2) * np.square(g)
        correction1, correction2 = 1.0 - self.beta1**t, 1.0 - self.beta2**t
        if self.epsilon_placement == "corrected":
            step = (m / correction1) / (np.sqrt(v / correction2) + self.epsilon)
        else:
            step = np.sqrt(correction2) / correction1 * m / (np.sqrt(v) + self.epsilon)
        return -(rate * step), {"first_moment": m, "second_moment": v}


class AdamW(Adam):
    """Adam whose weight decay is always decoupled (Loshchilov & Hutter 2019)."""

    type: Literal["adamw"] = "adamw"  # type: ignore[assignment]
    weight_decay: NonNegativeFloat = 0.01
    decay: Literal["decoupled"] = "decoupled"


def _root(s: Array, epsilon: float, placement: Literal["outside", "inside"]) -> Array:
    """Return √s + ε or √(s + ε)."""
    return np.sqrt(s) + epsilon if placement == "outside" else np.sqrt(s + epsilon)


if TYPE_CHECKING:
    AnyOptimizer = Optimizer
else:
    AnyOptimizer = Annotated[SGD | Momentum | Adagrad | RMSprop | Adam | AdamW, Field(discriminator="type")]
