"""A rate for each weight: divided by the root of all its squared gradients so far."""

from typing import ClassVar, Literal

import numpy as np

from backproof.fields import Array, NonNegativeFloat
from backproof.optimizers.base import Optimizer, root


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

    def own_slots(self) -> tuple[str, ...]:
        return ("accumulator",)

    def initial_slot(self, name: str) -> float:
        return self.initial_accumulator

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        s = slots["accumulator"] + np.square(g)
        return -(rate * g / root(s, self.epsilon, self.epsilon_placement)), {"accumulator": s}
