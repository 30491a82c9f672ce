"""Channels last outside, as everywhere in a spec; second within, as torch's layers want them."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


class ChannelsLast(nn.Module):
    """A module that takes (B, C, ...) as one that takes (B, ..., C); its parameters are at `native`.

    It is given a copy in torch's usual order of memory: of a permuted float32 tensor of one channel, torch 2.13
    (by oneDNN, on a CPU) returns a wrong convolution where columns have a stride, and only one comes out.
    """

    def __init__(self, native: nn.Module) -> None:
        super().__init__()
        self.native = native

    def forward(self, x: Tensor) -> Tensor:
        """Return what the module returns, channels last."""
        y: Tensor = self.native(x.movedim(-1, 1).clone(memory_format=torch.contiguous_format))
        return y.movedim(1, -1)


def padded(x: Tensor, pairs: Sequence[tuple[int, int]], fill: float = 0.0) -> Tensor:
    """Return x with (before, after) zeros on each axis between batch and channels; less than 0 cuts off."""
    # functional.pad counts axes from the last one.
    return functional.pad(x, [0, 0, *(amount for pair in reversed(pairs) for amount in pair)], value=fill)
