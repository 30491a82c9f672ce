"""The user's arrays to canonical names: which array is which parameter, and how it lies.

People keep weights as (in, out) or (out, in), biases flat, as a row or as a column, or in one matrix with the
weights, as its first or last row or column. An array's shape says what it may be. Where several things are
possible, the readings are tried on the numbers: `diagnose` keeps the one that makes sense of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Any, Literal

import numpy as np

from backproof.errors import DataError, WeightsError
from backproof.fields import Array
from backproof.spec import Batch, ModelSpec

Bias = Literal["apart", "first", "last"]

Style = tuple[bool, Bias]
"""How somebody's matrices lie: whether transposed, and where biases are."""

STYLES: tuple[Style, ...] = tuple((t, b) for b in ("apart", "first", "last") for t in (False, True))


@dataclass(frozen=True)
class Place:
    """What one array holds: a parameter, or a layer's weight with its bias as the first or last row.

    `transposed` if canonical rows are columns here. `free` if the array would look the same otherwise, so that
    it says nothing on how the user's matrices lie.
    """

    names: tuple[str, ...]
    transposed: bool = False
    bias: Bias = "apart"
    free: bool = False

    def take(self, array: Array, spec: ModelSpec) -> dict[str, Array]:
        """Return the parameters that the array holds, in canonical layout."""
        array = np.asarray(array).T if self.transposed else np.asarray(array)
        if self.bias == "apart":
            (name,) = self.names
            return {name: array.reshape(spec.parameters[name].shape)}
        weight, bias = self.names
        if self.bias == "first":
            return {weight: array[1:], bias: array[0]}
        return {weight: array[:-1], bias: array[-1]}


Reading = dict[str, Place]
"""The place of each of the user's arrays, by the user's name for it."""


def named(arrays: Any, what: str) -> dict[str, Array]:
    """Return a dict or a sequence of arrays as a dict; entries of a sequence are called by position.

    Raises
    ------
    WeightsError
        If it is neither, or holds anything but real numbers.
    """
    if not isinstance(arrays, Mapping | Sequence) or isinstance(arrays, str | bytes):
        raise WeightsError(f"{what}: expected a dict or a list of arrays, found {type(arrays).__name__}")
    pairs = (
        arrays.items() if isinstance(arrays, Mapping) else ((f"[{k}]", array) for k, array in enumerate(arrays))
    )
    found = {}
    for name, values in pairs:
        try:
            array = np.asarray(values)
        except ValueError:
            raise WeightsError(f"{what}: {name}: expected a rectangular array, found ragged rows") from None
        if array.dtype.kind not in "fiu":
            raise WeightsError(f"{what}: {name}: expected real numbers, found dtype {array.dtype}")
        found[str(name)] = array if array.dtype.kind == "f" else array.astype(np.float64)
    return found


Places = dict[str, list[Place]]
"""Everything that each of the user's arrays may be, by the user's name for it."""


def possible(spec: ModelSpec, arrays: Mapping[str, Array], what: str) -> Places:
    """Return what each of the arrays may be, judged by its shape.

    Raises
    ------
    WeightsError
        If one of them fits nothing in the spec.
    """
    places = {user: _places(spec, array) for user, array in arrays.items()}
    for user, own in places.items():
        if not own:
            shapes = ", ".join(f"{name} {p.shape}" for name, p in spec.parameters.items())
            raise WeightsError(
                f"{what}: {user}: shape {arrays[user].shape} fits nothing in the spec, which has {shapes}"
            )
    return places


def styled(places: Places) -> dict[Style | None, Places]:
    """Return what the arrays may be in each style in which all matrices lie alike; under None if there is none."""
    found: dict[Style | None, Places] = {}
    for style in STYLES:
        alike = {
            user: [one for one in own if one.free or (one.transposed, one.bias) == style]
            for user, own in places.items()
        }
        if next(assigned(alike), None) is not None:
            found[style] = alike
    return found or {None: places}


def readings(spec: ModelSpec, arrays: Mapping[str, Array], what: str) -> Iterator[Reading]:
    """Yield what the arrays of all parameters may be, judged by their shapes, the user's order first.

    All matrices lie alike, unless that is impossible.

    Raises
    ------
    WeightsError
        If the arrays cannot be the spec's parameters.
    """
    places = possible(spec, arrays, what)
    covered = sum(w.size for w in arrays.values()) == sum(int(np.prod(p.shape)) for p in spec.parameters.values())
    found: set[tuple[Place, ...]] = set()
    options = styled(places).values() if covered else ()
    for one in chain.from_iterable(zip_longest(*(assigned(own) for own in options))):
        if one is not None and tuple(one.values()) not in found:
            found.add(tuple(one.values()))
            yield one
    if not found:
        missing = f"expected {', '.join(spec.parameters)}, found {len(arrays)} arrays that do not cover them"
        raise WeightsError(f"{what}: {missing}")


def _places(spec: ModelSpec, array: Array) -> list[Place]:
    """Return everything that an array may be."""
    found = []
    for name, parameter in spec.parameters.items():
        flat = sum(n > 1 for n in parameter.shape) <= 1  # a vector, however it lies
        if flat and sum(n > 1 for n in array.shape) <= 1 and array.size == int(np.prod(parameter.shape)):
            found.append(Place((name,), free=True))
        elif array.shape == parameter.shape:
            found.append(Place((name,)))
        if not flat and array.ndim == 2 and array.T.shape == parameter.shape:
            found.append(Place((name,), transposed=True))
    for name, parameter in spec.parameters.items():
        bias = f"{name.rpartition('.')[0]}.bias"
        if not name.endswith(".weight") or bias not in spec.parameters or len(parameter.shape) != 2:
            continue
        joined = (parameter.shape[0] + 1, parameter.shape[1])
        for transposed in (False, True):
            if array.ndim == 2 and (array.T if transposed else array).shape == joined:
                found += [Place((name, bias), transposed, "first"), Place((name, bias), transposed, "last")]
    return found


def assigned(places: Places) -> Iterator[Reading]:
    """Yield the readings in which no parameter is twice; what is named first keeps its first place the longest."""
    users = list(places)

    def extend(chosen: Reading, taken: frozenset[str]) -> Iterator[Reading]:
        if len(chosen) == len(users):
            yield dict(chosen)
            return
        user = users[len(chosen)]
        for place in places[user]:
            if taken.isdisjoint(place.names):
                yield from extend({**chosen, user: place}, taken.union(place.names))

    return extend({}, frozenset())


def canonical(spec: ModelSpec, reading: Reading, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays by canonical name, in the order of the spec."""
    found: dict[str, Array] = {}
    for user, place in reading.items():
        found |= place.take(arrays[user], spec)
    return {name: found[name] for name in spec.parameters if name in found}


def batches(spec: ModelSpec, batch: Any) -> list[Batch]:
    """Return what inputs and targets may be with observations as rows: as they are, or transposed.

    Raises
    ------
    DataError
        If the batch is no pair of inputs and targets, or fits the spec neither way.
    """
    try:
        x, y = (np.asarray(part) for part in batch)
    except (TypeError, ValueError):
        raise DataError("batch: expected a pair (x, y) of rectangular arrays") from None
    found: list[Batch] = []
    problem: DataError | None = None
    for inputs, inputs_turned in _as_rows(x, tuple(spec.input_shape)):
        target = spec.loss.target_shape((len(inputs), *spec.shapes[-1]))
        for targets, targets_turned in _as_rows(y, target[1:]):
            alike = inputs_turned == targets_turned or None in (inputs_turned, targets_turned)
            if alike and targets.shape == target:
                try:
                    found.append(spec.check_batch(inputs, targets))
                except DataError as error:
                    problem = error
    if found:
        return found
    raise problem or DataError(
        f"batch: expected inputs of shape {('B', *spec.input_shape)} and targets of shape "
        f"{('B', *spec.loss.target_shape((1, *spec.shapes[-1]))[1:])}, or both transposed; "
        f"found {x.shape} and {y.shape}"
    )


def _as_rows(array: Array, shape: tuple[int, ...]) -> list[tuple[Array, bool | None]]:
    """Return an array with observations of this shape as rows, and whether it had to be transposed for that.

    None where it could be either: flat targets, a single observation.
    """
    if shape in ((), (1,)) and array.ndim < 2:
        return [(array.reshape(-1, *shape), None)]
    if array.shape == shape:
        return [(array[None], None)]
    found: list[tuple[Array, bool | None]] = []
    if shape == () and array.ndim == 2 and 1 in array.shape:
        found.append((array.reshape(-1), None if array.size == 1 else array.shape[0] == 1))
    if array.shape[1:] == shape:
        found.append((array, False))
    if array.ndim == 2 and array.shape[:1] == shape:
        found.append((array.T, True))
    return found
