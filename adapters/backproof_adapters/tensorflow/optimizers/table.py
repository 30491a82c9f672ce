"""What a row of the table of optimizers is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Number = Callable[[float], float]
"""A number as Keras is to be given it: see `build`."""


@dataclass(frozen=True)
class OptimizerRow:
    """How an optimizer is built, and which attribute holds each canonical slot."""

    native: type[Any]
    hand_built: type[Any]
    slots: Mapping[str, str] = field(default_factory=dict)
    arguments: Callable[[Any, Number], dict[str, Any]] = lambda spec, number: {}
    """The native constructor's arguments, from the spec's optimizer."""
    lacking: Callable[[Any], dict[str, Any]] = lambda spec: {}
    """What the native one cannot be told: the hand-built one's further arguments, empty where native is exact."""


def outside(spec: Any) -> dict[str, Any]:
    """Return the arguments of `Outside`, for a row."""
    return {"epsilon_outside": True} if spec.epsilon_placement == "outside" else {}
