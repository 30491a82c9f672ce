"""Clipping, on the `.grad` of the parameters, before the optimizer steps."""

from collections.abc import Sequence

import torch
from torch import Tensor

from backproof.clipping import Clip

TORCH_EPSILON = 1e-6
"""What clip_grad_norm_ adds to the norm; it cannot be told otherwise."""


@torch.no_grad()
def clip_gradients(clip: Clip | None, parameters: Sequence[Tensor]) -> None:
    """Clip `.grad` in place: natively, except for norms with another ε than torch's own."""
    clipped = [w for w in parameters if w.grad is not None]
    if clip is None or not clipped:
        return
    if clip.type == "value":
        torch.nn.utils.clip_grad_value_(clipped, clip.limit)
        return
    for group in [clipped] if clip.scope == "global" else [[w] for w in clipped]:
        if clip.epsilon == TORCH_EPSILON:
            torch.nn.utils.clip_grad_norm_(group, clip.limit)
            continue
        gradients = [w.grad for w in group if w.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(g) for g in gradients]))
        for g in gradients:
            g.mul_(clip.limit / (norm + clip.epsilon).clamp(min=clip.limit))
