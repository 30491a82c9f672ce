"""Plain gradient descent, and with a velocity."""

from collections.abc import Sequence
from typing import Any

import keras

from backproof_adapters.tensorflow.optimizers.conventions import Conventions
from backproof_adapters.tensorflow.optimizers.table import OptimizerRow


class SGD(Conventions, keras.optimizers.SGD):  # type: ignore[misc]
    """Δ = −ηg."""


class Momentum(Conventions, keras.optimizers.SGD):  # type: ignore[misc]
    """With `velocity="gradients"` v ← μv + g; Δ = −ηv, or −η(g + μv) with `nesterov`.

    With `velocity="updates"` v ← μv − ηg; Δ = v, or μv − ηg: Keras' own convention, wanted here together with
    L2 decay, a clip epsilon, or μ = 0, for which Keras keeps no velocity.
    """

    momentums: Any  # the native base's

    def __init__(self, *, velocity: str = "updates", **others: Any) -> None:
        super().__init__(**others)
        self.velocity = velocity

    def build(self, variables: Sequence[Any]) -> None:
        """Make the velocities, also for μ = 0."""
        if not self.built:
            super().build(variables)
            if not self.momentums:
                self.momentums = self.add_optimizer_variables(variables, "momentum")

    def rule(self, g: Any, w: Any, rate: Any) -> None:
        """Update one weight and its velocity."""
        v = self.slot(self.momentums, w)
        if self.velocity == "gradients":
            v.assign(self.momentum * v + g)
            w.assign_sub(rate * (g + self.momentum * v if self.nesterov else v))
        else:
            v.assign(self.momentum * v - rate * g)
            w.assign_add(self.momentum * v - rate * g if self.nesterov else v)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "velocity": self.velocity}


ROWS = {
    "sgd": OptimizerRow(keras.optimizers.SGD, SGD),
    "momentum": OptimizerRow(
        keras.optimizers.SGD,
        Momentum,
        {"velocity": "momentums"},
        lambda spec, number: {"momentum": number(spec.momentum), "nesterov": spec.nesterov},
        lambda spec: {} if spec.velocity == "updates" and spec.momentum else {"velocity": spec.velocity},
    ),
}
