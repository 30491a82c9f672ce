"""Cross-entropy over classes."""

from typing import Any

from torch import Tensor
from torch.nn import functional

from backproof_adapters.torch.losses.terms import Terms


def _cross_entropy(loss: Any, a: Tensor, y: Tensor) -> Tensor:
    """Native, over rows: torch wants the class axis second where the spec has it last."""
    rows = a.reshape(-1, a.shape[-1])
    flat = y.reshape(-1) if loss.integer_targets() else y.reshape(rows.shape)
    terms = functional.cross_entropy(rows, flat, reduction="none", label_smoothing=loss.label_smoothing)
    return terms.reshape(a.shape[:-1])


ROWS: dict[str, Terms] = {"cross_entropy": _cross_entropy}
