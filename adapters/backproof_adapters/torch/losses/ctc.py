"""Connectionist temporal classification."""

from typing import Any

from torch import Tensor
from torch.nn import functional

from backproof_adapters.torch.losses.terms import Terms


def _ctc(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """Native: time first, and log-probabilities for logits."""
    log_p = functional.log_softmax(a, dim=-1).transpose(0, 1)
    steps = y.new_full((len(a),), a.shape[1])
    return functional.ctc_loss(log_p, y, steps, (y != loss.blank).sum(-1), blank=loss.blank, reduction="none")


ROWS: dict[str, Terms] = {"ctc": _ctc}
