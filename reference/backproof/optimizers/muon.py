"""Momentum whose singular values are all brought near 1: every direction of a matrix moves alike."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.fields import Array, Fraction, PositiveFloat
from backproof.optimizers.adam import Adam

COEFFICIENTS = (3.4445, -4.7750, 2.0315)


class Muon(Adam):
    """For matrices Δ = −η s O(u), s = `consistent_rms` · √max(rows, columns), or 1 where that is null.

    O brings u near U Vᵀ of its singular value decomposition U S Vᵀ: x₀ = u / (‖u‖ + 1e-7), then `iterations`
    times x ← ax + (bA + cA²)x with A = xxᵀ (Newton and Schulz; a, b, c of Jordan). u is made of the momentum:

    `velocity: sum` (Keras): m ← μm + g; u = m, or g + μm with `nesterov`.
    `velocity: mean` (PyTorch): m ← μm + (1 − μ)g; u = m, or (1 − μ)g + μm: the same direction as of the sum.
    `velocity: corrected` (optax): the mean, each part corrected for its start as in Adam:
    u = m / (1 − μᵗ), or (1 − μ)g / (1 − μᵗ) + μm / (1 − μᵗ⁺¹).

    All other parameters take Adam's update, by its fields. `consistent_rms` is 0.2 in Keras (`rms_rate`, the
    default) and in PyTorch's `match_rms_adamw`; the factor √max(1, outputs / inputs) that PyTorch and optax take
    otherwise can be said by `groups`. PyTorch iterates in bfloat16 whatever the weights are in; here it is the
    working precision. Source: Jordan 2024; s: Liu et al. 2025.
    """

    type: Literal["muon"] = "muon"  # type: ignore[assignment]
    decay: Literal["l2", "decoupled"] = "decoupled"
    momentum: Fraction = 0.95
    nesterov: bool = True
    velocity: Literal["sum", "mean", "corrected"] = "mean"
    iterations: Annotated[int, Field(ge=0, le=100)] = 5
    consistent_rms: PositiveFloat | None = None

    def delta(
        self, g: Array, w: Array, slots: dict[str, Array], rate: Array, t: Array
    ) -> tuple[Array, dict[str, Array]]:
        if w.ndim != 2:
            return super().delta(g, w, slots, rate, t)
        new = dict(slots)
        if self.velocity != "sum":
            g = (1.0 - self.momentum) * g
        m = new["first_moment"] = self.momentum * slots["first_moment"] + g
        if self.velocity == "corrected":
            ahead = t + 1.0 if self.nesterov else t
            g, m = g / (1.0 - self.momentum**t), m / (1.0 - self.momentum**ahead)
        u = orthogonal(g + self.momentum * m if self.nesterov else m, self.iterations)
        scale = self.consistent_rms * float(max(w.shape)) ** 0.5 if self.consistent_rms else 1.0
        return -(rate * scale * u), new


def orthogonal(u: Array, iterations: int) -> Array:
    """Return the matrix with its singular values near 1 (between 0.7 and 1.2, but for very small ones)."""
    a, b, c = COEFFICIENTS
    x = u.T if u.shape[0] > u.shape[1] else u
    x = x / (np.sqrt(np.square(x).sum()) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if u.shape[0] > u.shape[1] else x
