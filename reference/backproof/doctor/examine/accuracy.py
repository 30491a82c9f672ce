"""What share of the targets a network gets right, where the targets are classes."""

import numpy as np

from backproof.fields import Array
from backproof.losses import Loss

LOGITS = ("binary_cross_entropy_with_logits", "focal", "hinge")
"""Losses that take the output as the larger class where it is above 0, whatever the targets are called."""


def accuracy(loss: Loss, output: Array, y: Array, every: Array) -> float | None:
    """Return the share of right classes, None where `every` target of the training is no class.

    Classes are integer targets, rows that are one-hot (the largest output decides), and targets of just two values
    0 and 1, or −1 and 1 (the midpoint decides; 0 where the outputs are logits).
    """
    if loss.integer_targets():
        return _share(output.argmax(axis=-1) == y) if y.shape == output.shape[:-1] else None
    if y.shape != output.shape:
        return None
    if one_hot(every):
        return _share(output.argmax(axis=-1) == y.argmax(axis=-1))
    if (values := two_values(every)) is None:
        return None
    bound = 0.0 if loss.kind in LOGITS else sum(values) / 2.0
    return _share((output > bound) == (y > sum(values) / 2.0))


def majority(loss: Loss, y: Array) -> float | None:
    """Return the accuracy of always answering with the most frequent class, None where there are no classes."""
    if loss.integer_targets() or one_hot(y):
        classes = y if loss.integer_targets() else y.argmax(axis=-1)
        return float(np.unique(classes, return_counts=True)[1].max() / classes.size)
    if two_values(y) is None:
        return None
    share = (y == y.max()).mean(axis=0)
    return float(np.maximum(share, 1.0 - share).mean())


def one_hot(y: Array) -> bool:
    """Return whether every row has one 1 and otherwise 0, and not all the same."""
    rows = y.ndim > 1 and y.shape[-1] > 1 and bool(np.isin(y, (0, 1)).all())
    return rows and bool((y.sum(axis=-1) == 1).all()) and len(np.unique(y.argmax(axis=-1))) > 1


def two_values(y: Array) -> tuple[float, float] | None:
    """Return the two values of the targets, where these are 0 and 1, or −1 and 1."""
    values = np.unique(y)
    if len(values) != 2 or values[1] != 1 or values[0] not in (0, -1):
        return None
    return float(values[0]), float(values[1])


def _share(right: Array) -> float:
    return float(right.mean())
