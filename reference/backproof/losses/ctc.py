"""Connectionist temporal classification: a sequence of labels, nobody knows when."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backproof.errors import DataError, SpecError
from backproof.fields import Array
from backproof.layers.functions import log_softmax, softmax
from backproof.losses.base import Loss

IMPOSSIBLE = -(2.0**100)
"""The logarithm of nothing, without the NaN of −∞ + ∞."""


class CTC(Loss):
    """ℓ = −log Σ Πₜ p_t(π_t) over all paths π that read as the labels y (Graves et al. 2006).

    The output is logits (T, C), p = softmax of each step. A path reads as what is left when equal neighbours are
    merged and then blanks removed. y is up to `labels` class indices, padded behind with the `blank`. In

        ext = blank, y₁, blank, y₂, … y_n, blank          (S = 2 · labels + 1 states, with padding)

    a path stays, moves on by one state, or by two between unequal labels, from one of the first two states to
    one of the last two, 2n − 1 and 2n. With αₜ(s) the log-probability of all beginnings that are in s at t, and
    βₜ(s) that of all ends after it, γₜ(s) = e^(α + β + ℓ) is the chance of being in s at t, and
    ∂ℓ/∂aₜ(k) = p_t(k) − Σ γₜ(s) over the states s of class k.

    PyTorch's mean divides each term by n before: that is `weighted`, with weights 1 / n.
    """

    type: Literal["ctc"] = "ctc"
    labels: Annotated[int, Field(gt=0)]
    blank: Annotated[int, Field(ge=0)] = 0

    def terms(self, a: Array, y: Array) -> Array:
        emitted = self.emitted(a, y)
        alpha = self.beginnings(emitted, y)[-1]
        return -log_sum(np.where(self.last(y), alpha, IMPOSSIBLE))

    def terms_gradient(self, a: Array, y: Array) -> Array:
        emitted = self.emitted(a, y)
        alpha, beta = self.beginnings(emitted, y), self.ends(emitted, y)
        total = log_sum(np.where(self.last(y), alpha[-1], IMPOSSIBLE))[:, None]
        states = np.stack([np.exp(one + other - total) for one, other in zip(alpha, beta, strict=True)], axis=1)
        classes = (self.extended(y)[..., None] == np.arange(a.shape[-1])).astype(a.dtype)  # (B, S, C)
        return softmax(a) - states @ classes

    def beginnings(self, emitted: Array, y: Array) -> list[Array]:
        """Return α (B, S) at every step, that step's emission included."""
        first = np.arange(emitted.shape[-1]) < 2
        alpha = [np.where(first, emitted[:, 0], IMPOSSIBLE)]
        for t in range(1, emitted.shape[1]):
            by_two = np.where(self.may_skip(y), moved(alpha[-1], 2), IMPOSSIBLE)
            alpha.append(log_add(alpha[-1], moved(alpha[-1], 1), by_two) + emitted[:, t])
        return alpha

    def ends(self, emitted: Array, y: Array) -> list[Array]:
        """Return β (B, S) at every step, that step's emission left out."""
        beta = [np.where(self.last(y), np.zeros_like(emitted[:, 0]), IMPOSSIBLE)]
        for t in reversed(range(1, emitted.shape[1])):
            after = beta[0] + emitted[:, t]
            by_two = moved(np.where(self.may_skip(y), after, IMPOSSIBLE), -2)
            beta.insert(0, log_add(after, moved(after, -1), by_two))
        return beta

    def extended(self, y: Array) -> Array:
        """Return the class of every state, (B, S)."""
        blanks = np.full_like(y, self.blank)
        return np.concatenate([np.stack([blanks, y], axis=-1).reshape(len(y), -1), blanks[:, :1]], axis=-1)

    def may_skip(self, y: Array) -> Array:
        """Return whether each state may be reached from the one before the last: a label unlike the last label."""
        ext = self.extended(y)
        before = np.concatenate([ext[:, :2], ext[:, :-2]], axis=-1)
        return (ext != self.blank) & (ext != before)

    def last(self, y: Array) -> Array:
        """Return whether each state is one of the last two: the last label, and the blank behind it."""
        end = 2 * (y != self.blank).sum(axis=-1, keepdims=True)
        state = np.arange(2 * y.shape[-1] + 1)
        return (state == end) | (state == end - 1)

    def emitted(self, a: Array, y: Array) -> Array:
        """Return log p of the class of every state at every step, (B, T, S)."""
        states = np.repeat(self.extended(y)[:, None], a.shape[1], axis=1)
        return np.take_along_axis(log_softmax(a), states, axis=-1)

    def terms_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[:1]

    def target_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0], self.labels)

    def integer_targets(self) -> bool:
        return True

    def random_targets(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        batch, steps, classes = shape
        drawn = rng.integers(0, classes - 1, size=(batch, self.labels))
        longest = min(self.labels, (steps + 1) // 2)  # so that equal labels have room for a blank between them
        length = rng.integers(1, longest + 1, size=(batch, 1))
        return np.where(np.arange(self.labels) < length, drawn + (drawn >= self.blank), self.blank)

    def check_output(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 2 or shape[-1] < 2:
            raise SpecError(f"loss: ctc expects an output (T, C) of at least two classes, found {shape}")
        if self.blank >= shape[-1]:
            raise SpecError(f"loss.blank: expected one of the {shape[-1]} classes, found {self.blank}")

    def check_targets(self, y: Array, shape: tuple[int, ...]) -> None:
        _, steps, classes = shape
        if np.any((y < 0) | (y >= classes)):
            raise DataError(f"y: expected class indices from 0 to {classes - 1}, found {y.min()} to {y.max()}")
        label = y != self.blank
        if np.any(label[:, 1:] & ~label[:, :-1]):
            raise DataError(f"y: expected all labels before the padding of {self.blank}, found one behind it")
        needed = label.sum(axis=-1) + (label[:, 1:] & (y[:, 1:] == y[:, :-1])).sum(axis=-1)
        if np.any(needed > steps):
            raise DataError(f"y: expected labels that {steps} steps can hold, found some that need {needed.max()}")


def log_add(*terms: Array) -> Array:
    """Return log Σ e^term, entry by entry."""
    largest = terms[0]
    for term in terms[1:]:
        largest = np.maximum(largest, term)
    total = np.exp(terms[0] - largest)
    for term in terms[1:]:
        total = total + np.exp(term - largest)
    return largest + np.log(total)


def log_sum(a: Array) -> Array:
    """Return log Σ eᵃ over the last axis."""
    largest = a.max(axis=-1, keepdims=True)
    return largest[..., 0] + np.log(np.exp(a - largest).sum(axis=-1))


def moved(a: Array, by: int) -> Array:
    """Return the states (B, S) moved on by so many places (or back), with nothing moving in."""
    nothing = np.zeros_like(a[:, : abs(by)]) + IMPOSSIBLE
    return np.concatenate([nothing, a[:, :-by]] if by > 0 else [a[:, -by:], nothing], axis=-1)
