"""Connectionist temporal classification: sequences of all lengths, with labels that repeat."""

from backproof.losses import CTC
from cases.base import case, title

CASES = tuple(
    case(title(loss), loss=loss, input_shape=(5, 4))
    for loss in (
        CTC(labels=3),
        CTC(labels=2, blank=2, reduction="sum", factor=0.5),
        CTC(labels=4, reduction="batch_mean", blank=1),
        CTC(labels=3, reduction="weighted_mean", weighted=True),
    )
)
