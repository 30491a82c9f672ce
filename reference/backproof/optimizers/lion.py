"""Only the sign of the momentum: every weight moves by η."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.fields import Array, Fraction
from backproof.optimizers.base import Optimizer


class Lion(Optimizer):
    """Δ = −η sign(β₁m + (1 − β₁)g), 0 where that is 0; then m ← β₂m + (1 − β₂)g.

    Its weight decay is decoupled by default, as in Keras and optax; PyTorch has no Lion. Source: Chen et al. 2023.
    """

    type: Literal["lion"] = "lion"
    decay: Literal["l2", "decoupled"] = "decoupled"
    beta1: Annotated[float, Field(gt=0, lt=1)] = 0.9
    beta2: Fraction = 0.99

    def own_slots(self) -> tuple[str, ...]:
        return ("first_moment",)

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        m = slots["first_moment"]
        c = self.beta1 * m + (1.0 - self.beta1) * g
        return -rate * np.sign(c), {"first_moment": self.beta2 * m + (1.0 - self.beta2) * g}
