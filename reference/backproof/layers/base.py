"""What a layer is: fields, shapes, parameters, forward and, directly below it, backward."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field

from backproof.fields import Array, Fields
from backproof.initializers import Fan, Initializer

Cache = Any
"""Whatever forward keeps for backward; nobody else looks into it."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Parameter:
    """One array that training changes: its shape, how it starts, and the fan its initializer is told."""

    shape: Shape
    initializer: Initializer
    fan: Fan


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

    def forward(self, parameters: Mapping[str, Array], x: Array) -> tuple[Array, Cache]:
        """Return the output and what `backward` needs."""
        raise NotImplementedError

    def backward(self, parameters: Mapping[str, Array], cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        """Return the gradient of the input and of every parameter, given that of the output."""
        raise NotImplementedError


class Elementwise(Layer):
    """An activation: a = f(z) entry by entry, so that dz = da ⊙ f′(z).

    `derivative` is right everywhere. Most implementations compute it from the rounded activation instead
    (σ′ = a(1 − a)), which loses all its digits where the unit saturates. That common form stands beside the
    right one: it is never used to compute, only to know how far a correct implementation may be off.
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

    def forward(self, parameters: Mapping[str, Array], x: Array) -> tuple[Array, Cache]:
        a = self.value(x)
        return a, (x, a)

    def backward(self, parameters: Mapping[str, Array], cache: Cache, dy: Array) -> tuple[Array, dict[str, Array]]:
        z, a = cache
        return dy * self.derivative(z, a), {}
