"""What a case is: a spec, and a name to find it by.

Sizes are distinct (4 inputs, 5 hidden units, 3 outputs, 6 observations), so that no transposition hides in a
square; the square cases are there to show one. Initial biases are not zero, so that no unit starts exactly at a
kink.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backproof.initializers import Normal
from backproof.layers import Layer
from backproof.layers.dense import Dense
from backproof.layers.tanh import Tanh
from backproof.losses import Loss, SquaredError
from backproof.optimizers import SGD, Optimizer
from backproof.spec import ModelSpec, Shared

BATCH = 6
STEPS = 3


@dataclass(frozen=True)
class Case:
    """One row: what is compared, and a name to find it by.

    A case that is not `smooth` starts at a tie or kink, where the loss has no gradient: there is only the one that
    all implementations are to return.
    """

    name: str
    spec: ModelSpec
    smooth: bool = True


SGD_TENTH = SGD(learning_rate=0.1)
HALF_SQUARES = SquaredError(factor=0.5, reduction="batch_mean")


def dense(units: int, **fields: Any) -> Dense:
    """A dense layer whose biases are not zero."""
    return Dense(units=units, bias_initializer=Normal(std=0.3), **fields)


def case(
    name: str,
    layers: Sequence[Layer] | None = None,
    loss: Loss = HALF_SQUARES,
    optimizer: Optimizer = SGD_TENTH,
    input_shape: tuple[int, ...] = (4,),
    seed: int = 7,
    shared: Sequence[Shared] = (),
    smooth: bool = True,
) -> Case:
    """One row; where no layers are given, a small tanh network."""
    return Case(
        name,
        ModelSpec(
            name=name,
            input_shape=input_shape,
            layers=tuple(layers or (dense(5), Tanh(), dense(3))),
            shared=tuple(shared),
            loss=loss,
            optimizer=optimizer,
            seed=seed,
        ),
        smooth,
    )


def title(part: Any) -> str:
    """Name a part of a spec by its type and whatever differs from the defaults."""
    given = {k: v for k, v in part.model_dump(exclude_defaults=True).items() if k not in ("type", "name")}
    return " ".join([part.type, *(f"{k}={_brief(v)}" for k, v in given.items())])


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + " ".join(_brief(v) for v in value.values()) + ")"
    if isinstance(value, tuple):
        return ", ".join(_brief(v) for v in value)
    return str(value)
