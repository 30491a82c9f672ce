"""ModelSpec: the one description that every implementation is built from."""

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, ValidationError, field_validator, model_validator

from backproof.errors import BadInput, DataError, SpecError
from backproof.explain import explain
from backproof.fields import Array, Fields, Shape
from backproof.initializers import generator
from backproof.layers import AnyLayer, Parameter
from backproof.losses import AnyLoss
from backproof.optimizers import AnyOptimizer

MAX_LAYERS = 10_000
MAX_PARAMETERS = 2**30


class ModelSpec(Fields):
    """A network, its loss and its optimizer, with nothing left to a framework's defaults.

    `input_shape` is the shape of one observation. Layers without a name are named by type and position
    (`dense1`, `sigmoid1`, `dense2`), so that every parameter has a canonical name: `dense1.weight`.
    Initial values are drawn in the order of the layers from `generator` seeded with `seed`; `mt19937` is the
    stream of `numpy.random.seed`, which older scripts use.
    """

    name: Annotated[str, Field(max_length=200)] = "network"
    input_shape: Shape
    layers: Annotated[tuple[AnyLayer, ...], Field(min_length=1, max_length=MAX_LAYERS, strict=False)]
    loss: AnyLoss
    optimizer: AnyOptimizer
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    generator: Literal["pcg64", "mt19937"] = "pcg64"

    @field_validator("layers")
    @classmethod
    def _named(cls, layers: tuple[AnyLayer, ...]) -> tuple[AnyLayer, ...]:
        taken = [layer.name for layer in layers if layer.name]
        if twice := {name for name in taken if taken.count(name) > 1}:
            raise ValueError(f"layer names must be unique, found {', '.join(sorted(twice))} more than once")
        counts: dict[str, int] = {}
        named = []
        for layer in layers:
            kind = str(type(layer).model_fields["type"].default)
            counts[kind] = counts.get(kind, 0) + 1
            if layer.name is None:
                name = f"{kind}{counts[kind]}"
                if name in taken:
                    raise ValueError(f"{name} is taken by another layer: name this {kind} layer yourself")
                layer = layer.model_copy(update={"name": name})
            named.append(layer)
        return tuple(named)

    @model_validator(mode="after")
    def _possible(self) -> "ModelSpec":
        shape = self.input_shape
        total = 0
        for position, layer in enumerate(self.layers):
            try:
                output = layer.output_shape(shape)
            except ValueError as error:
                raise ValueError(f"layers[{position}] ({layer.name}): {error}") from None
            total += sum(math.prod(p.shape) for p in layer.parameters(shape).values())
            if total > MAX_PARAMETERS:
                raise ValueError(
                    f"layers[{position}] ({layer.name}): expected at most {MAX_PARAMETERS:,} parameters in all, "
                    f"found {total:,}"
                )
            shape = output
        try:
            self.loss.check_output(shape)
        except SpecError as error:
            raise ValueError(str(error)) from None
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> "ModelSpec":
        """Return a spec with some fields replaced, validated like any other."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(fields | dict(update or {})))

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of the input and of every layer's output, without the batch axis."""
        shapes = [tuple(self.input_shape)]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return tuple(shapes)

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """The names of the layers, in order."""
        return tuple(str(layer.name) for layer in self.layers)

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter by canonical name, in the order of calculation."""
        return {
            f"{layer.name}.{own}": parameter
            for layer, shape in zip(self.layers, self.shapes, strict=False)
            for own, parameter in layer.parameters(shape).items()
        }

    @cached_property
    def own_names(self) -> tuple[dict[str, str], ...]:
        """For every layer, the canonical names of its parameters by their short names."""
        return tuple(
            {own: f"{layer.name}.{own}" for own in layer.parameters(shape)}
            for layer, shape in zip(self.layers, self.shapes, strict=False)
        )

    def initial_parameters(self, dtype: Any = np.float64) -> dict[str, Array]:
        """Draw the initial parameters in float64 and return them in `dtype`."""
        rng = generator(self.generator, self.seed)
        return {
            name: parameter.initializer.draw(parameter.shape, parameter.fan, rng).astype(dtype)
            for name, parameter in self.parameters.items()
        }

    def random_batch(self, size: int = 8, seed: int = 0) -> tuple[Array, Array]:
        """Draw inputs from N(0, 1) and targets that the loss is defined for, in float64 (or int64 classes)."""
        rng = np.random.default_rng([self.seed, seed])
        x = rng.normal(size=(size, *self.input_shape))
        output = (size, *self.shapes[-1])
        return x, self.loss.random_targets(output, rng)

    def check_batch(self, x: Any, y: Any) -> tuple[Array, Array]:
        """Return the batch as arrays (float64, or int64 for class indices).

        Raises
        ------
        DataError
            If the batch is empty, has another shape or kind of number than the spec says, is not finite, or has
            targets outside what the loss is defined for.
        """
        x = _floats("x", x)
        _fits("x", x, ("B", *self.input_shape))
        if x.shape[0] == 0:
            raise DataError("x: expected at least one observation, found an empty batch")
        output = (x.shape[0], *self.shapes[-1])
        y = _integers("y", y) if self.loss.integer_targets() else _floats("y", y)
        _fits("y", y, self.loss.target_shape(output))
        self.loss.check_targets(y, output)
        return x, y

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


def parse(data: str | bytes, source: str = "spec") -> ModelSpec:
    """Return the spec that a JSON text describes.

    Raises
    ------
    SpecError
        Listing every field that is wrong, with what was found and what was expected.
    """
    try:
        return ModelSpec.model_validate_json(data)
    except ValidationError as error:
        raise SpecError(f"{source}: {explain(error, data)}") from None


def _floats(place: str, values: Any) -> Array:
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError(f"{place}: expected a rectangular array of numbers, found ragged rows") from None
    if array.dtype.kind not in "fiu":
        raise DataError(f"{place}: expected real numbers, found dtype {array.dtype}")
    array = array.astype(np.float64)
    if not np.all(np.isfinite(array)):
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise DataError(f"{place}{list(where)}: expected a finite number, found {array[where]}")
    return array


def _integers(place: str, values: Any) -> Array:
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError(f"{place}: expected a rectangular array of class indices, found ragged rows") from None
    if array.dtype.kind not in "iu":
        raise DataError(f"{place}: expected integer class indices, found dtype {array.dtype}")
    return array.astype(np.int64)


def _fits(place: str, array: Array, expected: tuple[Any, ...]) -> None:
    fits = array.ndim == len(expected) and all(
        want == "B" or want == have for want, have in zip(expected, array.shape, strict=True)
    )
    if not fits:
        wanted = "(" + ", ".join(str(n) for n in expected) + ("," if len(expected) == 1 else "") + ")"
        raise DataError(f"{place}: expected shape {wanted}, found {array.shape}")


__all__ = ["MAX_LAYERS", "MAX_PARAMETERS", "BadInput", "ModelSpec", "explain", "parse"]
