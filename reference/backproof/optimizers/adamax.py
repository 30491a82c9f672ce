"""Adam with the largest gradient in place of the root of the mean square."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, Fraction, NonNegativeFloat
from backproof.optimizers.base import Optimizer


class Adamax(Optimizer):
    """m ← β₁m + (1 − β₁)g; u is the largest |g|, fading by β₂; Δ = −η / (1 − β₁ᵗ) · m / u.

    `epsilon_placement: inside` (PyTorch, optax): u ← max(β₂u, |g| + ε).
    `epsilon_placement: outside` (Keras): u ← max(β₂u, |g|), and Δ divides by u + ε.
    PyTorch and optax: ε = 1e-8. Keras: ε = 1e-7. Source: Kingma & Ba 2015, section 7.1.
    """

    type: Literal["adamax"] = "adamax"
    normalizes: ClassVar[bool] = True
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-8
    epsilon_placement: Literal["inside", "outside"] = "inside"

    def own_slots(self) -> tuple[str, ...]:
        return ("first_moment", "largest")

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        inside, outside = (self.epsilon, 0.0) if self.epsilon_placement == "inside" else (0.0, self.epsilon)
        m = self.beta1 * slots["first_moment"] + (1.0 - self.beta1) * g
        u = np.maximum(self.beta2 * slots["largest"], np.abs(g) + inside)
        return -(rate / (1.0 - self.beta1**t) * m / (u + outside)), {"first_moment": m, "largest": u}
