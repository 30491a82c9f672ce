"""The model of rounding: real float32 arithmetic stays within what the disturbed arrays do."""

from collections.abc import Callable

import numpy as np
import pytest

from backproof.fields import Array
from backproof.layers.functions import erf, erfc, log_softmax, sigmoid, softmax, softplus
from backproof.rounding import Probe, Rounded
from backproof.verdict import K

U = 2.0**-24


def _probe(unit: float = U, **fields: object) -> Probe:
    return Probe(unit, np.finfo(np.float32), np.random.default_rng(0), **fields)  # type: ignore[arg-type]


OPERATIONS: dict[str, Callable[..., Array]] = {
    "multiply": lambda a, b: a * b,
    "add a constant": lambda a, b: a + 0.1,
    "subtract": lambda a, b: a - b,
    "divide": lambda a, b: a / (1.0 + b * b),
    "matmul": lambda a, b: a @ b.T,
    "sum": lambda a, b: a.sum(axis=0),
    "chain": lambda a, b: np.tanh(a @ b.T).sum(axis=-1) * 0.3,
    "sigmoid": lambda a, b: sigmoid(a),
    "softplus": lambda a, b: softplus(a),
    "softmax": lambda a, b: softmax(a),
    "log_softmax": lambda a, b: log_softmax(a),
    "erf": lambda a, b: erf(a),
    "erfc": lambda a, b: erfc(a),
    "where": lambda a, b: np.where(a > 0, a * b, b),
    "power": lambda a, b: 0.999 ** (1.0 + a * a),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_float32_stays_within_k_floors_and_is_not_far_below(operation: Callable[..., Array]) -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.normal(size=(20, 30)).astype(np.float32) for _ in range(2))
    exact = operation(a.astype(np.float64), b.astype(np.float64))
    floor = 0.0
    for run in range(8):
        probe = Probe(U, np.finfo(np.float32), np.random.default_rng(run))
        disturbed = operation(probe.wrap(a), probe.wrap(b))
        assert isinstance(disturbed, Rounded)
        floor = max(floor, float(np.abs(np.asarray(disturbed) - exact).max()))
    distance = float(np.abs(operation(a, b) - exact).max())
    assert 0.0 < distance <= K * floor
    assert floor <= 100.0 * distance  # a floor far above the truth would be blind


def test_what_is_exact_stays_exact() -> None:
    x = np.array([1.5, -2.0, 0.0])
    rounded = _probe().wrap(x)
    for exact, found in [(-x, -rounded), (np.abs(x), np.abs(rounded)), (x + 0.0, rounded + np.zeros(3))]:
        assert np.array_equal(exact, np.asarray(found))
    assert np.asarray(rounded * 0.0).tolist() == [0.0, -0.0, 0.0]


def test_an_undisturbed_probe_changes_nothing() -> None:
    x = np.random.default_rng(2).normal(size=(3, 4))
    assert np.array_equal(np.asarray(sigmoid(_probe(0.0).wrap(x)) * 0.1), sigmoid(x) * 0.1)


def test_short_binary_fractions_are_exact_and_others_are_rounded() -> None:
    probe = _probe()
    assert [probe.constant(value) for value in (0.5, 2.0, -0.75)] == [0.5, 2.0, -0.75]
    assert probe.constant(0.9) != 0.9
    assert abs(probe.constant(0.9) - 0.9) <= U


def test_results_flush_below_and_overflow_above_the_range() -> None:
    probe = _probe()
    small = np.asarray(probe.wrap(np.full(100, 1e-20)) * np.full(100, 1e-20))
    assert np.all((small >= 0.0) & (small <= 1.001e-40))
    assert small.std() > 1e-41
    large = np.asarray(probe.wrap([1e30, -1e30]) * np.array([1e30, 1e30]))
    assert large.tolist() == [np.inf, -np.inf]


def test_decisions_are_replayed_and_can_be_turned_over() -> None:
    first = _probe(0.0)
    x = np.array([1.0, -1.0, 1e-9])
    assert np.asarray(first.wrap(x) > 0).tolist() == [True, False, True]
    tape = first.recorded
    again = _probe(replay=tape)
    assert np.asarray(again.wrap(-x) > 0).tolist() == [True, False, True]
    assert tape[0].moved.tolist() == [2.0, 2.0, 2e-9]
    turned = _probe(0.0, replay=tape, flips=frozenset({(0, 1)}))
    assert np.asarray(turned.wrap(x) > 0).tolist() == [True, True, True]


def test_equal_terms_round_alike_and_a_sum_of_them_may_be_farther_off_than_chance() -> None:
    terms = np.ones((4096, 1))
    varied = np.random.default_rng(0).uniform(0.5, 1.5, size=(4096, 1))

    def spread(values: np.ndarray) -> float:
        probe = Probe(2.0**-24, np.finfo(np.float32), np.random.default_rng(1))
        sums = [float(np.asarray(probe.wrap(values).sum(axis=0))[0]) for _ in range(32)]
        return float(np.ptp(sums)) / abs(sums[0])

    assert spread(terms) > 8.0 * spread(varied)
