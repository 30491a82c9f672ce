"""ModelSpec: the one description that every implementation is built from."""

import math
import zlib
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field, ValidationError, field_validator, model_validator

from backproof.errors import BadInput, DataError, SpecError
from backproof.explain import explain
from backproof.fields import Array, Fields, Shape
from backproof.initializers import generator
from backproof.layers import AnyLayer, Buffer, Layer, Parameter, SideInput, chain
from backproof.losses import AnyLoss
from backproof.optimizers import AnyOptimizer

MAX_LAYERS = 10_000
MAX_PARAMETERS = 2**30


class Batch(NamedTuple):
    """What one training step sees: inputs, targets, and the side inputs of layers by canonical name."""

    x: Array
    y: Array
    side: Mapping[str, Array] = {}

    def astype(self, dtype: Any) -> "Batch":
        """Return the batch with its numbers in `dtype`; indices stay integers."""
        return Batch(
            _cast(self.x, dtype), _cast(self.y, dtype), {n: _cast(a, dtype) for n, a in self.side.items()}
        )


def _cast(array: Array, dtype: Any) -> Array:
    return array if array.dtype.kind in "iu" else array.astype(dtype)


class Shared(Fields):
    """Two parameters that are one: `parameter` is `of`, or its transpose. Their gradients add.

    Either may be the path of a layer, which stands for all its parameters. Tied embeddings (Press & Wolf 2017)
    are `{parameter: head.weight, of: embedding.weight, transposed: true}`.
    """

    parameter: str
    of: str
    transposed: bool = False


class ModelSpec(Fields):
    """A network, its loss and its optimizer, with nothing left to a framework's defaults.

    `input_shape` is the shape of one observation. Layers without a name are named by type and position
    (`dense1`, `sigmoid1`, `dense2`), so that every parameter has a canonical name: `dense1.weight`, and within
    a block `residual1.dense1.weight`. Initial values are drawn in the order of the layers from `generator` seeded
    with `seed`; `mt19937` is the stream of `numpy.random.seed`, which older scripts use. Side inputs (masks,
    noise) that are not given are drawn from `seed` and the number of the step.
    """

    name: Annotated[str, Field(max_length=200)] = "network"
    input_shape: Shape
    layers: Annotated[tuple[AnyLayer, ...], Field(min_length=1, max_length=MAX_LAYERS, strict=False)]
    shared: Annotated[tuple[Shared, ...], Field(strict=False)] = ()
    loss: AnyLoss
    optimizer: AnyOptimizer
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    generator: Literal["pcg64", "mt19937"] = "pcg64"

    @field_validator("layers")
    @classmethod
    def _named(cls, layers: tuple[AnyLayer, ...]) -> tuple[AnyLayer, ...]:
        return chain.named(layers)

    @model_validator(mode="after")
    def _possible(self) -> "ModelSpec":
        shape = tuple(self.input_shape)
        total = 0
        for position, layer in enumerate(self.layers):
            try:
                if position and layer.indices() is not None:
                    raise ValueError("expected to come first, since it takes indices")
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
        _ = self.aliases  # raises where parameters cannot be shared
        self.optimizer.check_groups(self.parameters)
        try:
            self.loss.check_output(shape)
        except SpecError as error:
            raise ValueError(str(error)) from None
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> "ModelSpec":
        """Return a spec with some fields replaced, validated like any other."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**(fields | dict(update or {})))

    def __getstate__(self) -> dict[Any, Any]:
        """Return the fields; what follows from them (functions among it) is derived anew after unpickling."""
        state = super().__getstate__()
        return state | {"__dict__": {name: state["__dict__"][name] for name in type(self).model_fields}}

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of the input and of every layer's output, without the batch axis."""
        shapes = [tuple(self.input_shape)]
        for layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return tuple(shapes)

    @cached_property
    def walk(self) -> tuple[tuple[str, Layer, tuple[int, ...]], ...]:
        """Path, layer and input shape of every layer and of all layers within, the outer one first."""
        return tuple(chain.walk(self.layers, tuple(self.input_shape)))

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """The names of the layers, in order."""
        return tuple(str(layer.name) for layer in self.layers)

    @cached_property
    def aliases(self) -> dict[str, Shared]:
        """Every parameter that is another one, by its own canonical name; `of` is that of a parameter here."""
        declared = self._declared("parameters")
        aliases: dict[str, Shared] = {}
        for position, shared in enumerate(self.shared):
            where = f"shared[{position}]"
            names = [n for n in declared if n == shared.parameter or n.startswith(f"{shared.parameter}.")]
            if not names:
                raise ValueError(f"{where}.parameter: expected a parameter or a layer, found {shared.parameter}")
            for name in names:
                of = shared.of + name[len(shared.parameter) :]
                if of not in declared or of in aliases or of == name or name in aliases:
                    raise ValueError(f"{where}.of: expected another parameter, not shared itself, found {of}")
                shape = declared[of].shape[::-1] if shared.transposed else declared[of].shape
                if declared[name].shape != shape:
                    raise ValueError(f"{where}: expected {name} of shape {shape}, found {declared[name].shape}")
                aliases[name] = Shared(parameter=name, of=of, transposed=shared.transposed)
        if nested := [a.of for a in aliases.values() if a.of in aliases]:
            raise ValueError(f"shared: expected parameters that are not shared themselves, found {nested[0]}")
        return aliases

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter by canonical name, in the order of calculation; shared ones once, under the owner's."""
        return {name: p for name, p in self._declared("parameters").items() if name not in self.aliases}

    @cached_property
    def buffers(self) -> dict[str, Buffer]:
        """Every buffer by canonical name."""
        return self._declared("buffers")

    @cached_property
    def side_inputs(self) -> dict[str, SideInput]:
        """By canonical name what a step needs besides x and y; that of the loss is under `loss`."""
        own = self.loss.side_inputs(self.shapes[-1])
        return self._declared("side_inputs") | chain.under("loss", own)

    def _declared(self, kind: str) -> dict[str, Any]:
        return {
            f"{layer.name}.{own}": value
            for layer, shape in zip(self.layers, self.shapes, strict=False)
            for own, value in getattr(layer, kind)(shape).items()
        }

    @cached_property
    def indices(self) -> int | None:
        """n, where the network's input is indices from 0 to n − 1."""
        return self.layers[0].indices()

    @cached_property
    def at_inference(self) -> tuple[Layer, ...]:
        """The layers as they are when the network is used, not trained; the very same tuple if nothing differs."""
        changed = tuple(layer.inference() for layer in self.layers)
        return self.layers if changed == self.layers else changed

    def initial_parameters(self, dtype: Any = np.float64) -> dict[str, Array]:
        """Draw the initial parameters in float64 and return them in `dtype`."""
        rng = generator(self.generator, self.seed)
        return {
            name: parameter.initializer.draw(parameter.shape, parameter.fan, rng).astype(dtype)
            for name, parameter in self.parameters.items()
        }

    def random_batch(self, size: int = 8, seed: int = 0) -> tuple[Array, Array]:
        """Draw inputs (from N(0, 1), or indices) and targets that the loss is defined for, in float64 or int64."""
        rng = np.random.default_rng([self.seed, seed])
        shape = (size, *self.input_shape)
        x = rng.normal(size=shape) if self.indices is None else rng.integers(0, self.indices, size=shape)
        output = (size, *self.shapes[-1])
        return x, self.loss.random_targets(output, rng)

    def random_side(self, size: int, step: int) -> dict[str, Array]:
        """Draw the side inputs of a step, for so many observations, in float64 or int64."""
        drawn = {}
        for name, side in self.side_inputs.items():
            rng = np.random.default_rng([self.seed, step, zlib.crc32(name.encode())])
            drawn[name] = side.draw(rng, (size, *side.shape))
        return drawn

    def check_batch(self, x: Any, y: Any, side: Mapping[str, Any] | None = None, step: int = 0) -> Batch:
        """Return the batch as arrays (float64, or int64 for indices); side inputs not given are drawn for `step`.

        Raises
        ------
        DataError
            If the batch is empty, has another shape or kind of number than the spec says, is not finite, or has
            targets, indices or side inputs outside what loss and layers are defined for.
        """
        x = _floats("x", x) if self.indices is None else _integers("x", x, "indices")
        _fits("x", x, ("B", *self.input_shape))
        if x.shape[0] == 0:
            raise DataError("x: expected at least one observation, found an empty batch")
        if self.indices is not None:
            _within("x", x, 0, self.indices - 1)
        output = (x.shape[0], *self.shapes[-1])
        y = _integers("y", y) if self.loss.integer_targets() else _floats("y", y)
        _fits("y", y, self.loss.target_shape(output))
        self.loss.check_targets(y, output)
        return Batch(x, y, self._check_side(dict(side or {}), len(x), step))

    def _check_side(self, given: dict[str, Any], size: int, step: int) -> dict[str, Array]:
        if unknown := sorted(given.keys() - self.side_inputs.keys()):
            expected = ", ".join(self.side_inputs) or "none"
            raise DataError(f"{unknown[0]}: expected side inputs of the spec ({expected}), found another")
        side = self.random_side(size, step)
        for name, values in given.items():
            integer = side[name].dtype.kind in "iu"
            array = _integers(name, values, "values") if integer else _floats(name, values)
            _fits(name, array, side[name].shape)
            _within(name, array, self.side_inputs[name].low, self.side_inputs[name].high)
            side[name] = array
        return side

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


def _integers(place: str, values: Any, what: str = "class indices") -> Array:
    try:
        array = np.asarray(values)
    except ValueError:
        raise DataError(f"{place}: expected a rectangular array of integer {what}, found ragged rows") from None
    if array.dtype.kind not in "iu":
        raise DataError(f"{place}: expected integer {what}, found dtype {array.dtype}")
    return array.astype(np.int64)


def _within(place: str, array: Array, low: float, high: float) -> None:
    if np.any((array < low) | (array > high)):
        raise DataError(f"{place}: expected {low:g} to {high:g}, found {array.min():g} to {array.max():g}")


def _fits(place: str, array: Array, expected: tuple[Any, ...]) -> None:
    fits = array.ndim == len(expected) and all(
        want == "B" or want == have for want, have in zip(expected, array.shape, strict=True)
    )
    if not fits:
        wanted = "(" + ", ".join(str(n) for n in expected) + ("," if len(expected) == 1 else "") + ")"
        raise DataError(f"{place}: expected shape {wanted}, found {array.shape}")


__all__ = ["MAX_LAYERS", "MAX_PARAMETERS", "BadInput", "Batch", "ModelSpec", "Shared", "explain", "parse"]
