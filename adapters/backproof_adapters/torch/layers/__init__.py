"""Layers: one row per type, in a file per family, found by being in this folder.

`build` makes the whole network; `Places` says where each of its parameters and buffers lies.
"""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backproof.discovery import modules
from backproof.fields import Array
from backproof.spec import ModelSpec
from backproof_adapters.base import Layout, gathered, row_for
from backproof_adapters.torch.layers.table import ROWS, sequential

ROWS |= gathered(modules(__path__, __name__))


@dataclass
class Network:
    """A module with the places of its parameters, buffers and layers, by canonical names in the spec's order."""

    module: nn.Sequential
    parameters: dict[str, tuple[nn.Parameter, Layout]] = field(default_factory=dict)
    buffers: dict[str, tuple[Tensor, Layout]] = field(default_factory=dict)
    layers: dict[str, nn.Module] = field(default_factory=dict)


def build(spec: ModelSpec, dtype: torch.dtype) -> Network:
    """Return the network. The layers draw initial values of their own; torch's global generator is put back."""
    with torch.random.fork_rng(devices=[]):
        network = Network(sequential(spec.layers, tuple(spec.input_shape), dtype))
    natives: dict[str, tuple[nn.Module, str, Layout]] = {}
    for path, layer, shape in spec.walk:
        native = network.layers[path] = network.module.get_submodule(path)
        row = row_for(ROWS, layer, "torch")
        for own, (attribute, layout) in row.parameters.items():
            if own in layer.parameters(shape):
                natives[f"{path}.{own}"] = *_holder(native, attribute), layout
        for own, (attribute, layout) in row.buffers.items():
            if own in layer.buffers(shape):
                network.buffers[f"{path}.{own}"] = attrgetter(attribute)(native), layout
    for name, alias in spec.aliases.items():
        _share(natives[name], natives[alias.of], alias.transposed)
    for name in spec.parameters:
        native, attribute, layout = natives[name]
        network.parameters[name] = getattr(native, attribute), layout
    return network


def _holder(module: nn.Module, attribute: str) -> tuple[nn.Module, str]:
    """Return the module that holds the attribute itself, where the row names one within (`query.weight`)."""
    within, _, last = attribute.rpartition(".")
    return module.get_submodule(within), last


def _share(one: tuple[nn.Module, str, Layout], other: tuple[nn.Module, str, Layout], transposed: bool) -> None:
    """Make one parameter another: the same nn.Parameter where both lie alike, else permuted before each call."""
    (module, attribute, layout), (owner, of, own_layout) = one, other
    parameter = getattr(owner, of)

    def seen(array: Array) -> Array:
        canonical = own_layout.to_canonical(array)
        return layout.to_native(canonical.T if transposed else canonical)

    entries = np.arange(parameter.numel()).reshape(parameter.shape)
    if np.array_equal(seen(entries), entries):
        setattr(module, attribute, parameter)
        return
    order = torch.from_numpy(np.ascontiguousarray(seen(entries)))
    del module._parameters[attribute]
    module.__dict__["shared_with"] = owner  # no submodule, and that of the copy in a copied network

    def tie(tied: nn.Module, *_: Any) -> None:
        setattr(tied, attribute, getattr(tied.__dict__["shared_with"], of).reshape(-1)[order])

    module.register_forward_pre_hook(tie)
