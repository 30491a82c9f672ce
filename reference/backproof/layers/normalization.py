"""What all normalisations share: mean 0 and variance 1 over some axes, then a scale and a shift."""

import math
from typing import Any

import numpy as np
from pydantic import PrivateAttr

from backproof.fields import Array, NonNegativeFloat
from backproof.initializers import AnyInitializer, Constant, Fan
from backproof.layers.base import Cache, Layer, Own, Parameter, Shape

Axes = tuple[int, ...]
Kept = Any
"""x̂ and the deviation it was divided by, then whatever else a normalisation keeps."""


def mean_over(x: Array, axes: Axes) -> Array:
    """Return the mean over the axes, which stay with length 1."""
    return x.sum(axis=axes, keepdims=True) / math.prod(x.shape[axis] for axis in axes)


def through_quotient(kept: Kept, dx_hat: Array, axes: Axes) -> Array:
    """Return the gradient of v in x̂ = v / √(mean(v²) + ε), step by step."""
    x_hat, deviation = kept[:2]
    v, n = x_hat * deviation, math.prod(x_hat.shape[axis] for axis in axes)
    d_deviation = -(dx_hat * v / (deviation * deviation)).sum(axis=axes, keepdims=True)
    d_square = d_deviation / (2.0 * deviation) / n
    return dx_hat / deviation + 2.0 * v * d_square


class Normalization(Layer):
    """x̂ = (x − μ) / √(σ² + ε); y = γ ⊙ x̂ + β, with the mean μ and the variance σ² over some of the axes.

    σ² = mean((x − μ)²), biased, and taken in two passes: mean(x²) − μ² loses the digits that the two have in
    common. γ is `scale`, β is `shift`. The way back has three terms, since x̂ depends on x directly, through μ and
    through σ²:

        dx = (dx̂ − mean(dx̂) − x̂ ⊙ mean(dx̂ ⊙ x̂)) / √(σ² + ε),  dx̂ = γ ⊙ dy

    Frameworks differ in ε: PyTorch has 1e-5, Keras 1e-3, Flax 1e-6 for all but batch norm.
    """

    epsilon: NonNegativeFloat = 1e-5
    scale: bool = True
    shift: bool = True
    scale_initializer: AnyInitializer = Constant(value=1.0)
    shift_initializer: AnyInitializer = Constant()
    _by_steps: bool = PrivateAttr(default=False)

    def features(self, shape: Shape) -> Shape:
        """Return the shape of γ and of β: by default one entry per channel, the last axis."""
        return shape[-1:]

    def arranged(self, shape: Shape) -> tuple[Shape, Axes]:
        """Return how x, batch axis included, is arranged to be normalised, and over which axes."""
        raise NotImplementedError

    def output_shape(self, shape: Shape) -> Shape:
        if not shape:
            raise ValueError("expected an input with at least one axis besides the batch, found none")
        return shape

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        own = self.features(shape)
        fan = Fan(math.prod(own), math.prod(own))
        declared = {}
        if self.scale:
            declared["scale"] = Parameter(own, self.scale_initializer, fan)
        if self.shift:
            declared["shift"] = Parameter(own, self.shift_initializer, fan)
        return declared

    def normalize(self, own: Own, x: Array, axes: Axes) -> Kept:
        """Return x̂, the deviation √(σ² + ε), and what else is worth keeping."""
        mean = mean_over(x, axes)
        centred = x - mean
        deviation = np.sqrt(mean_over(centred * centred, axes) + self.epsilon)
        return self.divided(x, mean, deviation), deviation

    def divided(self, x: Array, mean: Array, deviation: Array) -> Array:
        """Return x̂; as most implementations do, by a factor and a summand for every mean."""
        return x / deviation - mean / deviation if self._by_steps else (x - mean) / deviation

    def normalize_backward(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        """Return dx, from dx̂."""
        x_hat, deviation = kept[:2]
        through_mean = mean_over(dx_hat, axes)
        through_variance = x_hat * mean_over(dx_hat * x_hat, axes)
        return (dx_hat - through_mean - through_variance) / deviation

    def normalize_backward_by_steps(self, kept: Kept, dx_hat: Array, axes: Axes) -> Array:
        """Return the same as automatic differentiation does: through quotient, root, square and centring in turn.

        Over few features the terms all but cancel, and what rounding leaves of them differs from form to form.
        """
        d_centred = through_quotient(kept, dx_hat, axes)
        return d_centred - mean_over(d_centred, axes)

    def common(self) -> Layer:
        twin = self.model_copy()
        twin._by_steps = True
        return twin

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        shape, axes = self.arranged(x.shape)
        kept = self.normalize(own, x.reshape(shape), axes)
        y = kept[0].reshape(x.shape)
        if self.scale:
            y = y * own["scale"]
        if self.shift:
            y = y + own["shift"]
        return y, kept

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        kept = cache
        shape, axes = self.arranged(dy.shape)
        batch = tuple(range(dy.ndim - len(self.features(dy.shape[1:]))))  # the axes that share γ and β
        gradients = {}
        if self.scale:
            gradients["scale"] = (dy * kept[0].reshape(dy.shape)).sum(axis=batch)
        if self.shift:
            gradients["shift"] = dy.sum(axis=batch)
        dx_hat = dy * own["scale"] if self.scale else dy
        back = self.normalize_backward_by_steps if self._by_steps else self.normalize_backward
        return back(kept, dx_hat.reshape(shape), axes).reshape(dy.shape), gradients
