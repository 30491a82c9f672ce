"""Upsampling of images by whole factors: every output is a weighted mean of its neighbours in the input."""

from typing import Literal

import numpy as np

from backproof.fields import Array, scalar
from backproof.layers.base import Cache, Layer, Own, Shape
from backproof.layers.windows import PerAxis, per_axis


class Upsample(Layer):
    """y = R x Cᵀ in every channel, with interpolation matrices R (H′, H) of the rows and C (W′, W) of the columns.

    Row i of a matrix holds the weights of an output that lies at place p(i) in the input:

        nearest                   1 at ⌊i / factor⌋
        bilinear                  max(0, 1 − |p(i) − j|) at j, with
          of pixels (the default)   p(i) = (i + ½) / factor − ½, at most at the edge: pixels are areas
          with align_corners        p(i) = i (n − 1) / (n · factor − 1): pixels are points, the corners stay

    x is (B, H, W, C), y is (B, H · factor, W · factor, C). PyTorch has both conventions, TensorFlow, Keras and JAX
    the first.
    """

    type: Literal["upsample"] = "upsample"
    factor: PerAxis = 2
    interpolation: Literal["nearest", "bilinear"] = "nearest"
    align_corners: bool = False

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 3:
            raise ValueError(f"expected an input of height, width and channels, found shape {shape}")
        if self.align_corners and self.interpolation == "nearest":
            raise ValueError("align_corners: expected false with interpolation nearest, found true")
        return *(n * f for n, f in zip(shape, self.factors, strict=False)), shape[-1]

    @property
    def factors(self) -> Shape:
        """The factors of rows and columns."""
        return per_axis("factor", self.factor, 2)

    def weights(self, n: int, factor: int, like: Array) -> Array:
        """Return the interpolation matrix (n · factor, n) of one axis.

        Places are computed in the precision of `like`: weights hang on their fractions, so that rounding is felt
        the more, the longer the axis.
        """
        i, j = np.arange(n * factor)[:, None], np.arange(n)
        if self.interpolation == "nearest":
            return (i // factor == j).astype(like.dtype)
        i, j = i.astype(like.dtype), j.astype(like.dtype)
        if self.align_corners:
            place = i * (scalar(n - 1, like) / max(n * factor - 1, 1))
        else:
            place = np.clip((i + 0.5) * (scalar(1, like) / factor) - 0.5, 0, n - 1)
        return np.maximum(0, 1 - np.abs(place - j))

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        rows, columns = (self.weights(n, f, x) for n, f in zip(x.shape[1:3], self.factors, strict=True))
        return _interpolated(rows, columns, x), (rows, columns)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        rows, columns = cache
        return _interpolated(rows.T, columns.T, dy), {}


def _interpolated(rows: Array, columns: Array, x: Array) -> Array:
    B, H, W, C = x.shape
    y = (rows @ x.reshape(B, H, W * C)).reshape(-1, W, C)  # (B · H′, W, C)
    return (columns @ y).reshape(B, len(rows), len(columns), C)
