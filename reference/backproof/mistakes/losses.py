"""Mistakes in the gradient of the loss: factors, sign, the wrong loss, broadcasting."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers.functions import sigmoid, softmax
from backproof.losses import (
    NOTHING,
    BinaryCrossEntropy,
    BinaryCrossEntropyWithLogits,
    CrossEntropy,
    MulticlassHinge,
    SquaredError,
)
from backproof.losses.hinge import right_class
from backproof.mistakes.base import Mistake, WrongNetwork, anywhere, below
from backproof.spec import ModelSpec


class _Doubled(WrongNetwork):
    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return 2.0 * super().loss_gradient(output, y, side)


class _Halved(WrongNetwork):
    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return 0.5 * super().loss_gradient(output, y, side)


class _Sign(WrongNetwork):
    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return -super().loss_gradient(output, y, side)


class _OtherReduction(WrongNetwork):
    """The batch size where it does not belong, or not where it does."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        gradient = super().loss_gradient(output, y, side)
        return gradient / len(output) if self.spec.loss.reduction == "sum" else gradient * len(output)


class _OutputsCounted(WrongNetwork):
    """The number of outputs where it does not belong, or not where it does."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        gradient, n = super().loss_gradient(output, y, side), self.counted(output)
        return gradient * n if self.spec.loss.reduction == "mean" else gradient / n

    def counted(self, output: Array) -> int:
        return output[0].size


class _EntriesCounted(_OutputsCounted):
    def counted(self, output: Array) -> int:
        return output.size


class _OneErrorForAll(WrongNetwork):
    """The error is averaged over the observations, and that mean taken for each of them."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        gradient = super().loss_gradient(output, y, side)
        return gradient * 0 + gradient.sum(axis=0) / len(gradient)


class _ValueForGradient(WrongNetwork):
    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self.spec.loss.scaled_terms(output, y, side)


class _SlopeAfterFused(WrongNetwork):
    """a − y is the gradient with respect to the logits: no slope of sigmoid or softmax belongs after it."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        p = softmax(output) if isinstance(self.spec.loss, CrossEntropy) else sigmoid(output)
        return super().loss_gradient(output, y, side) * p * (1 - p)


class _SoftmaxOverAll(WrongNetwork):
    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        loss = self.spec.loss
        assert isinstance(loss, CrossEntropy)
        p = softmax(output.reshape(-1)).reshape(output.shape)
        return loss.scaled(p - loss.distribution(output, y), output, y, side)


class _OtherLoss(WrongNetwork):
    """The derivative of the loss that people confuse with this one."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        loss = self.spec.loss
        if isinstance(loss, CrossEntropy):
            return loss.scaled(2.0 * (output - loss.distribution(output, y)), output, y, side)
        if isinstance(loss, SquaredError):
            return loss.scaled(np.sign(output - y), output, y, side)
        if isinstance(loss, MulticlassHinge):
            return loss.scaled(softmax(output) - right_class(output, y), output, y, side)
        return loss.scaled(2.0 * (output - y), output, y, side)


class _FusedTwice(WrongNetwork):
    """a − y is the gradient of cross-entropy *through* the sigmoid, not with respect to its output."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self.spec.loss.scaled(output - y, output, y, side)


class _SoftmaxTwice(WrongNetwork):
    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        loss = self.spec.loss
        assert isinstance(loss, CrossEntropy)
        return loss.scaled(softmax(softmax(output)) - loss.distribution(output, y), output, y, side)


class _Broadcast(WrongNetwork):
    """(B, 1) − (B,) is (B, B): every prediction meets every target."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        residual = output - y.reshape(1, -1)
        gradient = 2.0 * residual.sum(axis=1, keepdims=True) / len(output)
        return self.spec.loss.scaled(gradient, output, y, side)


def _compares_entries(spec: ModelSpec) -> Sequence[int | None]:
    """The loss has a target for every entry of the output, or a class for every row."""
    shape = (1, *spec.shapes[-1])
    classes = isinstance(spec.loss, CrossEntropy | MulticlassHinge)
    return [None] if classes or spec.loss.target_shape(shape) == shape else []


def _several_entries(spec: ModelSpec) -> Sequence[int | None]:
    """The loss has a term for every entry of an output that has several."""
    shape = (1, *spec.shapes[-1])
    several = spec.loss.terms_shape(shape) == shape and spec.shapes[-1] not in ((), (1,))
    return [None] if several and spec.loss.reduction != "weighted_mean" else []


def _of_all_entries(spec: ModelSpec) -> Sequence[int | None]:
    return _several_entries(spec) if spec.loss.reduction != "batch_mean" else []


def _term_per_entry(spec: ModelSpec) -> Sequence[int | None]:
    shape = (1, *spec.shapes[-1])
    return [None] if spec.loss.terms_shape(shape) == shape else []


def _for(kind: Any) -> Any:
    return lambda spec: [None] if isinstance(spec.loss, kind) else []


def _one_output(spec: ModelSpec) -> Sequence[int | None]:
    return [None] if isinstance(spec.loss, SquaredError) and spec.shapes[-1] == (1,) else []


MISTAKES = (
    Mistake(
        "derivative of another loss",
        "∂C/∂a of the loss next door",
        "∂C/∂a",
        _OtherLoss,
        _compares_entries,
        below,
        common=1,
    ),
    Mistake(
        "cross-entropy's fused gradient before the sigmoid's own",
        "∂C/∂a = a − y",
        "∂C/∂a = (a − y) / (a(1 − a))",
        _FusedTwice,
        _for(BinaryCrossEntropy),
        below,
        common=2,
    ),
    Mistake(
        "softmax applied twice in the loss",
        "softmax(softmax(z)) − q",
        "softmax(z) − q",
        _SoftmaxTwice,
        _for(CrossEntropy),
        below,
        common=7,
    ),
    Mistake(
        "softmax over batch and classes",
        "exp(z) / Σ over all of exp(z)",
        "exp(z) / Σ over classes of exp(z)",
        _SoftmaxOverAll,
        _for(CrossEntropy),
        below,
        common=1,
    ),
    Mistake(
        "residual broadcast to B × B",
        "a (B, 1) − y (B,)",
        "a (B, 1) − y (B, 1)",
        _Broadcast,
        _one_output,
        below,
        common=5,
    ),
    Mistake(
        "loss in place of its gradient",
        "∂C/∂a = ℓ(a, y)",
        "∂C/∂a = ∂ℓ/∂a",
        _ValueForGradient,
        _term_per_entry,
        below,
        common=1,
    ),
    Mistake(
        "slope after cross-entropy's fused gradient",
        "∂C/∂z = (a − y) ⊙ a(1 − a)",
        "∂C/∂z = a − y",
        _SlopeAfterFused,
        _for(CrossEntropy | BinaryCrossEntropyWithLogits),
        below,
        common=2,
    ),
    Mistake(
        "one mean error for all observations",
        "∂C/∂a = mean over the batch",
        "∂C/∂a of each observation",
        _OneErrorForAll,
        anywhere,
        below,
        common=1,
    ),
    Mistake("a factor 2 too many", "∂C/∂a = 2 · right", "∂C/∂a", _Doubled, anywhere, below, common=3),
    Mistake("a factor ½ too many", "∂C/∂a = ½ · right", "∂C/∂a", _Halved, anywhere, below, common=3),
    Mistake(
        "wrong sign of the loss's gradient", "∂C/∂a ∝ y − a", "∂C/∂a ∝ a − y", _Sign, anywhere, below, common=4
    ),
    Mistake(
        "divided or not by the batch size",
        "Σ for a mean, or a mean for Σ",
        "the loss's own n",
        _OtherReduction,
        anywhere,
        below,
        common=5,
    ),
    Mistake(
        "divided or not by the number of outputs",
        "Σ for a mean over outputs, or a mean for Σ",
        "the loss's own n",
        _OutputsCounted,
        _several_entries,
        below,
        common=1,
    ),
    Mistake(
        "divided or not by the number of all entries",
        "Σ for a mean over all entries, or a mean for Σ",
        "the loss's own n",
        _EntriesCounted,
        _of_all_entries,
        below,
        common=2,
    ),
)
