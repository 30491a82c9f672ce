"""Running means of the gradient and of its square, and the one over the root of the other."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, Fraction, NonNegativeFloat
from backproof.optimizers.base import Optimizer


class Adam(Optimizer):
    """m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; the update divides m by √v, both corrected for their start.

    `epsilon_placement: corrected` (PyTorch, optax): Δ = −η m̂ / (√v̂ + ε), m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).
    `epsilon_placement: uncorrected` (Keras, "epsilon hat"): Δ = −η √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε).
    They differ by a factor 1 / √(1 − β₂ᵗ) on ε: 31.6 at the first update. Source: Kingma & Ba 2015.

    With `amsgrad` the root is that of the largest v so far (Reddi et al. 2018): `uncorrected` (PyTorch, Keras)
    keeps max v and corrects it afterwards, `corrected` (optax) keeps max v̂.
    """

    type: Literal["adam"] = "adam"
    normalizes: ClassVar[bool] = True
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999
    epsilon: NonNegativeFloat = 1e-8
    epsilon_placement: Literal["corrected", "uncorrected"] = "corrected"
    amsgrad: Literal["no", "uncorrected", "corrected"] = "no"

    def own_slots(self) -> tuple[str, ...]:
        return ("first_moment", "second_moment", *("largest_second_moment",) * (self.amsgrad != "no"))

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        m = self.beta1 * slots["first_moment"] + (1.0 - self.beta1) * g
        v = self.beta2 * slots["second_moment"] + (1.0 - self.beta2) * np.square(g)
        new = {"first_moment": m, "second_moment": v}
        correction1, correction2 = 1.0 - self.beta1**t, 1.0 - self.beta2**t
        if self.amsgrad == "uncorrected":
            v = new["largest_second_moment"] = np.maximum(slots["largest_second_moment"], v)
        v = v / correction2
        if self.amsgrad == "corrected":
            v = new["largest_second_moment"] = np.maximum(slots["largest_second_moment"], v)
        epsilon = self.epsilon if self.epsilon_placement == "corrected" else self.epsilon / np.sqrt(correction2)
        return -(rate * (m / correction1) / (np.sqrt(v) + epsilon)), new


class AdamW(Adam):
    """Adam whose weight decay is always decoupled (Loshchilov & Hutter 2019)."""

    type: Literal["adamw"] = "adamw"  # type: ignore[assignment]
    weight_decay: NonNegativeFloat = 0.01
    decay: Literal["decoupled"] = "decoupled"
