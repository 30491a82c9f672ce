"""The table of layers: each type's row says how to build its nn.Module and where its parameters lie."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from backproof.layers.base import Shape
from backproof.spec import ModelSpec
from backproof_adapters.base import AS_IS, TRANSPOSED, Layout, Row, row_for

Build = Callable[[Any, Shape, torch.dtype], nn.Module]
"""The layer's fields, the shape of one input (batch axis left out) and the dtype, to the module."""

Places = dict[str, tuple[nn.Parameter, Layout]]
"""Where each parameter lies and how, by its canonical name, in the spec's order."""


class HardSigmoid(nn.Module):
    """min(max(z + 3, 0), 6) / 6; slope 1/6 strictly inside (−3, 3), 0 elsewhere.

    Not nn.Hardsigmoid: its backward multiplies by a float32 1/6 even in float64, off by 3e-8.
    """

    def forward(self, z: Tensor) -> Tensor:
        """Return the activation, entry by entry."""
        return (functional.hardtanh(z, -3.0, 3.0) + 3.0) / 6.0


class CELU(nn.Module):
    """z for z > 0, else α(e^(z/α) − 1); slope 1, else e^(z/α).

    Not nn.CELU unless α is 1: its backward rounds α to float32, off by 4e-8 in float64. This is the same
    operator, aten::elu, with an exact input scale; nn.ELU does not pass that scale on.
    """

    def __init__(self, alpha: float) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, z: Tensor) -> Tensor:
        """Return the activation, entry by entry."""
        activation: Tensor = torch.ops.aten.elu(z, self.alpha, 1.0, 1.0 / self.alpha)
        return activation

    def extra_repr(self) -> str:
        """Return what repr shows between the parentheses."""
        return f"alpha={self.alpha}"


def _dense(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    return nn.Linear(shape[-1], layer.units, layer.bias, device="cpu", dtype=dtype)


def _softplus(layer: Any, shape: Shape, dtype: torch.dtype) -> nn.Module:
    # Above the threshold torch returns z itself. At the default of 20 that is off by 1e-10 of the value in
    # float64; at 40 the neglected e^−40 is below half a unit in the last place, and e^40 still fits float32.
    return nn.Softplus(threshold=40.0)


ROWS: dict[str, Row[Build]] = {
    "dense": Row(_dense, {"weight": ("weight", TRANSPOSED), "bias": ("bias", AS_IS)}),
    "sigmoid": Row(lambda layer, shape, dtype: nn.Sigmoid()),
    "hard_sigmoid": Row(lambda layer, shape, dtype: HardSigmoid()),
    "tanh": Row(lambda layer, shape, dtype: nn.Tanh()),
    "relu": Row(lambda layer, shape, dtype: nn.ReLU()),
    "leaky_relu": Row(lambda layer, shape, dtype: nn.LeakyReLU(layer.negative_slope)),
    "elu": Row(lambda layer, shape, dtype: nn.ELU(layer.alpha)),
    "selu": Row(lambda layer, shape, dtype: nn.SELU()),
    "celu": Row(lambda layer, shape, dtype: nn.CELU() if layer.alpha == 1.0 else CELU(layer.alpha)),
    "gelu": Row(lambda layer, shape, dtype: nn.GELU(layer.approximate)),
    "silu": Row(lambda layer, shape, dtype: nn.SiLU()),
    "softplus": Row(_softplus),
    "softmax": Row(lambda layer, shape, dtype: nn.Softmax(dim=-1)),
    "log_softmax": Row(lambda layer, shape, dtype: nn.LogSoftmax(dim=-1)),
}


def build(spec: ModelSpec, dtype: torch.dtype) -> tuple[nn.Sequential, Places]:
    """Return the network and its parameters' places.

    The layers draw initial values of their own; torch's global generator is put back to where it was.
    """
    network = nn.Sequential()
    parameters: Places = {}
    with torch.random.fork_rng(devices=[]):
        for layer, name, shape in zip(spec.layers, spec.layer_names, spec.shapes[:-1], strict=True):
            row = row_for(ROWS, layer, "torch")
            module = row.build(layer, shape, dtype)
            # Not add_module: it refuses names like "type" that are also attributes of every module.
            network._modules[name] = module
            for own in layer.parameters(shape):
                attribute, layout = row.parameters[own]
                parameters[f"{name}.{own}"] = (getattr(module, attribute), layout)
    return network, parameters
