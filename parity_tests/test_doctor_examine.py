"""Why a training does not learn: each finding in a run that is sick with it, none in runs that are not."""

import time
from typing import Any, NamedTuple

import numpy as np
import pytest

from backproof import ModelSpec
from backproof.doctor.examination import Examination, Remark, Run
from backproof.doctor.examine import (
    LOOKS,
    capacity,
    dead_units,
    examine,
    gradient_sizes,
    initial_weights,
    inputs,
    output_range,
    plateau,
    precision,
    rate_too_large,
    rate_too_small,
    saturation,
    symmetry,
)
from backproof.doctor.examine.context import Context
from backproof.doctor.examine.learning import Yardstick, best_constant, plateaus, yardstick
from backproof.doctor.examine.measures import largest_curvature
from backproof.doctor.examine.quick import Quick
from backproof.doctor.examine.training import Clock, Training, train
from backproof.fields import Array
from backproof.losses import LOSSES
from backproof.step import Network
from networks import ALL_ONES, DIGITS, INDICES, ONE_ONE_ONE, SATURATED, TWO_LAYERS, varied

LONG = 60.0
"""Seconds that no experiment here comes near: nothing is cut short, and everything is the same every time."""

UNIFORM = {"type": "uniform", "low": -1.0, "high": 1.0}
SUM = {"type": "squared_error", "reduction": "sum"}
MEAN = {"type": "squared_error", "reduction": "mean"}

XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
ODD = np.array([[0.0], [1.0], [1.0], [0.0]])

rng = np.random.default_rng(1)
POINTS = rng.normal(size=(40, 2))
CURVED = np.sin(POINTS[:, :1]) + 0.5 * POINTS[:, 1:]
PLANE = POINTS @ np.array([[1.0], [2.0]])


def network(
    sizes: list[int],
    hidden: str | None = "sigmoid",
    output: str | None = None,
    *,
    bias: bool = True,
    **fields: Any,
) -> ModelSpec:
    """A chain of dense layers; `start` is the initializer of all weights and biases."""
    start = fields.pop("start", None)
    drawn = {"weight_initializer": start, "bias_initializer": start} if start else {}
    layers: list[dict[str, Any]] = []
    for position, units in enumerate(sizes[1:]):
        layers.append({"type": "dense", "units": units, "bias": bias} | drawn)
        activation = output if position == len(sizes) - 2 else hidden
        layers += [{"type": activation}] if activation else []
    optimizer = {"type": "sgd", "learning_rate": fields.pop("rate", 1.0)}
    return ModelSpec.model_validate(
        {"input_shape": sizes[:1], "layers": layers, "loss": MEAN, "optimizer": optimizer} | fields
    )


class Case(NamedTuple):
    """A training, and the module whose finding it is sick with."""

    spec: ModelSpec
    x: Array
    y: Array
    iterations: int = 200
    look: Any = None
    kind: str = ""
    start: dict[str, Array] | None = None
    dtype: Any = np.float64

    def training(self) -> Training:
        """The training."""
        parameters = self.start or self.spec.initial_parameters()
        return Training(self.spec, parameters, self.x, self.y, self.iterations, None, np.dtype(self.dtype))


def constant(value: float) -> dict[str, Any]:
    return {"type": "constant", "value": value}


def uniform(low: float, high: float) -> dict[str, Any]:
    return {"type": "uniform", "low": low, "high": high}


ONES = np.ones((1, 2))
CANCELLING = {"dense1.weight": np.array([[1e5], [-1e5]])}

SICK = {
    "saturation": Case(
        network([2, 8, 1], "tanh", "sigmoid", start=uniform(4.0, 9.0), rate=1.0, loss=SUM),
        XOR,
        ODD,
        400,
        saturation,
        "saturation",
    ),
    "symmetry": Case(
        network([2, 4, 1], "tanh", "sigmoid", start=constant(0.0), loss=SUM), XOR, ODD, 400, symmetry, "symmetry"
    ),
    "plateau": Case(ALL_ONES.spec, ALL_ONES.x, ALL_ONES.y, 1000, plateau, "plateau"),
    "dead units": Case(
        network([2, 8, 1], "relu", start=uniform(-1.0, -0.1), rate=0.1),
        np.abs(POINTS),
        np.abs(POINTS) @ np.array([[1.0], [2.0]]),
        200,
        dead_units,
        "dead units",
    ),
    "vanishing gradients": Case(
        network([2, *[6] * 7, 1], start=UNIFORM, rate=0.1),
        POINTS,
        CURVED,
        300,
        gradient_sizes,
        "vanishing gradients",
    ),
    "exploding gradients": Case(
        network([2, *[16] * 6, 1], "relu", start=uniform(-3.0, 3.0), rate=0.05),
        POINTS,
        CURVED,
        200,
        gradient_sizes,
        "exploding gradients",
    ),
    "unscaled inputs": Case(
        network([2, 8, 1], "tanh", rate=0.05), 200 * POINTS + 300, CURVED, 200, inputs, "unscaled inputs"
    ),
    "rate too small": Case(network([2, 1], rate=1e-4), POINTS, PLANE, 200, rate_too_small, "rate too small"),
    "rate too large": Case(
        network([2, 8, 1], "tanh", "sigmoid", rate=300.0, loss=SUM),
        XOR,
        ODD,
        300,
        rate_too_large,
        "rate too large",
    ),
    "divergence": Case(network([2, 1], rate=3.0), POINTS, PLANE, 200, rate_too_large, "divergence"),
    "output out of range": Case(
        network([2, 6, 1], output="sigmoid", rate=0.5), POINTS, 4 + CURVED, 300, output_range, "unreachable target"
    ),
    "negative targets of a ReLU": Case(
        network([2, 6, 1], "tanh", "relu", rate=0.3), POINTS, CURVED, 300, output_range, "unreachable target"
    ),
    "softmax over one unit": Case(
        network([2, 4, 1], "tanh", "softmax", loss=SUM), XOR, ODD, 300, output_range, "unreachable target"
    ),
    "linear XOR": Case(
        network([2, 3, 1], None, start=UNIFORM, rate=0.1), XOR, ODD, 600, capacity, "unreachable target"
    ),
    "no bias": Case(
        network([2, 1], bias=False, rate=0.2), POINTS, 5 + 0.1 * PLANE, 200, capacity, "unreachable target"
    ),
    "too narrow": Case(
        network([2, 1, 1], "sigmoid", "sigmoid", start=UNIFORM, rate=10.0, loss=SUM),
        XOR,
        ODD,
        300,
        initial_weights,
        "unreachable target",
    ),
    "bad luck": Case(
        network([2, 2, 1], output="sigmoid", start=UNIFORM, rate=3.0, loss=SUM, seed=11),
        XOR,
        ODD,
        600,
        initial_weights,
        "initial weights",
    ),
    "lost updates": Case(
        network([2, 1], bias=False, rate=0.003, loss=SUM),
        ONES,
        np.array([[0.5]]),
        400,
        precision,
        "lost updates",
        CANCELLING,
        np.float32,
    ),
}

HEALTHY = {
    "XOR": Case(network([2, 4, 1], output="sigmoid", start=UNIFORM, rate=2.0, loss=SUM), XOR, ODD, 1500),
    "curve, tanh": Case(network([2, 8, 1], "tanh", rate=0.2), POINTS, CURVED, 500),
    "curve, ReLU": Case(network([2, 16, 1], "relu", rate=0.1), POINTS, CURVED, 500),
    "plane": Case(network([2, 1], rate=0.2), POINTS, PLANE),
    "noisy plane": Case(network([2, 1], rate=0.2), POINTS, PLANE + 1.5 * rng.normal(size=PLANE.shape)),
    "large targets": Case(network([2, 1], rate=0.2), POINTS, 1e4 + 1e3 * PLANE),
    "float32": Case(network([2, 8, 1], "tanh", rate=0.2), POINTS, CURVED, 500, dtype=np.float32),
    "stopped early": Case(network([2, 1], rate=0.02), POINTS, PLANE, 10),
    "two layers without bias": Case(TWO_LAYERS.spec, TWO_LAYERS.x, TWO_LAYERS.y, 1000),
    "one unit each": Case(ONE_ONE_ONE.spec, ONE_ONE_ONE.x, ONE_ONE_ONE.y, 1000),
    "classes": Case(
        network(
            [2, 8, 3],
            "tanh",
            rate=0.5,
            loss={"type": "cross_entropy", "targets": "integer"},
        ),
        POINTS,
        (POINTS[:, 0] > 0).astype(int) + (POINTS[:, 1] > 0.5),
        200,
    ),
    "Adam": Case(
        network([2, 8, 1], "tanh", optimizer={"type": "adam", "learning_rate": 0.02}), POINTS, CURVED, 300
    ),
}


def met(training: Training) -> Context:
    """What a finding is shown, without the run continued."""
    given = train(training, LONG)
    return Context(given, yardstick(training.spec, training.y, float(given.run.losses[0])), Clock(LONG))


def only(kind: str, found: Examination) -> Remark:
    """The remark of a kind."""
    (one,) = [remark for remark in found.remarks if remark.kind == kind]
    return one


@pytest.mark.parametrize("name", SICK)
def test_a_sick_run_shows_its_cause(name: str) -> None:
    case = SICK[name]
    context = Context.of(case.training(), LONG) if case.look is plateau else met(case.training())
    assert not context.learnt
    remark = case.look.look(context)
    assert remark is not None
    assert (remark.kind, remark.cause, remark.refuted) == (case.kind, True, False), remark
    assert any(experiment.helps for experiment in remark.experiments)
    print(f"{name}: {remark.sentence}")


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_is_not_accused(name: str) -> None:
    case = HEALTHY[name]
    training = case.training()
    found = examine(
        case.spec, training.parameters, case.x, case.y, iterations=case.iterations, dtype=case.dtype, seconds=LONG
    )
    assert found.learns, found
    assert not [remark for remark in found.remarks if remark.cause]


def test_where_nothing_can_be_learnt_nothing_is_blamed() -> None:
    spec = network([2, 3, 1], "tanh", rate=0.05)
    noise = np.random.default_rng(2).normal(size=(40, 1))
    found = examine(spec, spec.initial_parameters(), POINTS, noise, iterations=60, seconds=LONG)
    assert not found.learns
    assert not [remark for remark in found.remarks if remark.cause]
    assert "none of the" in found.notes[0]


# The five networks


def test_network_1_is_on_a_plateau_and_its_symmetry_is_not_the_cause() -> None:
    found = examine(ALL_ONES.spec, ALL_ONES.spec.initial_parameters(), *ALL_ONES.data, seconds=LONG)
    assert not found.learns
    assert {remark.kind for remark in found.remarks if remark.cause} == {"plateau", "rate too small"}
    plain, rate, symmetric = (only(kind, found) for kind in ("plateau", "rate too small", "symmetry"))
    assert plain.measured["begin"] < 1000 < 4000 < plain.measured["end"] < plain.measured["iterations"] < 10_000
    assert any(begin < 1000 < 4000 < end for begin, end in found.plateaus)
    assert [e.change for e in rate.experiments if e.helps] == ["rate 3 instead of 0.5", "rate 10 instead of 0.5"]
    assert symmetric.refuted
    assert symmetric.measured == {"effective width of hidden1": 1.0, "effective width of hidden2": 1.0}
    assert not any(experiment.helps for experiment in symmetric.experiments)
    saturated = only("saturation", found)
    assert saturated.measured["share of a3 at the start"] == 1.0
    assert not saturated.cause
    np.testing.assert_allclose(found.slopes["a3"], [[0.01893635] * 2, [0.01922891] * 2], atol=1e-7)


def test_network_1_learns_at_rate_3_with_units_that_stay_identical() -> None:
    optimizer = ALL_ONES.spec.optimizer.model_copy(update={"learning_rate": 3.0})
    found = examine(
        varied(ALL_ONES, optimizer=optimizer), ALL_ONES.spec.initial_parameters(), *ALL_ONES.data, seconds=LONG
    )
    assert found.learns
    assert only("symmetry", found).refuted
    assert only("rate too large", found).refuted
    assert not [remark for remark in found.remarks if remark.cause]


def test_network_3_is_saturated_and_its_gradient_useless() -> None:
    found = examine(
        SATURATED.spec, SATURATED.spec.initial_parameters(), *SATURATED.data, iterations=50, seconds=LONG
    )
    assert not found.learns
    assert [remark.kind for remark in found.remarks if remark.cause] == ["saturation"]
    saturated = only("saturation", found)
    assert f"{saturated.measured['largest gradient']:.2e}" == "2.41e-20"
    assert f"{saturated.measured['median slope of a']:.7e}" == "1.9287498e-22"
    assert saturated.experiments[0].change == "cross-entropy of the logits in place of squared error"


def test_network_4_starts_saturated_and_rate_3_is_not_too_large() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    digits = datasets.load_digits()
    x, y = digits.data[:300] / 16, np.eye(10)[digits.target[:300]]
    start = {
        name: np.random.default_rng(0).random(w.shape) for name, w in DIGITS.spec.initial_parameters().items()
    }
    context = met(Training(DIGITS.spec, start, x, y, 400, 10))
    assert context.given.run.accuracy is not None
    assert context.given.run.accuracy < 0.15
    saturated, rate = saturation.look(context), rate_too_large.look(context)
    assert saturated is not None
    assert saturated.cause
    (better, *_) = saturated.experiments
    assert better.change == "initial weights uniform in [−1, 1]"
    assert better.run.accuracy is not None
    assert better.run.accuracy > 0.9
    assert rate is not None
    assert rate.refuted


def test_network_5_leaves_its_minimum_just_above_the_bound_and_not_at_rate_1() -> None:
    at_2 = INDICES.spec.optimizer.model_copy(update={"learning_rate": 2.0})
    training = Training(varied(INDICES, optimizer=at_2), INDICES.spec.initial_parameters(), *INDICES.data, 3000)
    end = train(training, LONG).end
    bound = 2 / largest_curvature(training, end)
    assert bound > 2
    rng = np.random.default_rng(0)
    beside = {name: w + 1e-4 * rng.normal(size=w.shape) for name, w in end.parameters.items()}
    rises = []
    for factor in (0.95, 1.05):
        optimizer = at_2.model_copy(update={"learning_rate": factor * bound})
        near = training.but(spec=varied(INDICES, optimizer=optimizer), parameters=beside, iterations=200)
        losses = train(near, LONG, points=200).run.losses
        rises.append(bool(np.any(np.diff(losses) > 0)))
    assert rises == [False, True]


# What the findings rest on


def test_the_quick_network_is_the_reference() -> None:
    for spec in (ALL_ONES.spec, network([3, 4, 2], optimizer={"type": "adam", "learning_rate": 0.1})):
        x, y = spec.random_batch(5)
        training = Training(spec, spec.initial_parameters(), x, y, 20)
        state = Network(spec).initial_state()
        for _ in range(20):
            state = Network(spec).step(state, x, y).state()
        end = train(training, LONG).end
        for name, w in state.parameters.items():
            np.testing.assert_allclose(end.parameters[name], w, rtol=1e-12, atol=1e-14)


def test_a_continued_run_is_the_run_itself() -> None:
    case = HEALTHY["curve, tanh"]
    training = case.training().but(batch_size=7, iterations=90)
    half = train(training.but(iterations=45), LONG)
    whole, continued = train(training, LONG), train(training, LONG, after=half)
    assert whole.run.losses[-1] == continued.run.losses[-1]
    assert list(continued.run.iterations) == sorted(set(continued.run.iterations))


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_the_largest_curvature_bounds_the_rate(factor: float) -> None:
    """A quadratic loss, ∑(xw − y)²/n, whose Hessian is 2xᵀx/n."""
    spec = network([2, 1], bias=False)
    training = Training(spec, spec.initial_parameters(), POINTS, PLANE, 2000)
    curvature = largest_curvature(training, Quick(spec).initial_state())
    assert curvature == pytest.approx(np.linalg.eigvalsh(2 * POINTS.T @ POINTS / len(POINTS))[-1], rel=1e-4)
    at = training.but(spec=network([2, 1], bias=False, rate=factor * 2 / curvature))
    run = train(at, LONG).run
    assert (run.losses[-1] > run.losses[0]) == (factor > 1)


def test_curvature_of_mini_batches_is_that_of_their_own_sum() -> None:
    spec = network([2, 1], bias=False, loss=SUM)
    whole = Training(spec, spec.initial_parameters(), POINTS, PLANE, 1)
    state = Quick(spec).initial_state()
    half = largest_curvature(whole.but(batch_size=20), state)
    assert half == pytest.approx(largest_curvature(whole, state) / 2, rel=1e-6)


def test_batches_are_shuffled_anew_every_epoch_and_leave_nothing_out() -> None:
    training = Training(network([1, 1]), {}, np.arange(7.0)[:, None], np.zeros((7, 1)), 9, 3)
    batches = training.batches()
    epochs = [np.concatenate([next(batches)[0] for _ in range(3)]).ravel() for _ in range(2)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(7))] * 2
    assert list(epochs[0]) != list(epochs[1])


@pytest.mark.parametrize("kind", ["squared_error", "absolute_error", "huber", "binary_cross_entropy", "poisson"])
def test_no_constant_beats_the_best_one(kind: str) -> None:
    loss = LOSSES[kind]()
    y = np.random.default_rng(0).random((30, 2)) ** 2
    best = best_constant(loss, y, y.shape)
    assert best is not None
    others = [float(loss.value(np.full_like(y, a), y)) for a in np.linspace(0.01, 0.99, 99)]
    assert best <= min(others) + 1e-12


def test_the_best_constant_of_cross_entropy_is_the_entropy_of_the_classes() -> None:
    y = np.array([0, 0, 0, 1])
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert best_constant(LOSSES["cross_entropy"](), y, (4, 2)) == pytest.approx(entropy)


def run(loss: float, accuracy: float | None = None, diverged: int | None = None) -> Run:
    """A run that starts at a loss of 1 and has long ended at another."""
    return Run(np.arange(5), np.array([1.0, *[loss] * 4]), accuracy, diverged)


def test_three_right_of_four_is_neither_learnt_nor_begun() -> None:
    measure = Yardstick(1.0, 0.5, True)
    stuck, solved = run(0.5, 0.75), run(0.01, 1.0)
    assert not measure.learnt(stuck)
    assert not measure.begun(stuck)
    assert measure.learnt(solved)
    assert measure.helps(solved, stuck)
    assert not measure.helps(stuck, run(1.0, 0.5))


def test_what_noise_allows_counts_where_nothing_was_learnt_before() -> None:
    measure = Yardstick(1.0, None, True)
    assert measure.helps(run(0.5), run(30.0))
    assert not measure.helps(run(0.8), run(1.0))
    assert not measure.helps(run(0.35), run(0.7))
    assert not measure.helps(run(0.01, diverged=3), run(1.0))
    assert Yardstick(1.0, 0.5, True).helps(run(0.4, 0.7), run(1e9, 0.5))


def test_overflow_after_learning_is_no_failure() -> None:
    measure = Yardstick(1.0, None, True)
    assert measure.learnt(run(0.01, diverged=900))
    assert not measure.learnt(run(0.9, diverged=900))


def test_a_plateau_ends_where_the_loss_moves() -> None:
    losses = np.array([2.0, 1.0, 1.01, 0.99, 1.0, 0.5, 0.1, 0.1])
    found = plateaus(Run(np.arange(8) * 10, losses), least=20, above=0.3)
    assert found == ((10, 40),)


def test_the_same_seed_says_the_same() -> None:
    case = SICK["rate too small"]
    once, again = (
        examine(case.spec, case.training().parameters, case.x, case.y, batch_size=8, iterations=60, seconds=LONG)
        for _ in range(2)
    )
    assert repr(once) == repr(again)


def test_the_time_is_kept_and_what_was_cut_is_said() -> None:
    case = SICK["symmetry"]
    began = time.thread_time()
    found = examine(case.spec, case.training().parameters, case.x, case.y, iterations=10**6, seconds=1.0)
    assert time.thread_time() - began < 2.0
    assert any("of the 1,000,000 iterations" in note for note in found.notes)
    assert not found.learns


def test_every_finding_is_looked_for_and_tested() -> None:
    assert {case.look for case in SICK.values()} == set(LOOKS)
