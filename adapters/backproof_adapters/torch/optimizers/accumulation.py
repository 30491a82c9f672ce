"""Gradients summed over k steps, in `.grad`, where torch itself adds them up.

In a loop of your own: backward k times, divide every `.grad` by k, clip, step, zero_grad.
"""

from collections.abc import Sequence

from torch import Tensor


def accumulate(parameters: Sequence[Tensor], earlier: Sequence[Tensor | None], k: int, step: int) -> bool:
    """Add what earlier steps of this round left to the gradients; at its end make them means and return True."""
    for w, total in zip(parameters, earlier, strict=True):
        if w.grad is not None and total is not None:
            w.grad.add_(total)
    if (step + 1) % k:
        return False
    for w in parameters:
        if w.grad is not None and k > 1:
            w.grad.div_(k)
    return True
