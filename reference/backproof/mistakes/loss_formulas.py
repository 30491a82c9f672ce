"""Mistakes within a loss: in its terms, or in their gradient alone."""

import numpy as np

from backproof.fields import Array
from backproof.layers.functions import sigmoid, softmax, softplus
from backproof.losses import (
    CTC,
    BinaryCrossEntropy,
    Contrastive,
    CosineDistance,
    EvidenceLowerBound,
    Focal,
    Hinge,
    Huber,
    KLDivergence,
    MulticlassHinge,
    Poisson,
    Triplet,
)
from backproof.losses.hinge import right_class
from backproof.mistakes.base import Mistake, below, in_loss, the_loss


class _Unclipped(Huber):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return a - y


class _OneClass(BinaryCrossEntropy):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return -y / a


class _Reversed(KLDivergence):
    def terms(self, a: Array, y: Array) -> Array:
        log_p = a - np.log(np.exp(a).sum(axis=-1, keepdims=True)) if self.output == "logits" else a
        return np.exp(log_p) * (log_p - np.log(y))


class _LogitsAsLogarithms(KLDivergence):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return -y


class _AlwaysActive(Hinge):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return -y * (2.0 * (1.0 - y * a) if self.power == 2 else 1.0)


class _ZeroOne(Hinge):
    """Reads labels of −1 as 0."""

    def terms(self, a: Array, y: Array) -> Array:
        return super().terms(a, 0.5 * (y + 1.0))


class _OwnClassOnce(MulticlassHinge):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        gradient, own = super().terms_gradient(a, y), right_class(a, y)
        return np.where(own > 0, -1.0 * (gradient < 0), gradient)


class _OwnClassToo(MulticlassHinge):
    """Counts the right class among the wrong ones: a constant margin more in every row."""

    def terms(self, a: Array, y: Array) -> Array:
        return super().terms(a, y) + self.margin**self.power


class _NotPerpendicular(CosineDistance):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return -y / self.length(y)[0] / self.length(a)[0]


class _ConstantFactor(Focal):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        z = self.sign(y) * a
        return -self.sign(y) * self.balance(y) * sigmoid(-z) ** self.gamma * sigmoid(-z)


class _AlphaForBoth(Focal):
    def balance(self, y: Array) -> Array:
        assert self.alpha is not None
        return self.alpha * np.ones_like(y)


class _WrongProbability(Focal):
    """(1 − p)^γ with p the probability of class 1, whatever the class."""

    def terms(self, a: Array, y: Array) -> Array:
        return self.balance(y) * sigmoid(-a) ** self.gamma * softplus(-self.sign(y) * a)


class _LabelsSwapped(Contrastive):
    def terms(self, a: Array, y: Array) -> Array:
        return super().terms(a, 1.0 - y)


class _FarPairsToo(Contrastive):
    """Does not mask the pairs that are far enough apart."""

    def missing(self, difference: Array) -> Array:
        return self.margin - np.sqrt((difference * difference).sum(axis=-1))

    def terms(self, a: Array, y: Array) -> Array:
        return Contrastive.terms(Contrastive(margin=self.margin), a, y)


class _OneTower(Contrastive):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return super().terms_gradient(a, y) * np.array([1.0, 0.0])[:, None]


class _EasyTripletsToo(Triplet):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return Triplet.terms_gradient(self.model_copy(update={"margin": 1e9}), a, y)


class _AnchorSeesPositive(Triplet):
    """The anchor's gradient from the positive alone: ∂ℓ/∂u = −∂ℓ/∂p."""

    def terms_gradient(self, a: Array, y: Array) -> Array:
        gradient = super().terms_gradient(a, y)
        return np.stack([-gradient[:, 1], gradient[:, 1], gradient[:, 2]], axis=1)


class _NotSquared(Triplet):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return Triplet.terms_gradient(self.model_copy(update={"distance": "euclidean"}), a, y)


class _RateForLogarithm(Poisson):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return 1.0 - y / np.exp(a)


class _LogDeviation(EvidenceLowerBound):
    def terms(self, a: Array, y: Array) -> Array:
        r, mean, v = self.parts(a)
        return super().terms(np.concatenate([r, mean, 2.0 * v], axis=-1), y)


class _PriorPushesAway(EvidenceLowerBound):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return EvidenceLowerBound.terms_gradient(self.model_copy(update={"beta": -self.beta}), a, y)


class _MeanOverLatent(EvidenceLowerBound):
    def terms(self, a: Array, y: Array) -> Array:
        return EvidenceLowerBound.terms(self.model_copy(update={"beta": self.beta / self.latent}), a, y)


class _SkipsBetweenEquals(CTC):
    def may_skip(self, y: Array) -> Array:
        return self.extended(y) != self.blank


class _EndsInBlank(CTC):
    def last(self, y: Array) -> Array:
        return np.arange(2 * y.shape[-1] + 1) == 2 * (y != self.blank).sum(axis=-1, keepdims=True)


class _WithoutSoftmax(CTC):
    def terms_gradient(self, a: Array, y: Array) -> Array:
        return super().terms_gradient(a, y) - softmax(a)


MISTAKES: tuple[Mistake, ...] = (
    in_loss("Huber's gradient not clipped", "∂ℓ/∂a = r", "∂ℓ/∂a = r clipped to [−δ, δ]", _Unclipped, below),
    in_loss("only one class of two in the gradient", "∂ℓ/∂a = −y/a", "(1 − y)/(1 − a) − y/a", _OneClass, below),
    in_loss("divergence the wrong way round", "Σ p (log p − log y)", "Σ y (log y − log p)", _Reversed, the_loss),
    in_loss(
        "logits taken for log-probabilities in the gradient",
        "∂ℓ/∂a = −y",
        "∂ℓ/∂a = softmax(a) − y",
        _LogitsAsLogarithms,
        below,
        lambda loss: loss.output == "logits",
    ),
    in_loss("gradient beyond the margin", "∂ℓ/∂a = −y", "∂ℓ/∂a = −y where ya < 1", _AlwaysActive, below),
    in_loss("labels −1 and 1 taken for 0 and 1", "y = 0 or 1", "y = −1 or 1", _ZeroOne, the_loss),
    in_loss(
        "right class pulled up once",
        "∂ℓ/∂a_y = −1",
        "∂ℓ/∂a_y = −(number of classes beyond the margin)",
        _OwnClassOnce,
        below,
        lambda loss: loss.form == "weston_watkins" and loss.power == 1,
    ),
    in_loss(
        "right class counted among the wrong ones",
        "Σ over all c",
        "Σ over c ≠ y",
        _OwnClassToo,
        the_loss,
        lambda loss: loss.form == "weston_watkins",
    ),
    in_loss(
        "length taken for a constant in the cosine's gradient",
        "−ŷ / ‖a‖",
        "−(ŷ − cos · â) / ‖a‖",
        _NotPerpendicular,
        below,
    ),
    in_loss(
        "modulating factor taken for a constant",
        "−α(1 − p)^γ(1 − p)",
        "−α(1 − p)^γ(1 − p − γ p log p)",
        _ConstantFactor,
        below,
        lambda loss: loss.gamma > 0,
    ),
    in_loss(
        "α for both classes",
        "α_y = α",
        "α_y = α or 1 − α",
        _AlphaForBoth,
        the_loss,
        lambda loss: loss.alpha is not None,
    ),
    in_loss(
        "probability of class 1 for that of the right class",
        "(1 − p)^γ",
        "(1 − p_y)^γ",
        _WrongProbability,
        the_loss,
        lambda loss: loss.gamma > 0,
    ),
    in_loss("pairs alike and unlike swapped", "y = 1: unlike", "y = 1: alike", _LabelsSwapped, the_loss),
    in_loss("far pairs pulled back to the margin", "margin − D", "max(0, margin − D)", _FarPairsToo, below),
    in_loss("gradient to one embedding of a pair only", "∂ℓ/∂v = 0", "∂ℓ/∂v = −∂ℓ/∂u", _OneTower, below),
    in_loss("gradient of triplets that keep the margin", "∂ℓ/∂u ≠ 0", "∂ℓ/∂u = 0", _EasyTripletsToo, below),
    in_loss(
        "anchor's gradient from the positive only",
        "∂ℓ/∂u = −∂ℓ/∂p",
        "∂ℓ/∂u = −∂ℓ/∂p − ∂ℓ/∂n",
        _AnchorSeesPositive,
        below,
    ),
    in_loss(
        "gradient of the distance for that of its square",
        "d / ‖d‖",
        "2d",
        _NotSquared,
        below,
        lambda loss: loss.distance == "squared_euclidean",
    ),
    in_loss(
        "gradient with respect to the rate for that of its logarithm",
        "1 − y/λ",
        "λ − y",
        _RateForLogarithm,
        below,
        lambda loss: loss.output == "log_rate",
    ),
    in_loss("log-variance read as log-deviation", "σ² = e^2v", "σ² = eᵛ", _LogDeviation, the_loss),
    in_loss("gradient of the divergence with the wrong sign", "−β ∂KL", "+β ∂KL", _PriorPushesAway, below),
    in_loss(
        "mean over the latent variables", "KL / L", "Σ over the L latent variables", _MeanOverLatent, the_loss
    ),
    in_loss("no blank between equal labels", "y y reads as y y", "y y reads as y", _SkipsBetweenEquals, the_loss),
    in_loss("paths end in the blank only", "α(2n)", "α(2n − 1) + α(2n)", _EndsInBlank, the_loss),
    in_loss("softmax missing in the gradient of paths", "−Σ γ", "p − Σ γ", _WithoutSoftmax, below),
)
