"""The verdict: three answers, the odd one out, what is not finite, what is missing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backproof.check import check, random_batches, run
from backproof.errors import BadInput
from backproof.fields import Array
from backproof.implementation import NumPy
from backproof.layers.dense import Dense
from backproof.layers.relu import ReLU
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.softmax import Softmax
from backproof.layers.tanh import Tanh
from backproof.losses import BinaryCrossEntropy, CrossEntropy, SquaredError
from backproof.noise import Expectation, expect
from backproof.optimizers import SGD, Adagrad, Adam, Optimizer, RMSprop
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State, StepRecord
from backproof.verdict import K, Verdict, judge
from cases import BATCH
from doubles import SPEC, Double

BATCHES = random_batches(SPEC, BATCH, 2)


def _expected(dtype: Any = np.float64, spec: ModelSpec = SPEC, resync: bool = False) -> Expectation:
    return expect(spec, Network(spec).initial_state(), BATCHES, dtype, resync=resync)


def _right(dtype: Any = np.float64) -> list[StepRecord]:
    return run(NumPy(), SPEC, _expected(dtype).starts, BATCHES, dtype, False)


def _wrong(dtype: Any = np.float64) -> list[StepRecord]:
    return run(Double(), SPEC, _expected(dtype).starts, BATCHES, dtype, False)


def _moved(records: list[StepRecord], floors: float) -> list[StepRecord]:
    """Return the records with one entry of the first output moved by so many of its noise floors."""
    name = SPEC.layer_names[0]
    output = records[0].outputs[name].copy()
    output[0, 0] += floors * _expected().floors[0, "forward", name].value
    return [replace(records[0], outputs=records[0].outputs | {name: output}), *records[1:]]


@pytest.mark.parametrize(("floors", "answer"), [(0.0, "agree"), (0.9 * K, "agree"), (1.2 * K, "differ")])
def test_the_limit_is_k_noise_floors(floors: float, answer: str) -> None:
    verdict = judge(_expected(), {"one": _moved(_right(), floors)}, np.float64)
    assert verdict.answer == answer
    first = verdict.comparisons[0]
    assert first.ratio == pytest.approx(floors, rel=0.2, abs=0.2)
    assert (first.farthest is None) == (answer == "agree")


def test_the_odd_one_is_the_minority() -> None:
    right, wrong = _right(), _wrong()
    verdict = judge(_expected(), {"numpy": right, "a": wrong, "b": right, "c": right}, np.float64)
    assert verdict.divergence is not None
    assert verdict.divergence.odd == ("a",)
    assert str(verdict.divergence) == "step 1, backward, d hidden.bias: a is odd"


def test_the_reference_itself_can_be_the_odd_one() -> None:
    right, wrong = _right(), _wrong()
    verdict = judge(_expected(), {"numpy": right, "a": wrong, "b": wrong, "c": wrong}, np.float64)
    assert verdict.divergence is not None
    assert verdict.divergence.odd == ("numpy",)
    assert verdict.divergence.groups == (("a", "b", "c"), ("numpy",))


def test_two_against_two_have_no_majority() -> None:
    right, wrong = _right(), _wrong()
    verdict = judge(_expected(), {"numpy": right, "a": wrong, "b": right, "c": wrong}, np.float64)
    assert verdict.divergence is not None
    assert verdict.divergence.odd == ()
    assert "no majority: numpy+b against a+c" in str(verdict.divergence)


def test_one_alone_against_the_reference_is_odd() -> None:
    verdict = judge(_expected(), {"mine": _wrong()}, np.float64)
    assert verdict.divergence is not None
    assert verdict.divergence.odd == ("mine",)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_agrees_only_with_itself_in_place(value: float) -> None:
    records = _right()
    spoiled = {name: g.copy() for name, g in records[0].gradients.items()}
    spoiled["output.bias"][1] = value
    verdict = judge(_expected(), {"one": [replace(records[0], gradients=spoiled), records[1]]}, np.float64)
    assert verdict.divergence is not None
    assert (verdict.divergence.phase, verdict.divergence.tensor) == ("backward", "d output.bias")
    farthest = verdict.divergence.comparisons[0].farthest
    assert farthest is not None
    assert farthest.index == (1,)


def test_shapes_and_names_must_match_exactly() -> None:
    records = _right()
    gradients = records[0].gradients
    transposed = gradients | {"output.weight": gradients["output.weight"].T}
    missing = {name: g for name, g in gradients.items() if name != "hidden.bias"}
    extra = gradients | {"hidden.scale": gradients["hidden.bias"]}
    for wrong, tensor in ((transposed, "output.weight"), (missing, "hidden.bias"), (extra, "hidden.scale")):
        verdict = judge(_expected(), {"one": [replace(records[0], gradients=wrong), records[1]]}, np.float64)
        assert verdict.answer == "differ"
        assert verdict.divergence is not None
        assert verdict.divergence.tensor == f"d {tensor}"


def test_a_gradient_that_is_zero_but_for_rounding_cannot_be_told() -> None:
    """Equal weights in the output layer make the gradient below cancel; Adam makes full steps of the rounding."""
    spec = ModelSpec(
        input_shape=(4,),
        layers=(Dense(units=5, bias=False), Sigmoid(), Dense(units=1, bias=False)),
        loss=SquaredError(),
        optimizer=Adam(learning_rate=0.01),
    )
    x, y = spec.random_batch(2)
    x[1], start = x[0], Network(spec).initial_state()
    output, _ = Network(spec).forward(start, x)
    y[:] = output["dense2"] + np.array([[0.1], [-0.1]])  # equal inputs, opposite errors: nothing is left of Σδ
    expectation = expect(spec, start, [Batch(x, y)], np.float32)
    verdict = judge(
        expectation,
        {"numpy": run(NumPy(), spec, expectation.starts, [Batch(x, y)], np.float32, False)},
        np.float32,
    )
    answers = {c.tensor: c.answer for c in verdict.comparisons}
    assert answers["d dense1.weight"] == "cannot tell"
    assert answers["Δ dense1.weight"] == "cannot tell"
    assert answers["dense1"] == "agree"
    assert verdict.answer == "cannot tell"  # no gradient is left to judge


def test_resynchronising_keeps_an_early_difference_from_drowning_the_rest() -> None:
    class WrongAtFirst(Network):
        def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
            dx, gradients = super().backward(state, caches, dy)
            return dx, {n: (2.0 * g if state.step == 0 else g) for n, g in gradients.items()}

    def verdict(resync: bool) -> Verdict:
        double = Double(network=WrongAtFirst)
        return check(SPEC, steps=3, dtypes=[np.float64], implementations=[double], resync=resync).verdicts[0]

    drowned = {c.step for c in verdict(resync=False).comparisons if c.answer == "differ"}
    named = {c.step for c in verdict(resync=True).comparisons if c.answer == "differ"}
    assert (drowned, named) == ({0, 1, 2}, {0})


def test_units_at_a_kink_may_switch_side() -> None:
    """A pre-activation that is zero but for rounding: either slope is right, and the floor allows for both."""
    spec = ModelSpec(
        input_shape=(3,),
        layers=(Dense(units=2, bias=False), ReLU(), Dense(units=2, bias=False)),
        loss=SquaredError(),
        optimizer=SGD(learning_rate=0.1),
    )
    parameters = {"dense1.weight": np.array([[0.1, 1.0], [0.2, 1.0], [-0.3, 1.0]]), "dense2.weight": np.eye(2)}
    start = Network(spec).initial_state(np.float64, parameters)
    x, y = np.ones((1, 3)), np.ones((1, 2))

    class OtherSide(Network):
        def layer_backward(self, index: int, state: State, caches: list[Any], dy: Array) -> Any:
            return (dy, {}) if index == 1 else super().layer_backward(index, state, caches, dy)

    expectation = expect(spec, start, [Batch(x, y)], np.float64)
    assert expectation.doubtful > 0
    records = run(Double(network=OtherSide), spec, expectation.starts, [Batch(x, y)], np.float64, False)
    verdict = judge(expectation, {"other side": records}, np.float64)
    assert verdict.divergence is None
    clear = expect(spec, start, [Batch(2.0 * x + np.eye(3)[:1], y)], np.float64)
    assert clear.doubtful == 0


def test_the_report_says_what_each_test_would_have_caught() -> None:
    verdict = judge(_expected(np.float32), {"numpy": _right(np.float32)}, np.float32)
    for comparison in verdict.comparisons:
        assert verdict.blindness(comparison.floor) == K * comparison.floor.relative
    update = next(c for c in verdict.comparisons if c.tensor == "Δ hidden.weight")
    weight = next(c for c in verdict.comparisons if c.tensor == "hidden.weight")
    assert verdict.blindness(update.floor) > verdict.blindness(weight.floor)


def test_saturated_units_are_known_by_name() -> None:
    spec = ModelSpec(
        input_shape=(1,),
        layers=(Dense(units=1, bias=False, name="z"), Sigmoid(name="a")),
        loss=SquaredError(reduction="sum"),
        optimizer=SGD(learning_rate=1.0),
    )
    report = check(
        spec,
        parameters={"z.weight": np.array([[0.8]])},
        data=([[62.5]], [[0.0]]),
        steps=1,
        implementations=["numpy"],
    )
    for verdict in report.verdicts:
        assert verdict.divergence is None
        assert len(verdict.notes) == 1
        assert verdict.notes[0].startswith("a: 1 of 1 units saturate")
        assert "σ(z)σ(−z) is right" in verdict.notes[0]


def test_double_differs_in_both_precisions_at_the_same_place() -> None:
    report = check(SPEC, implementations=["numpy", Double()])
    places = {str(verdict.divergence) for verdict in report.verdicts}
    assert places == {"step 1, backward, d hidden.bias: mine is odd"}


def _climbs(spec: ModelSpec) -> Network:
    class Climbs(Network):
        def update(self, state: State, gradients: dict[str, Array]) -> Any:
            parameters, slots = super().update(state, gradients)
            return {n: w - 10.0 * (parameters[n] - w) for n, w in state.parameters.items()}, slots

    return Climbs(spec)


@pytest.mark.parametrize("scale", [0.0, 30.0, 255.0])
@pytest.mark.parametrize(
    "optimizer", [Adam(learning_rate=0.01), RMSprop(learning_rate=0.01), Adagrad(learning_rate=0.1)]
)
def test_inputs_that_are_not_normalised_hide_no_wrong_update(optimizer: Optimizer, scale: float) -> None:
    """Saturated units leave gradients of nothing but rounding; what is disturbed stays a number all the same."""
    spec = ModelSpec(
        input_shape=(6,),
        layers=(Dense(units=16), Tanh(), Dense(units=4)),
        loss=CrossEntropy(),
        optimizer=optimizer,
    )
    rng = np.random.default_rng(0)
    data = np.round(scale * rng.random((8, 6))), rng.integers(0, 4, 8)
    report = check(spec, data=data, implementations=["numpy", NumPy("climbs", _climbs)])
    for verdict in report.verdicts:
        assert verdict.overflow is None
        assert verdict.divergence is not None
        assert verdict.divergence.phase == "update"
        assert verdict.divergence.odd == ("climbs",)


def test_a_phase_in_which_nothing_could_be_judged_is_no_agreement() -> None:
    """A loss that is no number: the probabilities lie outside (0, 1)."""
    spec = ModelSpec(
        input_shape=(2,), layers=(Dense(units=1),), loss=BinaryCrossEntropy(), optimizer=SGD(learning_rate=0.1)
    )
    report = check(spec, data=([[3.0, 3.0], [-3.0, -3.0]], [[1.0], [1.0]]), implementations=["numpy"])
    for verdict in report.verdicts:
        assert verdict.answer == "cannot tell"
        assert verdict.overflow == (0, "loss", "loss")


def test_an_update_in_place_is_an_update() -> None:
    class InPlace(Network):
        def update(self, state: State, gradients: dict[str, Array]) -> Any:
            for name, gradient in gradients.items():
                state.parameters[name] -= 0.1 * gradient
            return state.parameters, state.slots

    assert check(SPEC, implementations=["numpy", NumPy("mine", InPlace)]).answer == "agree"


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "expected .gradient of the input, gradients by name., found NoneType"),
        ((np.zeros((8, 4)), {"W1": np.zeros(1)}), "expected gradients of hidden.weight, .* found W1"),
    ],
)
def test_a_backward_that_returns_something_else_is_told_what_is_expected(returned: Any, message: str) -> None:
    class Mine(Network):
        def backward(self, state: State, caches: list[Any], dy: Array) -> Any:
            return returned

    with pytest.raises(BadInput, match=message):
        check(SPEC, implementations=[NumPy("mine", Mine)])


def test_two_squashings_are_noted() -> None:
    spec = SPEC.model_copy(update={"layers": (*SPEC.layers, Softmax()), "loss": CrossEntropy()})
    notes = check(spec, implementations=["numpy"]).verdicts[0].notes
    assert notes == ("softmax1: the loss takes logits and applies a softmax of its own",)


def test_the_numpy_trainer_keeps_its_precision_and_its_state() -> None:
    trainer = NumPy().build(SPEC, np.float32)
    record = trainer.step(*SPEC.random_batch())
    assert {tensor.dtype for _, _, tensor in record.tensors()} == {np.dtype(np.float32)}
    trainer.state().parameters["hidden.weight"][:] = 0.0
    assert trainer.state().parameters["hidden.weight"].any()


def test_a_run_whose_noise_outgrows_its_numbers_says_from_which_step_on() -> None:
    """At so large a rate rounding errors grow at every step, until they are as large as the numbers."""
    spec = ModelSpec(
        input_shape=(4,),
        layers=(Dense(units=6), Tanh(), Dense(units=3)),
        loss=SquaredError(),
        optimizer=SGD(learning_rate=4.0),
    )
    (verdict,) = check(spec, steps=16, batch_size=5, dtypes=[np.float32], implementations=["numpy"]).verdicts
    most, any_at_all = verdict.horizon(0.5), verdict.horizon(0.0)
    assert 3 < most <= any_at_all < 16
    later = [c for c in verdict.comparisons if c.step >= any_at_all and c.tensor.startswith(("d ", "Δ "))]
    assert later
    assert {c.answer for c in later} == {"cannot tell"}
    assert verdict.divergence is None
