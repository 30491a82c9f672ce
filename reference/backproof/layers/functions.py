"""Elementary functions that several layers and losses share, right over the whole range of the argument."""

import math

import numpy as np

from backproof.fields import Array

_erfc = np.frompyfunc(math.erfc, 1, 1)
_erf = np.frompyfunc(math.erf, 1, 1)


def sigmoid(z: Array) -> Array:
    """σ(z) = 1 / (1 + e⁻ᶻ), without overflow and to full relative precision for z → −∞."""
    e = np.exp(-np.where(z < 0, -z, z))  # e^−|z|, written so that a complex z stays analytic
    return np.where(z < 0, e, 1.0) / (1.0 + e)


def softplus(z: Array) -> Array:
    """log(1 + eᶻ) = max(z, 0) + log1p(e^−|z|); its derivative is σ(z)."""
    magnitude = np.where(z < 0, -z, z)
    return np.where(z < 0, np.zeros_like(z), z) + np.log1p(np.exp(-magnitude))


def erfc(z: Array) -> Array:
    """The complementary error function, 1 − erf(z), without the cancellation for z → ∞."""
    return np.asanyarray(_erfc(z)).astype(z.dtype)


def erf(z: Array) -> Array:
    """The error function, 2/√π ∫₀ᶻ e^−t² dt."""
    return np.asanyarray(_erf(z)).astype(z.dtype)


def softmax(z: Array) -> Array:
    """exp(zᵢ) / Σⱼ exp(zⱼ) over the last axis, shifted by the maximum so that nothing overflows."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def log_softmax(z: Array) -> Array:
    """zᵢ − log Σⱼ exp(zⱼ) over the last axis; finite where log(softmax(z)) is −∞."""
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
