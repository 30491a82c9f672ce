"""A rate for each weight: divided by the root of a running mean of its squared gradients."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, Fraction, NonNegativeFloat
from backproof.optimizers.base import Optimizer, root


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
        return -(rate * g / root(s, self.epsilon, self.epsilon_placement)), {"mean_square": s}
