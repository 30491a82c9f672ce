"""Channels last outside, as everywhere in a spec; second within, as torch's layers want them."""

from torch import Tensor, nn


class ChannelsLast(nn.Module):
    """A module that takes (B, C, ...) as one that takes (B, ..., C); its parameters are at `native`."""

    def __init__(self, native: nn.Module) -> None:
        super().__init__()
        self.native = native

    def forward(self, x: Tensor) -> Tensor:
        """Return what the module returns, channels last."""
        y: Tensor = self.native(x.movedim(-1, 1))
        return y.movedim(1, -1)
