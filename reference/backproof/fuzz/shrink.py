"""From a network that disagrees to the smallest one that still does."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from backproof.errors import BadInput
from backproof.fuzz.case import Case
from backproof.spec import Batch, ModelSpec

MOST = 300
"""How many smaller networks are tried."""

_PLAIN = {"loss": {"type": "squared_error"}, "optimizer": {"type": "sgd", "learning_rate": 0.1}}


def shrink(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a smallest case that fails: no layer, field, size, step or observation of it can be spared.

    Greedy: whatever smaller case still fails is where the search goes on, up to `MOST` trials.
    """
    trials = 0
    found = True
    while found:
        found = False
        for smaller in _smaller(case):
            trials += 1
            if trials > MOST:
                return case
            if fails(smaller):
                case, found = smaller, True
                break
    return case


def _smaller(case: Case) -> Iterator[Case]:
    x, y, _ = case.data
    if case.steps > 1:
        yield Case(case.number, case.spec, _first(case.data, case.batch_size), 1)
    if case.batch_size > 1 and case.steps == 1:
        yield Case(case.number, case.spec, _first(case.data, 1), 1)
    data = case.spec.model_dump(mode="json")
    for candidate in _edits(data):
        try:
            spec = ModelSpec.model_validate_json(json.dumps(candidate))
        except (ValidationError, BadInput, ValueError):
            continue
        if spec == case.spec:
            continue
        same = spec.input_shape == case.spec.input_shape and spec.indices == case.spec.indices
        if same and spec.loss == case.spec.loss and spec.shapes[-1] == case.spec.shapes[-1]:
            yield Case(case.number, spec, Batch(x, y), case.steps)
        else:
            yield Case(case.number, spec, Batch(*spec.random_batch(len(x))), case.steps)


def _first(data: Batch, size: int) -> Batch:
    """Return the first observations."""
    return Batch(data.x[:size], data.y[:size], {name: array[:size] for name, array in data.side.items()})


def _edits(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the spec with one thing less: a layer, a block around layers, a field not at its default, a size."""
    for name, plain in _PLAIN.items():
        yield data | {name: plain}
    if data["shared"]:
        yield data | {"shared": []}
    for layers in _shorter(data["layers"]):
        yield data | {"layers": layers}
    for name in ("loss", "optimizer"):
        for edited in _plainer(data[name]):
            yield data | {name: edited}
    for shape in _smaller_sizes(data["input_shape"]):
        yield data | {"input_shape": shape}


def _shorter(layers: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield chains with one layer less, or with one layer simpler."""
    for i, layer in enumerate(layers):
        yield layers[:i] + layers[i + 1 :]
        for within in [layer["layers"]] if "layers" in layer else layer.get("branches", []):
            yield layers[:i] + [{**inner, "name": None} for inner in within] + layers[i + 1 :]
    for i, layer in enumerate(layers):
        for edited in _plainer(layer):
            yield [*layers[:i], edited, *layers[i + 1 :]]


def _plainer(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a layer, loss or optimizer with one field at its default, or one size smaller."""
    for key, value in part.items():
        if key in ("type", "name"):
            continue
        if key == "layers":
            yield from ({**part, key: edited} for edited in _shorter(value))
        elif key == "branches":
            for i, branch in enumerate(value):
                yield from ({**part, key: [*value[:i], edited, *value[i + 1 :]]} for edited in _shorter(branch))
        else:
            yield {other: kept for other, kept in part.items() if other != key}
            if isinstance(value, int) and not isinstance(value, bool):
                yield from ({**part, key: edited[0]} for edited in _smaller_sizes([value]))


def _smaller_sizes(sizes: list[int]) -> Iterator[list[int]]:
    for i, size in enumerate(sizes):
        for smaller in sorted({1, 2, size // 2, size - 1}):
            if 0 < smaller < size:
                yield [*sizes[:i], smaller, *sizes[i + 1 :]]
