"""Adagrad without a rate to choose: what is divided by gradients is multiplied by updates."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, Fraction, NonNegativeFloat
from backproof.optimizers.base import Optimizer


class Adadelta(Optimizer):
    """s ← ρs + (1 − ρ)g²; d = g · √(x + ε) / √(s + ε); x ← ρx + (1 − ρ)d²; Δ = −ηd.

    All frameworks agree on the formula. PyTorch: η = 1, ρ = 0.9, ε = 1e-6. Keras: η = 0.001, ρ = 0.95, ε = 1e-7.
    Source: Zeiler 2012, where η is 1.
    """

    type: Literal["adadelta"] = "adadelta"
    normalizes: ClassVar[bool] = True
    rho: Fraction = 0.9
    epsilon: NonNegativeFloat = 1e-6

    def own_slots(self) -> tuple[str, ...]:
        return ("mean_square", "mean_square_update")

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        s = self.rho * slots["mean_square"] + (1.0 - self.rho) * np.square(g)
        x = slots["mean_square_update"]
        d = g * np.sqrt(x + self.epsilon) / np.sqrt(s + self.epsilon)
        x = self.rho * x + (1.0 - self.rho) * np.square(d)
        return -(rate * d), {"mean_square": s, "mean_square_update": x}
