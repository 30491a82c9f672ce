"""Cross-entropy over classes, and the divergence of distributions."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from backproof_adapters.torch.losses.terms import Counted, Terms


def _cross_entropy(loss: Any, a: Tensor, y: Tensor) -> Counted:
    """Native, over rows: torch wants the class axis second where the spec has it last."""
    rows = a.reshape(-1, a.shape[-1])
    flat = y.reshape(-1) if loss.integer_targets() else y.reshape(rows.shape)
    weights = None if loss.class_weights is None else rows.new_tensor(loss.class_weights)
    ignored = -100 if loss.ignore_index is None else loss.ignore_index
    terms = functional.cross_entropy(
        rows, flat, weights, ignore_index=ignored, reduction="none", label_smoothing=loss.label_smoothing
    )
    counts = (flat != ignored).to(rows.dtype) if loss.integer_targets() else torch.ones_like(terms)
    if weights is not None:
        counts = weights[flat * counts.long()] * counts if loss.integer_targets() else (flat * weights).sum(-1)
    return Counted(terms.reshape(a.shape[:-1]), counts.reshape(a.shape[:-1]))


def _kl_divergence(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    log_p = functional.log_softmax(a, dim=-1) if loss.output == "logits" else a
    return functional.kl_div(log_p, y, reduction="none")


ROWS: dict[str, Terms] = {"cross_entropy": _cross_entropy, "kl_divergence": _kl_divergence}
