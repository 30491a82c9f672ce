"""Random parts of a spec, drawn from the declarations of their fields: a new layer takes part by being there.

A field of a few values takes any of them, a number its default or another of its size, a small count a small
count. What is then impossible (a kernel larger than its image) the spec itself refuses, and is drawn anew.
"""

import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import numpy as np
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from backproof.fields import Fields

Part = TypeVar("Part", bound=Fields)
Rng = np.random.Generator

ATTEMPTS = 20
MOST = 5
"""The largest count drawn: of units, of heads, of the sides of a kernel."""


def pick(rng: Rng, choices: Sequence[Any]) -> Any:
    """Return one of the choices."""
    return choices[int(rng.integers(len(choices)))]


def part(rng: Rng, kind: type[Part]) -> Part | None:
    """Return a random part of a spec; None if its fields refuse whatever is drawn."""
    for _ in range(ATTEMPTS):
        drawn = {n: _field(rng, field) for n, field in kind.model_fields.items() if n not in ("type", "name")}
        try:
            return kind(**{name: value for name, value in drawn.items() if value is not _UNKNOWN})
        except (ValidationError, ValueError):
            continue
    return None


_UNKNOWN = object()
"""Stands for a field that is left at its default."""


def _field(rng: Rng, field: FieldInfo) -> Any:
    """Return a value for a field; two times in five, and for what cannot be drawn, that it keeps its default."""
    if not field.is_required() and rng.random() < 0.4:
        return _UNKNOWN
    return _value(rng, field.annotation, None if field.is_required() else field.default)


def _value(rng: Rng, annotation: Any, default: Any) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _value(rng, arguments[0], default)
    if origin is Literal:
        return pick(rng, arguments)
    if origin in (Union, types.UnionType):
        return _value(rng, pick(rng, arguments), default)
    if annotation is type(None):
        return None
    if annotation is bool:
        return bool(rng.integers(2))
    if annotation is int:
        return int(rng.integers(0 if default == 0 else 1, (3 if default == 1 else MOST) + 1))
    if annotation is float:
        return _number(rng, default)
    if origin is tuple:
        return _tuple(rng, arguments, default)
    if isinstance(annotation, type) and issubclass(annotation, Fields):
        drawn = part(rng, annotation)
        return _UNKNOWN if drawn is None else drawn
    return _UNKNOWN


def _number(rng: Rng, default: Any) -> float:
    """Return a number like the default, to two digits; one that fits a share where there is no default."""
    if not isinstance(default, float) or default == 0.0:
        return pick(rng, [0.1, 0.3, 0.5, 0.9])
    return float(f"{default * pick(rng, [0.3, 0.5, 0.9, 1.0, 2.0]):.2g}")


def _tuple(rng: Rng, arguments: tuple[Any, ...], default: Any) -> Any:
    if arguments and arguments[-1] is Ellipsis:
        size = len(default) if isinstance(default, tuple) else int(rng.integers(1, 4))
        if size and rng.random() < 0.3:  # an order of axes, which chance would hardly ever make
            return tuple(int(i) for i in rng.permutation(size) + rng.integers(2))
        arguments = (arguments[0],) * size
    like = default if isinstance(default, tuple) and len(default) == len(arguments) else (None,) * len(arguments)
    values = [_value(rng, one, before) for one, before in zip(arguments, like, strict=True)]
    return _UNKNOWN if any(value is _UNKNOWN for value in values) else tuple(values)
