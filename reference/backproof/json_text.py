"""JSON taken strictly: an object names each key once, an array is rectangular and holds finite numbers."""

import json
import math
from typing import Any

import numpy as np

from backproof.errors import DataError
from backproof.fields import Array


def strict_json(text: str | bytes) -> Any:
    """Return the data of a JSON text; an object with two equal keys is a ValueError, as a syntax error is."""
    return json.loads(text, object_pairs_hook=_without_twins)


def numbers(values: Any, name: str) -> Array:
    """Return nested lists of numbers as an array; whole numbers become integers.

    Raises
    ------
    DataError
        Naming the entry, if it is no finite number, and the row, if its shape is not that of the first one.
    """
    _shape(values, (), name)
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise DataError(f"{name}: expected numbers, found an integer beyond 64 bits")
    return array


def _shape(value: Any, index: tuple[int, ...], name: str) -> tuple[int, ...]:
    """Return the shape of nested lists, or raise DataError."""
    if isinstance(value, list):
        shapes = [_shape(entry, (*index, position), name) for position, entry in enumerate(value)]
        for position, shape in enumerate(shapes):
            if shape != shapes[0]:
                first, this = f"{name}{[*index, 0]}", f"{name}{[*index, position]}"
                raise DataError(f"{this}: expected shape {shapes[0]} as in {first}, found {shape}")
        return (len(value), *(shapes[0] if shapes else ()))
    place = f"{name}{list(index)}" if index else name
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"{place}: expected a number, found {json.dumps(value)[:60]}")
    if isinstance(value, float) and not math.isfinite(value):
        raise DataError(f"{place}: expected a finite number, found {value}")
    return ()


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in found if keys.count(key) > 1)!r:.60} appears twice")
    return found
