"""Normalisation and pooling beyond the table of cases: statistics that were learned, and what cannot be built."""

import numpy as np
import pytest

from backproof.check import random_batches, run
from backproof.errors import DataError
from backproof.implementation import Implementation
from backproof.layers import Layer
from backproof.layers.adaptive_pooling import AdaptiveMaxPool, GlobalMaxPool
from backproof.layers.batch_norm import BatchNorm
from backproof.layers.layer_norm import GroupNorm, InstanceNorm, LayerNorm
from backproof.layers.pooling import AveragePool1D, MaxPool2D
from backproof.noise import expect
from backproof.spec import ModelSpec
from backproof.step import Network
from backproof.verdict import judge
from cases import BATCH, STEPS
from cases.base import case, dense


def _with(layer: Layer) -> ModelSpec:
    return case("norm", [dense(5, bias=False), layer, dense(2)]).spec


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
def test_a_frozen_batch_norm_uses_the_statistics_that_another_has_learned(
    dtype: type, implementations: list[Implementation]
) -> None:
    learning = _with(BatchNorm(momentum=0.1))
    state = Network(learning).initial_state()
    for batch in random_batches(learning, BATCH, STEPS):
        state = Network(learning).step(state, *batch).state()
    frozen = _with(BatchNorm(statistics="running"))
    batches = random_batches(frozen, BATCH, STEPS, seed=9)
    expectation = expect(frozen, state, batches, dtype)
    records = {one.name: run(one, frozen, expectation.starts, batches, dtype, False) for one in implementations}
    verdict = judge(expectation, records, dtype)
    assert verdict.answer == "agree"
    for name, buffer in state.buffers.items():
        assert np.abs(buffer - frozen.buffers[name].initial).max() > 0.1
        assert np.array_equal(expectation.records[-1].buffers[name], buffer.astype(dtype).astype(np.float64))


def test_one_observation_has_no_variance_to_train_on() -> None:
    spec = _with(BatchNorm())
    with pytest.raises(DataError, match="batch_norm: expected more than one value per channel"):
        Network(spec).step(Network(spec).initial_state(), *spec.random_batch(1))


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (BatchNorm(), (), "at least one axis"),
        (LayerNorm(axes=2), (4,), "axes: expected at most 1, as many as the input has, found 2"),
        (GroupNorm(groups=3), (2, 4), "groups: expected a divisor of the 4 channels, found 3"),
        (InstanceNorm(), (4,), "more than one value per channel"),
        (MaxPool2D(size=2), (4, 3), "2 axes and channels, found shape"),
        (MaxPool2D(size=2, padding=((0, 0), (1, 2))), (4, 4, 3), "padding: expected less than the size"),
        (AveragePool1D(size=5), (4, 3), "a window of"),
        (AveragePool1D(size=2, stride=(1, 1)), (4, 3), "stride: expected one number, or one for each"),
        (GlobalMaxPool(), (4,), "1 or 2 axes and channels"),
        (AdaptiveMaxPool(output_size=(2, 2)), (4, 3), "output_size: expected one number, or one for each"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_cannot_be_built_says_why(layer: Layer, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer.output_shape(shape)
