"""Windows that slide over the axes after the batch: what convolution and pooling share.

Along one axis of length n, padded by (low, high), the window of an output i begins at i · stride and looks at the
`size` entries from there that are `dilation` apart:

    y[i] = f(x[i · stride + k · dilation − low] for k = 0 … size − 1),   x = 0 outside
    reach = dilation · (size − 1) + 1                                    how far a window extends
    outputs = ⌊(n + low + high − reach) / stride⌋ + 1                    what is left over at the end is not seen

`Windows.gather` makes of x one array per offset k; `Windows.scatter` is its adjoint, the way back: whatever dy is,
Σ gather(x) ⊙ dy = Σ x ⊙ scatter(dy).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.fields import Array
from backproof.layers.base import Shape

Size = Annotated[int, Field(gt=0, le=10**9)]
PerAxis = Size | Annotated[tuple[Size, ...], Field(strict=False)]
"""One number for all axes, or one for each."""

Amount = Annotated[int, Field(ge=0, le=10**9)]
AmountPerAxis = Amount | Annotated[tuple[Amount, ...], Field(strict=False)]
"""The same, 0 included."""

Pairs = Annotated[tuple[Annotated[tuple[Amount, Amount], Field(strict=False)], ...], Field(strict=False)]
"""(before, after) for each axis."""

Padding = Literal["valid", "same", "causal"] | Pairs
"""How many zeros stand around the input: none, as many as `pairs` says, or those given."""


def per_axis(field: str, value: PerAxis, axes: int) -> Shape:
    """Return one number for each of so many axes; `field` is named if there are more or fewer."""
    numbers = (value,) * axes if isinstance(value, int) else tuple(value)
    if len(numbers) != axes:
        raise ValueError(f"{field}: expected one number, or one for each of {axes} axes, found {len(numbers)}")
    return numbers


def pairs(padding: Padding, spatial: Shape, reach: Shape, stride: Shape) -> tuple[tuple[int, int], ...]:
    """Return (before, after) for every axis.

    `valid` pads nothing. `same` pads what makes ⌈n / stride⌉ outputs, the odd one after: so do TensorFlow's and
    Keras' "same", and PyTorch's where it has one. A number p of PyTorch's is the pair (p, p): with a stride that
    is another thing. `causal` pads before only, so that no output sees what comes after its first entry.
    """
    if padding == "valid":
        return ((0, 0),) * len(spatial)
    if padding == "causal":
        return tuple((r - 1, 0) for r in reach)
    if padding == "same":
        totals = [max((-(-n // s) - 1) * s + r - n, 0) for n, r, s in zip(spatial, reach, stride, strict=True)]
        return tuple((total // 2, total - total // 2) for total in totals)
    if len(padding) != len(spatial):
        raise ValueError(f"padding: expected a pair for each of {len(spatial)} axes, found {len(padding)}")
    return tuple(padding)


@dataclass(frozen=True)
class Windows:
    """Windows over axes of the lengths `spatial`; every field has one entry per axis."""

    spatial: Shape
    size: Shape
    stride: Shape
    dilation: Shape
    padding: tuple[tuple[int, int], ...]

    @classmethod
    def over(
        cls, spatial: Shape, size: PerAxis, stride: PerAxis = 1, dilation: PerAxis = 1, padding: Padding = "valid"
    ) -> "Windows":
        """Return the windows that a layer's fields describe.

        Raises
        ------
        ValueError
            If a field is not for that many axes, or no window fits.
        """
        axes = len(spatial)
        sizes = per_axis("size", size, axes)
        strides, dilations = per_axis("stride", stride, axes), per_axis("dilation", dilation, axes)
        reach = tuple(d * (k - 1) + 1 for k, d in zip(sizes, dilations, strict=True))
        windows = cls(spatial, sizes, strides, dilations, pairs(padding, spatial, reach, strides))
        padded = windows.padded
        if any(n < r for n, r in zip(padded, reach, strict=True)):
            raise ValueError(f"expected an input that a window of {reach} fits into, found {padded} with padding")
        return windows

    @property
    def reach(self) -> Shape:
        """How far a window extends along each axis."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.size, self.dilation, strict=True))

    @property
    def padded(self) -> Shape:
        """The lengths of the padded axes."""
        return tuple(low + n + high for n, (low, high) in zip(self.spatial, self.padding, strict=True))

    @property
    def outputs(self) -> Shape:
        """How many windows there are along each axis."""
        return tuple((n - r) // s + 1 for n, r, s in zip(self.padded, self.reach, self.stride, strict=True))

    @property
    def unseen(self) -> Shape:
        """How many padded entries at the end of each axis no window reaches."""
        every = zip(self.padded, self.reach, self.stride, strict=True)
        return tuple((n - r) % s for n, r, s in every)

    @property
    def offsets(self) -> list[Shape]:
        """Where an entry stands in its window, in padded entries from the window's first: rows before columns."""
        return list(product(*(range(0, r, d) for r, d in zip(self.reach, self.dilation, strict=True))))

    def gather(self, x: Array, fill: float = 0.0) -> list[Array]:
        """Return for each offset what all windows see there: x is (B, *spatial, C), each is (B, *outputs, C)."""
        padded = np.pad(x, _widths(x, self.padding), constant_values=fill)
        return [padded[:, *self._seen(offset)] for offset in self.offsets]

    def scatter(self, parts: Sequence[Array]) -> Array:
        """Return the sum of what the windows hand back: parts are (B, *outputs, C), the sum (B, *spatial, C)."""
        total = None
        for offset, part in zip(self.offsets, parts, strict=True):
            for axis, stride in enumerate(self.stride, start=1):
                part = spread(part, axis, stride)
            ends = [(o, n - o - m) for o, n, m in zip(offset, self.padded, part.shape[1:], strict=False)]
            placed = np.pad(part, _widths(part, ends))
            total = placed if total is None else total + placed
        assert total is not None  # a window has at least one entry
        inside = (slice(low, low + n) for n, (low, _) in zip(self.spatial, self.padding, strict=True))
        return total[:, *inside]

    def _seen(self, offset: Shape) -> list[slice]:
        every = zip(offset, self.outputs, self.stride, strict=True)
        return [slice(o, o + (n - 1) * s + 1, s) for o, n, s in every]


def spread(x: Array, axis: int, stride: int) -> Array:
    """Return x with stride − 1 zeros between neighbours on an axis: the adjoint of `[::stride]`."""
    n = x.shape[axis]
    zeros = [(0, stride - 1) if i == axis + 1 else (0, 0) for i in range(x.ndim + 1)]
    apart = np.pad(np.expand_dims(x, axis + 1), zeros)
    merged = apart.reshape(*x.shape[:axis], n * stride, *x.shape[axis + 1 :])
    return merged[(slice(None),) * axis + (slice((n - 1) * stride + 1),)]


def _widths(x: Array, spatial: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs for all axes of x: none for the batch, and none after the spatial axes."""
    return [(0, 0), *spatial, *[(0, 0)] * (x.ndim - 1 - len(spatial))]
