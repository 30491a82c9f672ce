"""All observations of which training steps take some: an array with their rows, and the targets beside them."""

from collections.abc import Iterator

import numpy as np

from backproof.doctor.infer.values import Values
from backproof.fields import Array

LARGEST = 60_000_000
"""Arrays with more numbers are not looked through."""


def whole(values: Values, x: Array, y: Array) -> tuple[Array, Array]:
    """Return the smallest arrays in the code that hold all observations (N, F), (N, …) seen, row beside row.

    What was seen itself is returned where there are none.
    """
    wanted = [row.tobytes() for row in np.ascontiguousarray(x)]
    for rows in _candidates(values, x):
        positions: dict[bytes, list[int]] = {}
        for number, row in enumerate(rows):
            positions.setdefault(row.tobytes(), []).append(number)
        if not all(row in positions for row in wanted):
            continue
        for targets in _partners(values, rows, y):
            if all(
                any(np.array_equal(targets[p], one) for p in positions[row])
                for row, one in zip(wanted, y, strict=True)
            ):
                return rows, targets
    return x, y


def _candidates(values: Values, x: Array) -> Iterator[Array]:
    """Yield the arrays with more rows of the observations' length, the shortest first."""
    found = []
    for content in values.contents:
        if content.ndim == 2 and content.dtype == x.dtype and content.size <= LARGEST:
            for rows in (content, content.T):
                if rows.shape[1] == x.shape[1] and len(rows) > len(x):
                    found.append(np.ascontiguousarray(rows))
    yield from sorted(found, key=len)


def _partners(values: Values, rows: Array, y: Array) -> Iterator[Array]:
    """Yield the arrays that may be the targets of all rows, laid out as those seen."""
    shape = (len(rows), *y.shape[1:])
    for content in values.contents:
        if content.size != int(np.prod(shape)):
            continue
        for laid in (content, content.T) if content.ndim == 2 else (content,):
            if laid.shape == shape or min(laid.shape) == 1 or laid.ndim == 1:
                yield np.ascontiguousarray(laid.reshape(shape)).astype(y.dtype)
