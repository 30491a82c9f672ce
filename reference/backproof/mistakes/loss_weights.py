"""Mistakes in what a term counts: weights of observations and classes, ignored rows, smoothing."""

from collections.abc import Mapping

import numpy as np

from backproof.fields import Array
from backproof.losses import NOTHING, BinaryCrossEntropyWithLogits, CrossEntropy, Loss
from backproof.mistakes.base import Mistake, WrongNetwork, below, in_loss, the_loss
from backproof.spec import ModelSpec


class _Unweighted(WrongNetwork):
    """The weights in the loss, but not in its gradient."""

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return super().loss_gradient(output, y, dict.fromkeys(side, np.ones(len(output), output.dtype)))


class _Forgotten(_Unweighted):
    def loss(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return super().loss(output, y, dict.fromkeys(side, np.ones(len(output), output.dtype)))


class _OtherMean(WrongNetwork):
    """Divides by the number of terms for the sum of their weights, or the other way round."""

    def _other(self) -> Loss:
        other = {"mean": "weighted_mean", "weighted_mean": "mean"}[self.spec.loss.reduction]
        return self.spec.loss.model_copy(update={"reduction": other})

    def loss(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self._other().value(output, y, side)

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self._other().gradient(output, y, side)


class _IgnoredCounted(CrossEntropy):
    def counts(self, shape: tuple[int, ...], y: Array) -> Array:
        return CrossEntropy.counts(self.model_copy(update={"ignore_index": None}), shape, np.maximum(y, 0))


class _IgnoredLearnt(CrossEntropy):
    """Padding is learnt like any other class: its rows are not masked in the gradient."""

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return CrossEntropy.terms_gradient(self.model_copy(update={"ignore_index": None}), a, y)


class _NotSmoothed(CrossEntropy):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return CrossEntropy.terms_gradient(self.model_copy(update={"label_smoothing": 0.0}), a, y)


class _ClassesAlike(CrossEntropy):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return CrossEntropy.terms_gradient(self.model_copy(update={"class_weights": None}), a, y)


class _BothClassesWeighted(BinaryCrossEntropyWithLogits):
    def terms(self, a: Array, y: Array) -> Array:
        return self.positive_weight * super().terms(a, y) / (1.0 - y + self.positive_weight * y)


def _weighted(spec: ModelSpec) -> list[int | None]:
    return [None] if spec.loss.weighted else []


def _means_differ(spec: ModelSpec) -> list[int | None]:
    return [None] if spec.loss.weighted and spec.loss.reduction in ("mean", "weighted_mean") else []


MISTAKES: tuple[Mistake, ...] = (
    Mistake("weights of observations forgotten", "Σ ℓ / n", "Σ w ℓ / n", _Forgotten, _weighted, the_loss),
    Mistake("weights missing in the gradient", "Σ ∂ℓ / n", "Σ w ∂ℓ / n", _Unweighted, _weighted, below),
    Mistake(
        "mean over the other number",
        "Σ w for n, or n for Σ w",
        "the loss's own",
        _OtherMean,
        _means_differ,
        the_loss,
    ),
    in_loss(
        "ignored rows counted in the mean",
        "Σ ℓ / (number of rows)",
        "Σ ℓ / (number of rows kept)",
        _IgnoredCounted,
        the_loss,
        lambda loss: loss.ignore_index is not None and loss.reduction == "weighted_mean",
    ),
    in_loss(
        "ignored rows not masked in the gradient",
        "softmax(a) − q",
        "0 where y is to be ignored",
        _IgnoredLearnt,
        below,
        lambda loss: loss.ignore_index is not None,
    ),
    in_loss(
        "label smoothing missing in the gradient",
        "softmax(a) − y",
        "softmax(a) − (1 − s)y − s/C",
        _NotSmoothed,
        below,
        lambda loss: loss.label_smoothing > 0,
    ),
    in_loss(
        "class weights missing in the gradient",
        "softmax(a) − q",
        "softmax(a) Σ v q − v q",
        _ClassesAlike,
        below,
        lambda loss: loss.class_weights is not None,
    ),
    in_loss(
        "positive weight for both classes",
        "p(1 − y) log(1 + eᵃ) + py log(1 + e⁻ᵃ)",
        "(1 − y) log(1 + eᵃ) + py log(1 + e⁻ᵃ)",
        _BothClassesWeighted,
        the_loss,
        lambda loss: loss.positive_weight != 1.0,
    ),
)
