"""Adam with Nesterov's look-ahead."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, Fraction, NonNegativeFloat, scalar
from backproof.optimizers.base import Optimizer


class Nadam(Optimizer):
    """Adam's m and v; Δ = −η (μₜ₊₁ m / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ)) / (√v̂ + ε), with Πₜ = μ₁ ⋯ μₜ.

    m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; v̂ = v / (1 − β₂ᵗ). The momentum is β₁ throughout (optax), or with
    ψ = `momentum_decay` rises from about ½β₁ to it: μₜ = β₁ (1 − ½ · 0.96^(ψt)). PyTorch: ψ = 0.004. Keras: ψ = 1.
    Source: Dozat 2016.
    """

    type: Literal["nadam"] = "nadam"
    normalizes: ClassVar[bool] = True
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-8
    momentum_decay: NonNegativeFloat | None = None

    def own_slots(self) -> tuple[str, ...]:
        return ("first_moment", "second_moment")

    def momentum(self, t: Array) -> Array:
        """Return μₜ."""
        if self.momentum_decay is None:
            return scalar(self.beta1, t)
        return self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.momentum_decay))

    def product(self, t: Array) -> Array:
        """Return Πₜ, a 0-d array."""
        if self.momentum_decay is None:
            return self.beta1**t
        counts = 0.0 * t + np.arange(1, int(t) + 1, dtype=t.dtype)  # of the array class of t
        return np.multiply.reduce(self.momentum(counts))

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        m = self.beta1 * slots["first_moment"] + (1.0 - self.beta1) * g
        v = self.beta2 * slots["second_moment"] + (1.0 - self.beta2) * np.square(g)
        now, ahead = self.momentum(t), self.momentum(t + 1.0)
        product = self.product(t)
        look = ahead / (1.0 - product * ahead) * m + (1.0 - now) / (1.0 - product) * g
        root = np.sqrt(v / (1.0 - self.beta2**t))
        return -(rate * look / (root + self.epsilon)), {"first_moment": m, "second_moment": v}
