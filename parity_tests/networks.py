"""The five networks of the examples: their specs and data, their scripts, and the backward passes asked about."""

import runpy
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from backproof import ModelSpec, Network, Report, State, check, read_spec
from backproof.fields import Array
from backproof.files import read_data
from backproof.gradcheck import index_by_index
from backproof.implementation import Implementation, NumPyTrainer
from backproof.losses import NOTHING
from backproof.parameters import from_augmented, from_columns, to_augmented, to_columns
from test_examples import EXAMPLES

STEPS = 10


class Given(NamedTuple):
    """A spec of the examples and its data."""

    spec: ModelSpec
    x: Array
    y: Array
    batch_size: int | None = None

    @property
    def data(self) -> tuple[Array, Array]:
        """Inputs and targets, as `check` takes them."""
        return self.x, self.y

    def compare(
        self,
        implementations: list[Implementation],
        steps: int = STEPS,
        dtypes: Sequence[str] = ("float64", "float32"),
    ) -> Report:
        """Return what `check` says of them."""
        return check(
            self.spec,
            data=self.data,
            steps=steps,
            batch_size=self.batch_size,
            dtypes=dtypes,
            implementations=implementations,
        )


def read(folder: str, suffix: str = "", data: str = "json", batch_size: int | None = None) -> Given:
    """Read a spec of the examples with its data."""
    spec = read_spec(EXAMPLES / folder / f"spec{suffix}.json")
    x, y, _ = spec.check_batch(*read_data(EXAMPLES / folder / f"data{suffix}.{data}"))
    return Given(spec, x, y, batch_size)


ALL_ONES = read("all_ones")
TWO_LAYERS = read("two_layers_no_bias")
SATURATED = read("saturated_unit")
ONE_ONE_ONE = read("saturated_unit", "_1_1_1")
DIGITS = read("rows_or_columns", data="npz", batch_size=10)
INDICES = read("index_by_index")
ORDINARY = [ALL_ONES, TWO_LAYERS, ONE_ONE_ONE, DIGITS, INDICES]


@cache
def script(folder: str) -> dict[str, Any]:
    """Return what in_numpy.py of a folder defines, without running its main block."""
    if folder == "rows_or_columns":
        pytest.importorskip("sklearn")
    return runpy.run_path(str(EXAMPLES / folder / "in_numpy.py"))


def varied(given: Given, **changes: Any) -> ModelSpec:
    """A spec with some of its fields replaced."""
    fields = {name: getattr(given.spec, name) for name in ModelSpec.model_fields}
    return ModelSpec.model_validate(fields | changes)


# The backward passes, each in the convention of whoever asked


Backward = Callable[[ModelSpec, dict[str, Array], Array, Array], dict[str, Array]]


class ByHand(Network):
    """The reference with the gradients of somebody else's backward pass."""

    def __init__(self, spec: ModelSpec, theirs: Backward) -> None:
        super().__init__(spec)
        self.theirs = theirs
        self.y = np.empty(0)

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        self.y = y
        return super().loss_gradient(output, y, side)

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        dx, ours = super().backward(state, caches, dy)
        theirs = self.theirs(self.spec, state.parameters, caches[0], self.y)
        return dx, {name: theirs[name].astype(gradient.dtype) for name, gradient in ours.items()}


class Asked:
    """A backward pass that was asked about, as an implementation."""

    name = "asked"

    def __init__(self, theirs: Backward) -> None:
        self.theirs = theirs

    def versions(self) -> dict[str, str]:
        return {}

    def build(self, spec: ModelSpec, dtype: Any = np.float64) -> NumPyTrainer:
        return NumPyTrainer(ByHand(spec, self.theirs), dtype)


def augmented(spec: ModelSpec, parameters: dict[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Network 1: bias and weights in one matrix, its first row the bias."""
    matrices = to_augmented(parameters)
    by_hand = script("all_ones")
    W = list(matrices.values())
    _, gradients = by_hand["backward"](W, *by_hand["forward"](W))
    return from_augmented(spec, dict(zip(matrices, gradients, strict=True)))


def negated(spec: ModelSpec, parameters: dict[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Network 2: what was called dC_dw is -delta, and was added after a.T @."""
    by_hand = script("two_layers_no_bias")
    weight1, weight2 = parameters.values()
    a1, a2 = by_hand["forward"](weight1, weight2)
    dC_dw1, dC_dw2 = by_hand["as_asked"](a1, a2, weight2)
    return {"hidden.weight": -(x.T @ dC_dw1), "output.weight": -(a1.T @ dC_dw2)}


def by_formula(spec: ModelSpec, parameters: dict[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Network 3: the four formulas that were given in answer for the 1-1-1 network."""
    flat = np.concatenate([w.ravel() for w in parameters.values()])
    gradients = script("saturated_unit")["by_formula"](flat)
    return {
        name: g.reshape(w.shape) for (name, w), g in zip(parameters.items(), np.split(gradients, 4), strict=True)
    }


def by_columns(spec: ModelSpec, parameters: dict[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Network 4: the book's, a neuron a row of W, one example at a time, then the mean."""
    columns = tuple(to_columns(parameters).values())
    gradients = script("rows_or_columns")["by_columns"](columns, x, y)
    return from_columns(dict(zip(parameters, gradients, strict=True)))


def loops(spec: ModelSpec, parameters: dict[str, Array], x: Array, y: Array) -> dict[str, Array]:
    """Network 5: one index per neuron, and no matrix anywhere."""
    weights, biases = list(parameters.values())[::2], list(parameters.values())[1::2]
    gradients = zip(*index_by_index(weights, biases, x, y), strict=True)
    return dict(zip(parameters, [g for pair in gradients for g in pair], strict=True))
