"""Combinators: networks that are no chain are built from these, so that the way back stays a walk.

Each is a layer made of chains that all see its input. A sum hands the same gradient to everyone who added; a
concatenation hands everyone his share; an input that several used gets the sum of their gradients.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import Field, field_validator

from backproof.fields import Array
from backproof.layers import chain
from backproof.layers.base import Buffer, Cache, Layer, Own, Parameter, Shape, SideInput

if TYPE_CHECKING:
    AnyLayer = Layer

Layers = Annotated[tuple["AnyLayer", ...], Field(strict=False)]
Value = TypeVar("Value")


class Composite(Layer):
    """A layer made of chains. What belongs to it is what belongs to its children, under their names."""

    def chains(self) -> dict[str, tuple[Layer, ...]]:
        """Return the chains by name; the name of a layer within is `chain.layer`, or `layer` for the chain ''."""
        raise NotImplementedError

    def combine(self, outputs: list[Array]) -> Array:
        """Return the output, from those of the chains."""
        raise NotImplementedError

    def split(self, outputs: list[Array], dy: Array) -> list[Array]:
        """Return the gradient of each chain's output."""
        raise NotImplementedError

    def children(self, shape: Shape) -> Iterator[tuple[str, Layer, Shape]]:
        for name, layers in self.chains().items():
            for own, layer, given in chain.links(layers, shape):
                yield _joined(name, own), layer, given

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        return _merged([chain.under(name, layer.parameters(given)) for name, layer, given in self.children(shape)])

    def buffers(self, shape: Shape) -> dict[str, Buffer]:
        return _merged([chain.under(name, layer.buffers(given)) for name, layer, given in self.children(shape)])

    def side_inputs(self, shape: Shape) -> dict[str, SideInput]:
        return _merged(
            [chain.under(name, layer.side_inputs(given)) for name, layer, given in self.children(shape)]
        )

    def indices(self) -> int | None:
        bounds = {layers[0].indices() if layers else None for layers in self.chains().values()}
        if len(bounds) > 1:
            raise ValueError("expected all branches to take numbers, or all the same indices")
        return bounds.pop()

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        found = {name: chain.forward(layers, _of(own, name), x) for name, layers in self.chains().items()}
        outputs, caches = [y for y, _ in found.values()], {name: cache for name, (_, cache) in found.items()}
        return self.combine(outputs), (outputs, caches)

    def new_buffers(self, own: Own, cache: Cache) -> dict[str, Array]:
        return _merged(
            [
                _under(name, chain.new_buffers(layers, _of(own, name), cache[1][name]))
                for name, layers in self.chains().items()
            ]
        )

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        outputs, caches = cache
        found = [
            (name, *chain.backward(layers, _of(own, name), caches[name], share))
            for (name, layers), share in zip(self.chains().items(), self.split(outputs, dy), strict=True)
        ]
        dx = found[0][1]
        for _, other, _ in found[1:]:
            dx = dx + other
        return dx, _merged([_under(name, gradients) for name, _, gradients in found])

    def inner_outputs(self, cache: Cache) -> dict[str, Array]:
        return _merged(
            [_under(name, chain.outputs(layers, cache[1][name])) for name, layers in self.chains().items()]
        )

    def inference(self) -> Layer:
        return self.replace(lambda layer: layer if isinstance(layer, Composite) else layer.inference())


class Sequence(Composite):
    """A chain as one layer: a block with a name."""

    type: Literal["sequence"] = "sequence"
    layers: Layers

    @field_validator("layers")
    @classmethod
    def _named(cls, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        return chain.named(layers)

    def chains(self) -> dict[str, tuple[Layer, ...]]:
        return {"": self.layers}

    def output_shape(self, shape: Shape) -> Shape:
        return chain.output_shape(self.layers, shape)

    def combine(self, outputs: list[Array]) -> Array:
        return outputs[0]

    def split(self, outputs: list[Array], dy: Array) -> list[Array]:
        return [dy]

    def replace(self, change: Callable[[Layer], Layer]) -> Layer:
        return change(self.model_copy(update={"layers": tuple(layer.replace(change) for layer in self.layers)}))


class Residual(Sequence):
    """y = x + f(x), with f a chain of layers; dx = dy + the gradient through f (He et al. 2016)."""

    type: Literal["residual"] = "residual"  # type: ignore[assignment]

    def output_shape(self, shape: Shape) -> Shape:
        if (output := super().output_shape(shape)) != shape:
            raise ValueError(f"expected the layers within to keep the shape {shape}, found {output}")
        return shape

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        y, cache = super().forward(own, x)
        return x + y, cache

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        dx, gradients = super().backward(own, cache, dy)
        return dy + dx, gradients


class Parallel(Composite):
    """Several chains beside each other, each fed the same x; their outputs are added, or joined on the last axis.

    An empty branch passes x on. Layers are named by branch: `parallel1.0.dense1`.
    """

    type: Literal["parallel"] = "parallel"
    branches: Annotated[tuple[Layers, ...], Field(min_length=1, strict=False)]
    combination: Literal["add", "concatenate"] = "add"

    @field_validator("branches")
    @classmethod
    def _named(cls, branches: tuple[tuple[Layer, ...], ...]) -> tuple[tuple[Layer, ...], ...]:
        return tuple(chain.named(layers) for layers in branches)

    def chains(self) -> dict[str, tuple[Layer, ...]]:
        return {str(position): layers for position, layers in enumerate(self.branches)}

    def output_shape(self, shape: Shape) -> Shape:
        shapes = []
        for position, layers in enumerate(self.branches):
            try:
                shapes.append(chain.output_shape(layers, shape))
            except ValueError as error:
                raise ValueError(f"branches[{position}]: {error}") from None
        kept = shapes if self.combination == "add" else [s[:-1] for s in shapes]
        if len(set(kept)) > 1 or not (self.combination == "add" or all(shapes)):
            what = "one shape" if self.combination == "add" else "shapes that differ in the last axis only"
            raise ValueError(f"expected branches of {what}, found {', '.join(map(str, shapes))}")
        return shapes[0] if self.combination == "add" else (*shapes[0][:-1], sum(s[-1] for s in shapes))

    def combine(self, outputs: list[Array]) -> Array:
        if self.combination == "concatenate":
            return np.concatenate(outputs, axis=-1)
        total = outputs[0]
        for other in outputs[1:]:
            total = total + other
        return total

    def split(self, outputs: list[Array], dy: Array) -> list[Array]:
        if self.combination == "add":
            return [dy] * len(outputs)
        ends = np.cumsum([y.shape[-1] for y in outputs])
        return [dy[..., end - y.shape[-1] : end] for y, end in zip(outputs, ends, strict=True)]

    def replace(self, change: Callable[[Layer], Layer]) -> Layer:
        branches = tuple(tuple(layer.replace(change) for layer in layers) for layers in self.branches)
        return change(self.model_copy(update={"branches": branches}))


def _joined(name: str, layer: str) -> str:
    return f"{name}.{layer}" if name else layer


def _of(own: Any, name: str) -> Any:
    return chain.of(own, name) if name else own


def _under(name: str, own: dict[str, Value]) -> dict[str, Value]:
    return chain.under(name, own) if name else own


def _merged(parts: list[dict[str, Value]]) -> dict[str, Value]:
    return {name: value for part in parts for name, value in part.items()}
