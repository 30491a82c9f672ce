"""Learning rates that change. t counts updates from 0: the first update uses rate(0)."""

import math
from typing import Annotated, Literal

from pydantic import Field

from backproof.fields import Fields, NonNegativeFloat, PositiveFloat

Count = Annotated[int, Field(gt=0)]


class StepDecay(Fields):
    """η(t) = initial · factor^⌊t / every⌋."""

    type: Literal["step"] = "step"
    initial: PositiveFloat
    every: Count
    factor: PositiveFloat = 0.1

    def rate(self, t: int) -> float:
        """Return η(t)."""
        return self.initial * self.factor ** (t // self.every)


class Cosine(Fields):
    """η(t) = final + ½(initial − final)(1 + cos(π · min(t, steps) / steps)); it stays at `final`."""

    type: Literal["cosine"] = "cosine"
    initial: PositiveFloat
    final: NonNegativeFloat = 0.0
    steps: Count

    def rate(self, t: int) -> float:
        """Return η(t)."""
        share = min(t, self.steps) / self.steps
        return self.final + 0.5 * (self.initial - self.final) * (1.0 + math.cos(math.pi * share))


class WarmUp(Fields):
    """A line from `start` at t = 0 to the rate of `then` at t = `steps`; from there on `then`, its t from 0."""

    type: Literal["warm_up"] = "warm_up"
    start: NonNegativeFloat = 0.0
    steps: Count
    then: "PositiveFloat | Annotated[StepDecay | Cosine, Field(discriminator='type')]"

    def rate(self, t: int) -> float:
        """Return η(t)."""
        if t >= self.steps:
            return rate_at(self.then, t - self.steps)
        return self.start + (rate_at(self.then, 0) - self.start) * t / self.steps


Schedule = Annotated[StepDecay | Cosine | WarmUp, Field(discriminator="type")]


def rate_at(learning_rate: float | StepDecay | Cosine | WarmUp, t: int) -> float:
    """Return the learning rate of update `t`; a plain number is a constant rate."""
    return float(learning_rate) if isinstance(learning_rate, float | int) else learning_rate.rate(t)
