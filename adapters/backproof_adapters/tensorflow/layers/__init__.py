"""Layers: one row per type, in a file per family, found by being in this folder."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import numpy as np
import tensorflow as tf

from backproof.discovery import modules
from backproof.fields import Array
from backproof.layers import Layer
from backproof.layers.combinators import Composite as Combinator
from backproof.spec import ModelSpec
from backproof_adapters.base import Layout, gathered, row_for
from backproof_adapters.tensorflow.layers.table import ROWS, natives

ROWS |= gathered(modules(__path__, __name__))


@dataclass
class Network:
    """Keras layers with the places of their parameters and buffers, by canonical names in the spec's order."""

    spec: ModelSpec
    layers: list[Any]
    parameters: dict[str, tuple[Any, Layout]] = field(default_factory=dict)
    buffers: dict[str, tuple[Any, Layout]] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)

    def call(self, x: Any, training: bool) -> tuple[Any, dict[str, Any]]:
        """Return the output, and by path those of all layers."""
        outputs = []
        for layer in self.layers:
            x = layer(x, training=training) if layer._call_has_training_arg else layer(x)
            outputs.append(x)
        return x, dict(_outputs(self.spec.layers, self.layers, outputs))


def build(spec: ModelSpec, dtype: str) -> Network:
    """Return the network."""
    network = Network(spec, natives(spec.layers, tuple(spec.input_shape), dtype))
    network.parts = dict(_parts(spec.layers, network.layers))
    places: dict[str, tuple[Any, str, Layout]] = {}
    for path, layer, shape in spec.walk:
        row = row_for(ROWS, layer, "tensorflow")
        for own, (attribute, layout) in row.parameters.items():
            if own in layer.parameters(shape):
                places[f"{path}.{own}"] = *_holder(network.parts[path], attribute), layout
        for own, (attribute, layout) in row.buffers.items():
            if own in layer.buffers(shape):
                network.buffers[f"{path}.{own}"] = attrgetter(attribute)(network.parts[path]), layout
    for name, alias in spec.aliases.items():
        _share(places[name], places[alias.of], alias.transposed)
    for name in spec.parameters:
        holder, attribute, layout = places[name]
        network.parameters[name] = getattr(holder, attribute), layout
    return network


def _parts(layers: Sequence[Layer], made: Sequence[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and Keras layer of every layer and of all layers within."""
    for layer, native in zip(layers, made, strict=True):
        yield f"{prefix}{layer.name}", native
        if isinstance(layer, Combinator):
            for (name, within), parts in zip(layer.chains().items(), native.parts, strict=True):
                yield from _parts(within, parts, ".".join(filter(None, [f"{prefix}{layer.name}", name])) + ".")


def _outputs(
    layers: Sequence[Layer], made: Sequence[Any], outputs: Sequence[Any], prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Yield path and output of all layers, those within a layer before its own."""
    for layer, native, output in zip(layers, made, outputs, strict=True):
        if isinstance(layer, Combinator):
            for (name, within), parts, own in zip(
                layer.chains().items(), native.parts, native.outputs, strict=True
            ):
                path = ".".join(filter(None, [f"{prefix}{layer.name}", name]))
                yield from _outputs(within, parts, own, f"{path}.")
        yield f"{prefix}{layer.name}", output


def _holder(native: Any, attribute: str) -> tuple[Any, str]:
    """Return the layer that holds the attribute itself, where the row names one within (`query.kernel`)."""
    within, _, last = attribute.rpartition(".")
    return attrgetter(within)(native) if within else native, last


def _share(one: tuple[Any, str, Layout], other: tuple[Any, str, Layout], transposed: bool) -> None:
    """Make one weight another: the same variable where both lie alike, else its permutation at each call."""
    (layer, attribute, layout), (owner, of, own_layout) = one, other
    variable = getattr(owner, of)

    def seen(array: Array) -> Array:
        canonical = own_layout.to_canonical(array)
        return layout.to_native(canonical.T if transposed else canonical)

    entries = np.arange(math.prod(variable.shape)).reshape(variable.shape)
    order = np.ascontiguousarray(seen(entries))
    layer._untrack_variable(getattr(layer, attribute))
    # Past Keras' own __setattr__, which takes no new state once a layer is built.
    place = f"_{attribute}" if isinstance(getattr(type(layer), attribute, None), property) else attribute
    if np.array_equal(order, entries):
        object.__setattr__(layer, place, variable)
        return
    call = layer.call

    def tied(*arguments: Any, **options: Any) -> Any:
        object.__setattr__(layer, place, tf.gather(tf.reshape(variable.value, [-1]), order))
        return call(*arguments, **options)

    object.__setattr__(layer, "call", tied)
