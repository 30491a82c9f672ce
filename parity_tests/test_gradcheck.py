"""The reference is right: every layer, activation and loss against complex steps and central differences."""

import math

import numpy as np
import pytest

from backproof.check import random_batches
from backproof.gradcheck import Method, central_difference, check_layer, check_network, index_by_index, slope
from backproof.layers import Elementwise, Layer
from backproof.layers.dense import Dense
from backproof.layers.exponential import ELU
from backproof.layers.gelu import GELU
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.silu import SiLU
from backproof.layers.softplus import Softplus
from backproof.layers.tanh import Tanh
from backproof.losses import SquaredError
from backproof.optimizers import SGD
from backproof.spec import ModelSpec
from backproof.step import Network
from cases import ACTIVATIONS, BATCH, CASES, Case

LAYERS: tuple[Layer, ...] = (*ACTIVATIONS, Dense(units=3), Dense(units=3, bias=False))


@pytest.mark.parametrize("method", [slope, central_difference])
@pytest.mark.parametrize("shape", [(4,), (2, 4)], ids=str)
@pytest.mark.parametrize(
    "layer", LAYERS, ids=lambda layer: layer.model_dump_json(exclude_defaults=True) + layer.type
)
def test_every_layer_pulls_random_cotangents_back_rightly(
    layer: Layer, shape: tuple[int, ...], method: Method
) -> None:
    checks = check_layer(layer, shape, method)
    assert len(checks) == 1 + len(layer.parameters(shape))
    assert [check for check in checks if not check.passes] == []


@pytest.mark.parametrize("method", [slope, central_difference])
@pytest.mark.parametrize("case", [case for case in CASES if case.smooth], ids=lambda case: case.name)
def test_every_network_and_loss_has_the_gradient_of_its_loss(case: Case, method: Method) -> None:
    (batch,) = random_batches(case.spec, BATCH, 1)
    checks = check_network(case.spec, Network(case.spec).initial_state(), batch, method)
    assert [check for check in checks if not check.passes] == []


def test_a_wrong_gradient_fails_the_check() -> None:
    class Wrong(Tanh):
        def derivative(self, z: np.ndarray, a: np.ndarray) -> np.ndarray:
            return 1.0 - z * z

    assert not check_layer(Wrong(), (4,))[0].passes


def test_complex_steps_and_central_differences_find_the_same_slope() -> None:
    rng = np.random.default_rng(3)
    x, v = rng.normal(size=5), rng.normal(size=5)
    one, other = slope(np.exp, x, v), central_difference(np.exp, x, v)
    assert (one.method, other.method) == ("complex step", "central difference")
    assert abs(one.value - other.value) <= one.error + other.error
    assert abs(one.value - float((np.exp(x) * v).sum())) <= one.error


SATURATED: list[tuple[Elementwise, float, float]] = [
    (Sigmoid(), 50.0, math.exp(-50.0) / (1.0 + math.exp(-50.0)) ** 2),
    (Sigmoid(), -50.0, math.exp(-50.0) / (1.0 + math.exp(-50.0)) ** 2),
    (Sigmoid(), 700.0, math.exp(-700.0)),
    (Tanh(), 30.0, 4.0 * math.exp(-60.0)),
    (ELU(), -40.0, math.exp(-40.0)),
    (Softplus(), -50.0, math.exp(-50.0)),
    (SiLU(), 60.0, 1.0),
    (GELU(), -20.0, 0.5 * math.erfc(20.0 / math.sqrt(2.0)) - 20.0 * math.exp(-200.0) / math.sqrt(2.0 * math.pi)),
]


@pytest.mark.parametrize(("layer", "z", "expected"), SATURATED, ids=lambda value: str(value)[:24])
def test_derivatives_are_right_where_the_short_forms_are_not(
    layer: Elementwise, z: float, expected: float
) -> None:
    at = np.array([z])
    found = float(layer.derivative(at, layer.value(at))[0])
    assert abs(found - expected) <= 16 * np.finfo(np.float64).eps * abs(expected)


def test_the_saturated_unit_has_the_slope_that_the_frameworks_call_zero() -> None:
    z = np.array([50.0])
    assert f"{Sigmoid().derivative(z, Sigmoid().value(z))[0]:.7e}" == "1.9287498e-22"
    assert Sigmoid().common_derivative(z, Sigmoid().value(z))[0] == 0.0


@pytest.mark.parametrize("sizes", [(2, 3, 2), (1, 1, 1), (3, 5, 4, 2)], ids=str)
def test_the_sums_written_with_loops_equal_the_matrix_form(sizes: tuple[int, ...]) -> None:
    layers = [layer for units in sizes[1:] for layer in (Dense(units=units), Sigmoid())]
    spec = ModelSpec(
        input_shape=sizes[:1],
        layers=tuple(layers),
        loss=SquaredError(reduction="batch_mean"),
        optimizer=SGD(learning_rate=1.0),
        seed=5,
    )
    rng = np.random.default_rng(5)
    state = Network(spec).initial_state(
        np.float64, {n: rng.normal(size=p.shape) for n, p in spec.parameters.items()}
    )
    x, e = rng.normal(size=(6, sizes[0])), rng.random(size=(6, sizes[-1]))
    record = Network(spec).step(state, x, e)
    weights = [w for name, w in state.parameters.items() if name.endswith("weight")]
    biases = [b for name, b in state.parameters.items() if name.endswith("bias")]
    dw, db = index_by_index(weights, biases, x, e)
    for loops, name in zip([g for pair in zip(dw, db, strict=True) for g in pair], spec.parameters, strict=True):
        matrix = record.gradients[name]
        assert np.abs(loops - matrix).max() <= 64 * np.finfo(np.float64).eps * np.abs(matrix).max()
