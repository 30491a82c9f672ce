"""A rate for each weight: divided by the root of a running mean of its squared gradients."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, Fraction, NonNegativeFloat
from backproof.optimizers.base import Optimizer, root


class RMSprop(Optimizer):
    """s ← ρs + (1 − ρ)g²; Δ = −ηg / (√s + ε) with `epsilon_placement: outside`, −ηg / √(s + ε) with `inside`.

    With `centered` the mean gradient a ← ρa + (1 − ρ)g comes off: s − a², the variance, stands for s in Δ.
    With a `momentum` μ > 0 what would be −ηd moves a velocity: `velocity: gradients` (PyTorch) is v ← μv + d;
    Δ = −ηv, and `velocity: updates` (Keras, optax) v ← μv + ηd; Δ = −v. The two agree while η is constant.

    PyTorch: outside, ρ = 0.99, ε = 1e-8. Keras: inside, ρ = 0.9, ε = 1e-7. Source: Hinton's lecture 6e;
    centred: Graves 2013.
    """

    type: Literal["rmsprop"] = "rmsprop"
    normalizes: ClassVar[bool] = True
    rho: Fraction = 0.99
    epsilon: NonNegativeFloat = 1e-8
    epsilon_placement: Literal["outside", "inside"] = "outside"
    centered: bool = False
    momentum: Fraction = 0.0
    velocity: Literal["gradients", "updates"] = "gradients"

    def own_slots(self) -> tuple[str, ...]:
        centered, momentum = ("mean_gradient",) * self.centered, ("velocity",) * (self.momentum > 0.0)
        return ("mean_square", *centered, *momentum)

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        s = self.rho * slots["mean_square"] + (1.0 - self.rho) * np.square(g)
        new = {"mean_square": s}
        if self.centered:
            a = new["mean_gradient"] = self.rho * slots["mean_gradient"] + (1.0 - self.rho) * g
            s = s - np.square(a)
        d = g / root(s, self.epsilon, self.epsilon_placement)
        if not self.momentum:
            return -(rate * d), new
        if self.velocity == "gradients":
            v = new["velocity"] = self.momentum * slots["velocity"] + d
            return -(rate * v), new
        v = new["velocity"] = self.momentum * slots["velocity"] + rate * d
        return -v, new
