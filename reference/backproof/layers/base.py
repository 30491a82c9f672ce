"""What a layer is: fields, shapes, parameters, forward and, directly below it, backward."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from backproof.fields import Array, Fields
from backproof.initializers import Fan, Initializer

Cache = Any
"""Whatever forward keeps for backward; nobody else looks into it."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
Shape = tuple[int, ...]
Own = Mapping[str, Array]
"""What belongs to a layer, by short name: its parameters, its buffers, and its side inputs of this step."""


@dataclass(frozen=True)
class Parameter:
    """One array that training changes: its shape, how it starts, and the fan its initializer is told.

    `constant_rows` get a gradient of 0 by definition, though the output depends on them: those of padding.
    """

    shape: Shape
    initializer: Initializer
    fan: Fan
    constant_rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Buffer:
    """One array that training's forward pass changes and no gradient reaches: its shape and first value."""

    shape: Shape
    initial: float


@dataclass(frozen=True)
class SideInput:
    """One array that a layer is fed at every step beside its input: a mask, lengths, noise.

    `shape` leaves out the batch axis. `draw` makes it, batch axis included, where nobody gives it; integers if it
    returns integers. Given values must lie in [low, high].
    """

    shape: Shape
    draw: Callable[[np.random.Generator, Shape], Array]
    low: float = -np.inf
    high: float = np.inf


class Layer(Fields):
    """One step of the forward walk, and its way back.

    A subclass states `type` as a literal and is found by its file's being in this folder: nothing else to
    register. Shapes leave out the batch axis; arrays have it first.
    """

    name: Name | None = None

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape of one output for the shape of one input.

        Raises
        ------
        ValueError
            If the layer cannot take such an input.
        """
        return shape

    def parameters(self, shape: Shape) -> dict[str, Parameter]:
        """Return the parameters by name, in the order in which they are drawn."""
        return {}

    def buffers(self, shape: Shape) -> dict[str, Buffer]:
        """Return the buffers by name."""
        return {}

    def side_inputs(self, shape: Shape) -> dict[str, SideInput]:
        """Return by name what the layer is fed at every step besides its input."""
        return {}

    def indices(self) -> int | None:
        """Return n where the input is indices from 0 to n − 1, not numbers: only a first layer can take those."""
        return None

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        """Return the output and what `backward` needs."""
        raise NotImplementedError

    def new_buffers(self, own: Own, cache: Cache) -> dict[str, Array]:
        """Return the buffers after a training step's forward pass."""
        return {}

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        """Return the gradient of the input and of every parameter, given that of the output.

        `own` holds the parameters; whatever else is needed, the cache has. The gradient of indices is 0.
        """
        raise NotImplementedError

    def inference(self) -> "Layer":
        """Return the layer as it is when the network is used, not trained."""
        return self

    def common(self) -> "Layer":
        """Return the layer as most implementations compute it, where that is less exact than the layer itself.

        It is never used to compute, only to know how far a correct implementation may be off.
        """
        return self

    def children(self, shape: Shape) -> Iterator[tuple[str, "Layer", Shape]]:
        """Yield name, layer and input shape of every layer directly within this one."""
        yield from ()

    def inner_outputs(self, cache: Cache) -> dict[str, Array]:
        """Return the outputs of all layers within, by path, in the order of calculation."""
        return {}

    def replace(self, change: Callable[["Layer"], "Layer"]) -> "Layer":
        """Return `change` of this layer, after the same has been done to all layers within."""
        return change(self)


class Elementwise(Layer):
    """An activation: a = f(z) entry by entry, so that dz = da ⊙ f′(z).

    `derivative` is right everywhere. Most implementations compute it from the rounded activation instead
    (σ′ = a(1 − a)), which loses all its digits where the unit saturates. That common form stands beside the
    right one; see `Layer.common`.
    """

    saturates: ClassVar[str] = ""
    """Where the common form fails, in words; empty where it does not."""

    def value(self, z: Array) -> Array:
        """Return f(z)."""
        raise NotImplementedError

    def derivative(self, z: Array, a: Array) -> Array:
        """Return f′(z); a = f(z) is at hand."""
        raise NotImplementedError

    def common_value(self, z: Array) -> Array:
        """Return f(z) as most implementations compute it."""
        return self.value(z)

    def common_derivative(self, z: Array, a: Array) -> Array:
        """Return f′(z) as most implementations compute it."""
        return self.derivative(z, a)

    def common(self) -> Layer:
        if type(self).common_derivative is Elementwise.common_derivative:
            return self
        return _InCommonForm(of=self, name=self.name)

    def forward(self, own: Own, x: Array) -> tuple[Array, Cache]:
        a = self.value(x)
        return a, (x, a)

    def backward(self, own: Own, cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        z, a = cache
        return dy * self.derivative(z, a), {}


class _InCommonForm(Elementwise):
    """An activation computed as most implementations do."""

    of: Elementwise

    def value(self, z: Array) -> Array:
        return self.of.common_value(z)

    def derivative(self, z: Array, a: Array) -> Array:
        return self.of.common_derivative(z, a)
