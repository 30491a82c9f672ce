"""What the adapters share: conversion rows between canonical and native layouts. Frameworks meet only at NumPy."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Generic, TypeVar

import numpy as np

from backproof.errors import SpecError
from backproof.fields import Array

Build = TypeVar("Build")


@dataclass(frozen=True)
class Layout:
    """How one parameter (and its gradient, update and slots) lies in a framework.

    `to_native` and `to_canonical` are inverse permutations of entries: no arithmetic, so that copies are exact.
    """

    to_native: Callable[[Array], Array]
    to_canonical: Callable[[Array], Array]


AS_IS = Layout(lambda a: a, lambda a: a)
TRANSPOSED = Layout(lambda a: a.T, lambda a: a.T)


def axes(*order: int) -> Layout:
    """Return the layout whose native axes are the canonical ones in this order."""
    back = tuple(int(i) for i in np.argsort(order))
    return Layout(lambda a: a.transpose(order), lambda a: a.transpose(back))


@dataclass(frozen=True)
class Row(Generic[Build]):
    """One row of an adapter's table: how a layer is built natively and where its parameters and buffers lie.

    `parameters` and `buffers` map the canonical short name to the native attribute and its layout.
    """

    build: Build
    parameters: Mapping[str, tuple[str, Layout]] = field(default_factory=dict)
    buffers: Mapping[str, tuple[str, Layout]] = field(default_factory=dict)


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


def gathered(modules: Iterable[ModuleType]) -> dict[str, Any]:
    """Return the rows of all modules of a folder as one table, by type."""
    return {kind: row for module in modules for kind, row in getattr(module, "ROWS", {}).items()}
