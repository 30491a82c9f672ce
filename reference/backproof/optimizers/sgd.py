"""Plain gradient descent, and with a velocity."""

from typing import Literal

from backproof.fields import Array, Fraction
from backproof.optimizers.base import Optimizer


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

    def own_slots(self) -> tuple[str, ...]:
        return ("velocity",)

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        if self.velocity == "gradients":
            v = self.momentum * slots["velocity"] + g
            return -(rate * (g + self.momentum * v if self.nesterov else v)), {"velocity": v}
        v = self.momentum * slots["velocity"] - rate * g
        return (self.momentum * v - rate * g if self.nesterov else v), {"velocity": v}
