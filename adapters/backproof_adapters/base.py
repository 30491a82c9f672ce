"""What the adapters share: conversion rows between canonical and native layouts. Frameworks meet only at NumPy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np

from backproof.errors import SpecError, WeightsError
from backproof.fields import Array
from backproof.spec import ModelSpec
from backproof.step import State

Build = TypeVar("Build")


@dataclass(frozen=True)
class Layout:
    """How one parameter (and its gradient, update and slots) lies in a framework.

    `to_native` and `to_canonical` are inverse permutations of axes: no arithmetic, so that copies are exact.
    """

    to_native: Callable[[Array], Array]
    to_canonical: Callable[[Array], Array]


AS_IS = Layout(lambda a: a, lambda a: a)
TRANSPOSED = Layout(lambda a: a.T, lambda a: a.T)


@dataclass(frozen=True)
class Row(Generic[Build]):
    """One row of an adapter's table: how a layer is built natively and where its parameters lie.

    `parameters` maps the canonical short name to the native attribute and its layout.
    """

    build: Build
    parameters: Mapping[str, tuple[str, Layout]] = field(default_factory=dict)


RowOrValue = TypeVar("RowOrValue")


def row_for(table: Mapping[str, RowOrValue], part: Any, adapter: str) -> RowOrValue:
    """Return the table's row for a part of the spec.

    Raises
    ------
    SpecError
        If the adapter has no row for this type.
    """
    try:
        return table[part.type]
    except KeyError:
        raise SpecError(f"{adapter} has no row for {part.type}; it has {', '.join(sorted(table))}") from None


def check_state(spec: ModelSpec, state: State) -> None:
    """Raise WeightsError unless the state has exactly the spec's parameters and slots, in their shapes."""
    shapes = {name: parameter.shape for name, parameter in spec.parameters.items()}
    slots = spec.optimizer.slot_names()
    if set(state.slots) != set(slots):
        raise WeightsError(f"slots: expected {sorted(slots)}, found {sorted(state.slots)}")
    groups = {"parameters": state.parameters} | {f"slots.{slot}": own for slot, own in state.slots.items()}
    for place, arrays in groups.items():
        if missing := set(shapes) - set(arrays):
            raise WeightsError(f"{place}: missing {', '.join(sorted(missing))}")
        if extra := set(arrays) - set(shapes):
            raise WeightsError(f"{place}: unexpected {', '.join(sorted(extra))}")
        for name, array in arrays.items():
            if np.shape(array) != shapes[name]:
                raise WeightsError(f"{place}.{name}: expected shape {shapes[name]}, found {np.shape(array)}")
