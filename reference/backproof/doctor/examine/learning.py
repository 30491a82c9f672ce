"""When a run counts as having learnt, and when one run is clearly better than another.

A loss means nothing by itself, so it is measured against that of the best constant prediction (the mean of the
targets for squared error, the shares of the classes for cross-entropy): 1 is what a network reaches that ignores
its input, 0 is a perfect fit. Where a constant fits perfectly (a single observation), against the loss before
training.
"""

from dataclasses import dataclass

import numpy as np

from backproof.doctor.examination import Run
from backproof.doctor.examine.accuracy import majority
from backproof.fields import Array
from backproof.losses import CrossEntropy, Loss
from backproof.spec import ModelSpec

LEARNT = 0.3
"""A run has learnt whose loss is below this share of the constant's: 70 % of what could be explained, is."""

LEARNT_BESIDE_CLASSES = 0.1
"""The same where there is an accuracy to go by as well: XOR with three of four right stands at 0.5 or 0.67."""

ERRORS = 0.25
"""Or whose errors are below this share of those of answering with the most frequent class."""

BEGUN, ERRORS_BEGUN = 0.9, 0.5
"""Below these shares a run has learnt something, and only a much better run speaks against it."""

BETTER, MUCH_BETTER = 0.5, 0.25
"""A change helps that leaves at most half of the loss (or of the errors), a quarter where something was learnt."""

GROWN = 2.0
"""A loss that ends at twice what it was, and at twice the best constant's, has grown and not merely wavered."""

STILL_FALLING = 0.02
"""A loss that lost this share of itself in the last quarter of the run is still falling."""


HARDLY = 0.02
"""A loss that moves by less than this share of itself is on a plateau."""


@dataclass(frozen=True)
class Yardstick:
    """The loss of the best constant prediction (or before training), and the most frequent class's share."""

    loss: float
    majority: float | None
    is_constant: bool

    def remaining(self, run: Run) -> float:
        """Return the last (finite) loss as a share of the yardstick's: the median of the last three."""
        return float(np.median(run.losses[-3:])) / self.loss if len(run.losses) > 3 else run.losses[-1] / self.loss

    def errors(self, run: Run) -> float | None:
        """Return the share of errors at the end over that of the most frequent class."""
        if run.accuracy is None or self.majority is None or self.majority == 1.0:
            return None
        return (1.0 - run.accuracy) / (1.0 - self.majority)

    def learnt(self, run: Run) -> bool:
        """Return whether a run has learnt beyond doubt, even if its numbers overflowed after that."""
        if run.diverged is not None and run.losses[-1] > BETTER * run.losses[0]:
            return False
        errors, remaining = self.errors(run), self.remaining(run)
        return remaining <= LEARNT if errors is None else errors <= ERRORS or remaining <= LEARNT_BESIDE_CLASSES

    def lost(self, run: Run) -> bool:
        """Return whether numbers overflowed, or the loss has grown."""
        return run.diverged is not None or bool(run.losses[-1] > GROWN * max(run.losses[0], self.loss))

    def begun(self, run: Run) -> bool:
        """Return whether a run has learnt something: it may have reached what noisy targets allow."""
        errors = self.errors(run)
        return run.diverged is None and self.remaining(run) < BEGUN and (errors is None or errors < ERRORS_BEGUN)

    def helps(self, changed: Run, given: Run) -> bool:
        """Return whether a changed run is clearly better than the given one, and good by itself.

        Good is what has learnt, or where the given run has learnt nothing, what has learnt something.
        """
        begun = self.begun(given)
        if self.lost(given) and not self.lost(changed):  # any descent to below what a constant reaches will do
            return self.remaining(changed) < BEGUN and bool(changed.losses[-1] <= BETTER * given.losses[0])
        good = self.learnt(changed) or (not begun and self.begun(changed))
        if changed.diverged is not None or not good:
            return False
        share = MUCH_BETTER if begun else BETTER
        before, after = self.errors(given), self.errors(changed)
        if before is not None and after is not None:
            return after <= share * before
        return self.remaining(changed) <= share * self.remaining(given)


def yardstick(spec: ModelSpec, y: Array, first: float) -> Yardstick:
    """Return what runs on these targets are measured against, given the loss before training."""
    constant = best_constant(spec.loss, y, (len(y), *spec.shapes[-1]))
    is_constant = constant is not None and constant > 1e-9 * first
    loss = constant if constant is not None and is_constant else first
    return Yardstick(loss if np.isfinite(loss) and loss > 0 else 1.0, majority(spec.loss, y), is_constant)


def best_constant(loss: Loss, y: Array, shape: tuple[int, ...]) -> float | None:
    """Return the least loss of an output that is the same for all observations; None where that has no meaning.

    For cross-entropy the logits are the logarithms of the classes' shares. For a loss whose terms belong to one
    entry each, every entry's Σ ∂ℓ/∂a grows with a, and its zero is found by bisection.
    """
    if loss.weighted:
        return None
    y = y if loss.integer_targets() else y.astype(np.float64)
    if isinstance(loss, CrossEntropy):
        q = loss.distribution(np.empty((*shape[:-1], shape[-1])), y).reshape(-1, shape[-1]).sum(axis=0)
        logits = np.log(np.maximum(q / max(float(q.sum()), 1e-300), 1e-300))
        return float(loss.value(np.broadcast_to(logits, shape).copy(), y))
    if loss.target_shape(shape) != shape or loss.terms_shape(shape) != shape:
        return None
    probability = loss.kind == "binary_cross_entropy"
    low = np.full(shape[1:], 1e-12 if probability else min(-40.0, float(y.min()) - 1.0))
    high = np.full(shape[1:], 1.0 - 1e-12 if probability else max(40.0, float(y.max()) + 1.0))
    with np.errstate(all="ignore"):
        for _ in range(60):
            middle = 0.5 * (low + high)
            rising = loss.gradient(np.broadcast_to(middle, shape).copy(), y).sum(axis=0) > 0
            low, high = np.where(rising, low, middle), np.where(rising, middle, high)
        candidates = [low, high, y.mean(axis=0)]
        values = [float(loss.value(np.broadcast_to(a, shape).copy(), y)) for a in candidates]
    finite = [value for value in values if np.isfinite(value)]
    return min(finite) if finite else None


def still_falling(run: Run) -> bool:
    """Return whether the loss still falls: in the last quarter by 2 %, or a third as fast as on average."""
    at = int(np.searchsorted(run.iterations, 0.75 * run.iterations[-1]))
    first, late, last = run.losses[0], run.losses[min(at, len(run.losses) - 1)], run.losses[-1]
    if run.diverged is not None or not last < first:
        return False
    return bool(late - last >= min(STILL_FALLING * last, (first - last) / 12.0))


def plateaus(run: Run, least: float, above: float) -> tuple[tuple[int, int], ...]:
    """Return the stretches of at least `least` iterations in which a loss above `above` moved by less than 2 %."""
    found: list[tuple[int, int]] = []
    begin = 0
    for end in range(1, len(run.losses) + 1):
        level = run.losses[begin]
        if end < len(run.losses) and abs(run.losses[end] - level) <= HARDLY * level:
            continue
        first, last = int(run.iterations[begin]), int(run.iterations[end - 1])
        if level > above and last - first >= least:
            found.append((first, last))
        begin = end
    return tuple(found)
