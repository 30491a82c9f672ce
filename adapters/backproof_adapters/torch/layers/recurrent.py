"""Recurrent layers: nn.RNN, nn.LSTM and nn.GRU, and by hand the GRU whose reset gate comes before the product."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import rnn as sequences

from backproof.layers import Shape
from backproof_adapters.base import AS_IS, TRANSPOSED, Layout, Row
from backproof_adapters.torch.layers.table import Build


class Recurrent(nn.Module):
    """A native recurrent module, `rnn`, of which the output or the last state is wanted.

    The last state is what the module returns beside its output: that of each direction, after as many steps as
    `lengths` says, where that was set before the call.
    """

    lengths: Tensor | None = None

    def __init__(self, rnn: nn.RNNBase, return_sequences: bool) -> None:
        super().__init__()
        self.rnn = rnn
        self.return_sequences = return_sequences

    def forward(self, x: Tensor) -> Tensor:
        """Return all steps' hidden states, (B, T, H), or the last ones, (B, H); x is (B, T, F)."""
        if self.lengths is None:
            output, state = self.rnn(x)
        else:
            packed = sequences.pack_padded_sequence(x, self.lengths, batch_first=True, enforce_sorted=False)
            output, state = self.rnn(packed)
            output, _ = sequences.pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
        last = state[0] if isinstance(self.rnn, nn.LSTM) else state
        return output if self.return_sequences else torch.cat(tuple(last), dim=-1)

    def extra_repr(self) -> str:
        """Return what repr shows between the parentheses."""
        return f"return_sequences={self.return_sequences}"


class ResetBefore(Recurrent):
    """The same with the parameters of an nn.GRU, which itself multiplies by the reset gate after the product."""

    def forward(self, x: Tensor) -> Tensor:
        """Return all steps' hidden states, or the last ones."""
        lengths = x.new_full((len(x),), x.shape[1]) if self.lengths is None else self.lengths
        within = torch.arange(x.shape[1]) < lengths[:, None]
        outputs = [self._walk(x, within, "")]
        if self.rnn.bidirectional:
            output = self._walk(x.flip(1), within.flip(1), "_reverse")
            outputs.append(output.flip(1) if self.return_sequences else output)
        return torch.cat(outputs, dim=-1)

    def _walk(self, x: Tensor, within: Tensor, suffix: str) -> Tensor:
        W, U = (getattr(self.rnn, f"{name}_l0{suffix}") for name in ("weight_ih", "weight_hh"))
        b, s = (getattr(self.rnn, f"{name}_l0{suffix}", W.new_zeros(len(W))) for name in ("bias_ih", "bias_hh"))
        H = self.rnn.hidden_size
        h, outputs = x.new_zeros(len(x), H), []
        for x_t, has in zip(x.unbind(1), within.T[:, :, None], strict=True):
            a_r, a_z, a_n = functional.linear(x_t, W, b).chunk(3, dim=-1)
            s_r, s_z = functional.linear(h, U[: 2 * H], s[: 2 * H]).chunk(2, dim=-1)
            r, z = torch.sigmoid(a_r + s_r), torch.sigmoid(a_z + s_z)
            n = torch.tanh(a_n + functional.linear(r * h, U[2 * H :], s[2 * H :]))
            h = torch.where(has, (1.0 - z) * n + z * h, h)
            outputs.append(torch.where(has, h, 0.0))
        return torch.stack(outputs, dim=1) if self.return_sequences else h


_BIASES = {"bias": "bias_ih", "recurrent_bias": "bias_hh"}


def _native(kind: Any, layer: Any, shape: Shape, dtype: torch.dtype, **options: Any) -> Any:
    """Return the native module. It has two biases or none: one that the spec has not is 0 and never updated."""
    some = layer.bias or layer.recurrent_bias
    rnn = kind(
        shape[-1],
        layer.units,
        bias=some,
        batch_first=True,
        bidirectional=layer.bidirectional,
        device="cpu",
        dtype=dtype,
        **options,
    )
    for own, native in _BIASES.items():
        for name, parameter in rnn.named_parameters():
            if name.startswith(native) and not getattr(layer, own):
                nn.init.zeros_(parameter).requires_grad_(False)
    return rnn


def _simple_rnn(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Recurrent(_native(nn.RNN, layer, shape, dtype, nonlinearity=layer.activation), layer.return_sequences)


def _lstm(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return Recurrent(_native(nn.LSTM, layer, shape, dtype), layer.return_sequences)


def _gru(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    kind = Recurrent if layer.reset_after else ResetBefore
    return kind(_native(nn.GRU, layer, shape, dtype), layer.return_sequences)


def _parameters() -> Mapping[str, tuple[str, Layout]]:
    own = {"weight": ("weight_ih", TRANSPOSED), "recurrent_weight": ("weight_hh", TRANSPOSED)}
    own |= {name: (native, AS_IS) for name, native in _BIASES.items()}
    directions = {"": "", "forward.": "", "backward.": "_reverse"}
    return {
        f"{direction}{name}": (f"rnn.{native}_l0{suffix}", layout)
        for direction, suffix in directions.items()
        for name, (native, layout) in own.items()
    }


ROWS: dict[str, Row[Build]] = {
    "simple_rnn": Row(_simple_rnn, _parameters()),
    "lstm": Row(_lstm, _parameters()),
    "gru": Row(_gru, _parameters()),
}
