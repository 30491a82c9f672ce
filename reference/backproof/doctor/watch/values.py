"""Which values are data, and how to know again what was seen before."""

import hashlib
from itertools import chain
from typing import Any

import numpy as np

from backproof.doctor.recording import DTYPES
from backproof.fields import Array

SMALL = 1 << 15
"""Bytes up to which an array is known by its bytes themselves; above it by their hash, to copy nothing twice."""

HUGE = 1 << 25
"""Bytes above which an array is known by a sample of it: hashing it at every evaluation would take too long."""

SAMPLED = 1 << 16
"""Entries of a huge array that are looked at."""

DEEPEST = 3
LISTS = (list, tuple)
NUMBERS = frozenset({float, int, *(np.dtype(code).type for code in "efdgbhilqBHILQ")})
ENTRIES = NUMBERS | {bool, np.bool}
KEPT = frozenset(map(np.dtype, DTYPES))


def kept(value: Array) -> Array:
    """Return numbers in one of the dtypes that a recording knows."""
    if value.dtype in KEPT:
        return value
    return value.astype(np.float64 if value.dtype.kind == "f" else np.int64)


def is_data(value: Array) -> bool:
    """Tell whether an array holds numbers, and no more axes than a batch of pictures."""
    return value.dtype.kind in "fiub" and value.size > 0 and value.ndim <= 4


def rectangle(value: list[Any] | tuple[Any, ...]) -> Array | None:
    """Return a list of numbers, or of lists of them that are equally long, as an array; None if it is neither.

    The first number decides at once over a list that holds something else.
    """
    first: Any = value
    shape: list[int] = []
    while type(first) in LISTS:
        if not first or len(shape) == DEEPEST:
            return None
        shape.append(len(first))
        first = first[0]
    if type(first) not in ENTRIES:
        return None
    flat: Any = value
    for width in shape[1:]:
        if any(type(row) not in LISTS or len(row) != width for row in flat):
            return None
        flat = list(chain.from_iterable(flat))
    if not ENTRIES.issuperset(map(type, flat)):
        return None
    numbers = np.array(flat)
    return kept(numbers).reshape(shape) if numbers.dtype.kind in "fiub" else None


def fingerprint(value: Array) -> tuple[bytes, tuple[int, ...], str]:
    """Return what is equal for equal arrays. Arrays in Fortran's order are known by their transpose's bytes."""
    kind: str = value.dtype.char
    if value.nbytes <= SMALL:
        return value.tobytes(), value.shape, kind
    if value.nbytes > HUGE:
        step = max(1, int((value.size / SAMPLED) ** (1 / value.ndim)))
        return value[(slice(None, None, step),) * value.ndim].tobytes(), value.shape, kind
    if value.flags.f_contiguous and value.ndim > 1:
        value, kind = value.T, kind + " transposed"
        return _digest(value), value.shape[::-1], kind
    return _digest(value), value.shape, kind


def _digest(value: Array) -> bytes:
    return hashlib.sha1(np.ascontiguousarray(value).data, usedforsecurity=False).digest()
