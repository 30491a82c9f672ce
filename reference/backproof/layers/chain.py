"""Layers one after another: the walk forward, and the same walk back. Networks are chains, and so are blocks."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from backproof.fields import Array
from backproof.layers.base import Cache, Layer, Own, Shape

Value = TypeVar("Value")


def named(layers: Sequence[Layer]) -> tuple[Layer, ...]:
    """Return the layers with a name each: those without are named by type and position (`dense1`, `dense2`).

    Raises
    ------
    ValueError
        If two have the same name.
    """
    taken = [layer.name for layer in layers if layer.name]
    if twice := {name for name in taken if taken.count(name) > 1}:
        raise ValueError(f"layer names must be unique, found {', '.join(sorted(twice))} more than once")
    counts: dict[str, int] = {}
    complete = []
    for layer in layers:
        counts[layer.kind] = counts.get(layer.kind, 0) + 1
        if layer.name is None:
            name = f"{layer.kind}{counts[layer.kind]}"
            if name in taken:
                raise ValueError(f"{name} is taken by another layer: name this {layer.kind} layer yourself")
            layer = layer.model_copy(update={"name": name})
        complete.append(layer)
    return tuple(complete)


def links(layers: Sequence[Layer], shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
    """Yield name, layer and input shape of every layer of a chain.

    Raises
    ------
    ValueError
        If a layer cannot take what the one before it returns; the message names it.
    """
    for position, layer in enumerate(layers):
        if position and layer.indices() is not None:
            raise ValueError(f"{layer.name}: expected to come first, since it takes indices")
        yield str(layer.name), layer, shape
        shape = _output_shape(layer, shape)


def output_shape(layers: Sequence[Layer], shape: Shape) -> Shape:
    """Return the shape of the chain's output; the input's, if the chain is empty."""
    for _, layer, given in links(layers, shape):
        shape = _output_shape(layer, given)
    return shape


def _output_shape(layer: Layer, shape: Shape) -> Shape:
    try:
        return layer.output_shape(shape)
    except ValueError as error:
        raise ValueError(f"{layer.name}: {error}") from None


def walk(layers: Sequence[Layer], shape: Shape, prefix: str = "") -> Iterator[tuple[str, Layer, Shape]]:
    """Yield path, layer and input shape of every layer and of all layers within, the outer one first."""
    for name, layer, given in links(layers, shape):
        yield from _within(f"{prefix}{name}", layer, given)


def _within(path: str, layer: Layer, shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
    yield path, layer, shape
    for name, child, given in layer.children(shape):
        yield from _within(f"{path}.{name}", child, given)


def of(own: "dict[str, Value] | Any", name: str) -> dict[str, Value]:
    """Return what belongs to one layer of a chain: everything under its name."""
    return {path[len(name) + 1 :]: value for path, value in own.items() if path.startswith(f"{name}.")}


def under(name: str, own: "dict[str, Value]") -> dict[str, Value]:
    """Return the same under a layer's name: the inverse of `of`."""
    return {f"{name}.{path}": value for path, value in own.items()}


def forward(layers: Sequence[Layer], own: Own, x: Array) -> tuple[Array, Cache]:
    """Return the output of the last layer, and what `backward` needs."""
    outputs, caches = [], []
    for layer in layers:
        x, cache = layer.forward(of(own, str(layer.name)), x)
        outputs.append(x)
        caches.append(cache)
    return x, (outputs, caches)


def new_buffers(layers: Sequence[Layer], own: Own, cache: Cache) -> dict[str, Array]:
    """Return the buffers of all layers after the forward pass."""
    found: dict[str, Array] = {}
    for layer, kept in zip(layers, cache[1], strict=True):
        found |= under(str(layer.name), layer.new_buffers(of(own, str(layer.name)), kept))
    return found


def backward(layers: Sequence[Layer], own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
    """Return the gradient of the input and of every parameter: the walk in reverse."""
    gradients: dict[str, Array] = {}
    for layer, kept in zip(reversed(layers), reversed(cache[1]), strict=True):
        dy, found = layer.backward(of(own, str(layer.name)), kept, dy)
        gradients |= under(str(layer.name), found)
    return dy, gradients


def outputs(layers: Sequence[Layer], cache: Cache) -> dict[str, Array]:
    """Return the outputs of all layers by path, those within a layer before its own."""
    found: dict[str, Array] = {}
    for layer, output, kept in zip(layers, *cache, strict=True):
        found |= under(str(layer.name), layer.inner_outputs(kept))
        found[str(layer.name)] = output
    return found
