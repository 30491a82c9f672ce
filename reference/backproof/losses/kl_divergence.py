"""The Kullback-Leibler divergence of the targets from the output."""

from typing import Literal

import numpy as np

from backproof.errors import SpecError
from backproof.fields import Array
from backproof.layers.functions import log_softmax, softmax
from backproof.losses.base import Loss
from backproof.losses.cross_entropy import check_distributions


class KLDivergence(Loss):
    """ℓ = y (log y − log p) entry by entry, so that Σ_c ℓ = KL(y ‖ p); 0 log 0 = 0 (Kullback & Leibler 1951).

    The targets y are distributions over the last axis. The `output` of the network is log p
    (`log_probabilities`: ∂ℓ/∂a = −y) or a with log p = log_softmax(a) (`logits`: ∂Σℓ/∂a = softmax(a) Σy − y).
    A mean over entries is PyTorch's `mean`, over observations its `batchmean`, which is Keras' mean of (B, C).
    """

    type: Literal["kl_divergence"] = "kl_divergence"
    output: Literal["log_probabilities", "logits"] = "log_probabilities"

    def terms(self, a: Array, y: Array) -> Array:
        log_p = log_softmax(a) if self.output == "logits" else a
        return y * (np.log(np.where(y > 0, y, 1.0)) - log_p)

    def terms_gradient(self, a: Array, y: Array) -> Array:
        return softmax(a) * y.sum(axis=-1, keepdims=True) - y if self.output == "logits" else -y

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        return softmax(rng.normal(size=shape))

    def check_output(self, shape: tuple[int, ...]) -> None:
        if not shape:
            raise SpecError("loss: kl_divergence expects an output with a class axis, found a scalar per row")

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        check_distributions(y)
