"""The doctor's diagnosis: what is right is called right, and what is wrong is named."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from time import monotonic

import numpy as np
import pytest

import backproof
from backproof import BadInput, ModelSpec, Network
from backproof.doctor.diagnose import diagnose_steps
from backproof.doctor.diagnosis import Diagnosis
from backproof.doctor.reading import Observed
from backproof.errors import DataError, WeightsError
from backproof.fields import Array
from backproof.layers.dense import Dense
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.tanh import Tanh
from backproof.losses import SquaredError
from backproof.mistakes import CATALOGUE, compose
from backproof.optimizers import SGD, Adam, Momentum
from backproof.parameters import to_augmented, to_columns
from backproof.spec import Batch
from observed import At, dense_network, mistake, observe
from test_imports import loaded_by

SPEC = ModelSpec(
    input_shape=(3,),
    layers=(Dense(units=4), Sigmoid(), Dense(units=4), Tanh(), Dense(units=2), Sigmoid()),
    loss=SquaredError(factor=0.5, reduction="batch_mean"),
    optimizer=SGD(learning_rate=0.3),
)
SQUARE = SPEC.model_copy(
    update={"layers": (Dense(units=3), Sigmoid(), Dense(units=3), Tanh(), Dense(units=3), Sigmoid())}
)

Arrays = dict[str, Array]


def _made(diagnosis: Diagnosis) -> list[set[tuple[str, int | None]]]:
    """Return the explanations that fit."""
    return [{(one.mistake.name, one.site) for one in e.mistakes} for e in diagnosis.explanations if e.fits]


def _drawn(rng: np.random.Generator, spec: ModelSpec) -> list[At]:
    """Draw a mistake, at one of its sites or at all of them."""
    possible = [(one, list(one.sites(spec))) for one in CATALOGUE if one.sites(spec)]
    made, sites = possible[int(rng.integers(len(possible)))]
    chosen = sites if rng.random() < 0.5 else [sites[int(rng.integers(len(sites)))]]
    return [(made, site) for site in chosen]


def _simplicity(made: set[tuple[str, int | None]]) -> tuple[int, int]:
    return len({name for name, _ in made}), len(made)


@pytest.mark.parametrize("seed", range(12))
def test_a_mistake_is_named_or_something_as_simple_that_yields_the_same_numbers(seed: int) -> None:
    rng = np.random.default_rng([seed, 1])
    spec = dense_network(rng)
    made = _drawn(rng, spec)
    dtype = np.float32 if seed % 4 == 0 else np.float64
    steps = observe(spec, made, rng, dtype, gradients=seed % 2 == 0)
    diagnosis = diagnose_steps(spec, steps)
    truth = {(one.name, site) for one, site in made}
    if diagnosis.answer == "right":  # the mistake changes nothing here: ReLU's slope on an active unit, say
        assert diagnose_steps(spec, [*map(_exactly(spec, made), steps)]).answer == "right"
        return
    found = _made(diagnosis)
    assert found
    assert truth in found or _simplicity(found[0]) <= _simplicity(truth)


def _exactly(spec: ModelSpec, made: list[At]) -> Callable[[Observed], Observed]:
    """Return a function that makes an observed step again in plain float64."""

    def again(one: Observed) -> Observed:
        before = {name: np.asarray(w, np.float64) for name, w in one.before.items()}
        network = compose(spec, made)
        record = network.step(network.initial_state(np.float64, before), *spec.check_batch(one.x, one.y))
        return replace(one, before=before, after={}, gradients=record.gradients if one.gradients else {})

    return again


@pytest.mark.parametrize("seed", range(4))
def test_two_mistakes_are_named_or_something_as_simple(seed: int) -> None:
    rng = np.random.default_rng([seed, 2])
    spec = dense_network(rng)
    made = [*_drawn(rng, spec), *_drawn(rng, spec)]
    diagnosis = diagnose_steps(spec, observe(spec, made, rng, gradients=seed % 2 == 0))
    truth = {(one.name, site) for one, site in made}
    found = _made(diagnosis)
    assert found
    assert truth in found or _simplicity(found[0]) <= _simplicity(truth)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_right_is_called_right(seed: int) -> None:
    rng = np.random.default_rng([seed, 3])
    spec = dense_network(rng)
    steps = observe(spec, [], rng, np.float32 if seed % 2 else np.float64, gradients=seed % 3 == 0)
    diagnosis = diagnose_steps(spec, steps)
    assert diagnosis.answer == "right"
    assert not diagnosis.explanations


def test_the_same_mistake_in_every_layer_is_one_explanation() -> None:
    wrong = mistake("derivative taken of a instead of z")
    made: list[At] = [(wrong, site) for site in wrong.sites(SPEC)]
    diagnosis = diagnose_steps(SPEC, observe(SPEC, made, np.random.default_rng(0), gradients=False))
    assert diagnosis.named is not None
    assert [one.layer for one in diagnosis.named.mistakes] == ["sigmoid1", "tanh1", "sigmoid2"]
    assert len(_made(diagnosis)) == 1
    nearest = diagnosis.explanations[-1]
    assert not nearest.fits
    assert nearest.distance > 1e6 * diagnosis.named.distance


def test_a_first_step_that_changes_nothing_is_not_seen() -> None:
    spec = SPEC.model_copy(update={"optimizer": Momentum(learning_rate=0.1)})
    made: list[At] = [(mistake("stale velocity"), None)]
    first, *seen = observe(spec, made, np.random.default_rng(0), steps=4, gradients=False, full_batch=True)
    assert all(np.array_equal(first.before[name], w) for name, w in first.after.items())
    diagnosis = diagnose_steps(spec, seen)
    assert _made(diagnosis)[0] == {("stale velocity", None)}
    assert diagnosis.notes


def test_only_what_was_seen_is_judged() -> None:
    (step,) = observe(SPEC, [], np.random.default_rng(0), steps=1)
    partial = replace(step, gradients={"dense2.weight": step.gradients["dense2.weight"]}, after={})
    diagnosis = diagnose_steps(SPEC, [partial])
    assert [one.name for one in diagnosis.judged] == ["d dense2.weight"]
    with pytest.raises(BadInput, match=r"missing dense1\.bias"):
        diagnose_steps(SPEC, [replace(step, before={n: w for n, w in step.before.items() if n != "dense1.bias"})])


@pytest.mark.parametrize("penalised", [False, True])
def test_a_penalty_may_be_in_the_gradient_or_in_the_update(penalised: bool) -> None:
    spec = SPEC.model_copy(update={"optimizer": SGD(learning_rate=0.1, weight_decay=0.01)})
    (step,) = observe(spec, [], np.random.default_rng(0), steps=1)
    own = {name: g + 0.01 * penalised * step.before[name] for name, g in step.gradients.items()}
    assert diagnose_steps(spec, [replace(step, gradients=own)]).answer == "right"
    assert diagnose_steps(spec, [replace(step, gradients=own, after={})]).answer == "right"


@pytest.mark.parametrize("penalised", [False, True])
def test_a_mistake_is_named_whether_or_not_a_penalty_is_in_the_gradient(penalised: bool) -> None:
    spec = SPEC.model_copy(update={"optimizer": SGD(learning_rate=0.1, weight_decay=0.01)})
    (step,) = observe(spec, [(mistake("a factor 2 too many"), None)], np.random.default_rng(0), steps=1)
    own = {name: g + 0.01 * penalised * step.before[name] for name, g in step.gradients.items()}
    assert _made(diagnose_steps(spec, [replace(step, gradients=own, after={})]))[0] == {
        ("a factor 2 too many", None)
    }


def test_mistakes_in_one_layer_are_tried_in_both_orders() -> None:
    sign, left_out = mistake("gradients of a layer with the wrong sign"), mistake("previous activation left out")
    orders: list[list[At]] = [[(sign, 2), (left_out, 2)], [(left_out, 2), (sign, 2)]]
    for made in orders:
        steps = observe(SPEC, made, np.random.default_rng(0), steps=1)
        assert {(one.name, site) for one, site in made} in _made(diagnose_steps(SPEC, steps))


def test_equal_layers_in_any_order_are_told_apart_in_the_time_given() -> None:
    spec = SPEC.model_copy(
        update={"input_shape": (2,), "layers": tuple(one for _ in range(4) for one in (Dense(units=2), Tanh()))}
    )
    weights, batch, _ = _worked(spec)
    made: list[At] = [(mistake("activation's derivative left out"), 3)]
    network = compose(spec, made)
    wrong = network.step(network.initial_state(np.float64, weights), *batch).gradients
    start = monotonic()
    diagnosis = backproof.diagnose(spec, _mixed(weights), batch, gradients=_mixed(wrong), seconds=6.0)
    assert monotonic() - start < 9.0
    assert _made(diagnosis)[0] == {(one.name, site) for one, site in made}
    assert {m.name: m.user for m in diagnosis.mapping if not m.name.startswith("d ")} == {
        name: f"p{k}" for k, name in enumerate(_order(weights))
    }


def _order(arrays: Arrays) -> list[str]:
    return [list(arrays)[k] for k in np.random.default_rng(1).permutation(len(arrays))]


def _mixed(arrays: Arrays) -> Arrays:
    return {f"p{k}": arrays[name].T for k, name in enumerate(_order(arrays))}


def test_gradients_that_alone_lie_otherwise_are_a_mistake_where_others_lie_as_the_weights() -> None:
    layers = (Dense(units=3), Tanh(), Dense(units=2), Sigmoid())
    weights, batch, gradients = _worked(spec := SPEC.model_copy(update={"layers": layers}))
    turned = gradients | {"dense1.weight": gradients["dense1.weight"].T}
    diagnosis = backproof.diagnose(spec, weights, batch, gradients=turned)
    assert _made(diagnosis)[0] == {("weight gradient transposed on a square layer", 0)}
    assert backproof.diagnose(spec, weights, batch, gradients=to_columns(gradients)).answer == "right"


def test_mistakes_compose_whatever_they_are() -> None:
    spec = SQUARE.model_copy(update={"optimizer": Adam(learning_rate=0.1, weight_decay=0.01)})
    state, batch = Network(spec).initial_state(), Batch(*spec.random_batch(3))
    every = [(one, site) for one in CATALOGUE for site in one.sites(spec)]
    rng = np.random.default_rng(0)
    pairs = list(combinations(every, 2))
    for index in rng.choice(len(pairs), 500, replace=False):
        with np.errstate(all="ignore"):
            compose(spec, pairs[index]).step(state, *batch)


def test_of_two_mistakes_each_does_its_part() -> None:
    factor, bias = mistake("a factor 2 too many"), mistake("bias gradient missing")
    state, batch = Network(SPEC).initial_state(), Batch(*SPEC.random_batch(3))
    right = Network(SPEC).step(state, *batch).gradients
    for made in ([(factor, None), (bias, 2)], [(bias, 2), (factor, None)]):
        found = compose(SPEC, made).step(state, *batch).gradients
        assert not found["dense2.bias"].any()
        np.testing.assert_allclose(found["dense1.weight"], 2.0 * right["dense1.weight"])


# From Python: the user's own names and layout.


def _worked(spec: ModelSpec) -> tuple[Arrays, tuple[Array, Array], Arrays]:
    """Return weights, a batch and the right gradients."""
    rng = np.random.default_rng(5)
    weights = {name: rng.normal(size=p.shape) for name, p in spec.parameters.items()}
    batch = spec.random_batch(5)
    network = Network(spec)
    return weights, batch, network.step(network.initial_state(np.float64, weights), *batch).gradients


def _first_row(arrays: Arrays) -> Arrays:
    return to_augmented(arrays)


def _last_column(arrays: Arrays) -> Arrays:
    return {name: np.roll(w, -1, axis=0).T for name, w in to_augmented(arrays).items()}


def _scrambled(arrays: Arrays) -> Arrays:
    return {f"p{k}": w for k, w in enumerate(list(arrays.values())[::-1])}


@pytest.mark.parametrize("spec", [SPEC, SQUARE], ids=["distinct", "square"])
@pytest.mark.parametrize("convention", [dict, to_columns, _first_row, _last_column, _scrambled])
def test_the_mapping_is_found_by_value(spec: ModelSpec, convention: Callable[[Arrays], Arrays]) -> None:
    weights, batch, gradients = _worked(spec)
    diagnosis = backproof.diagnose(spec, convention(weights), batch, gradients=convention(gradients))
    assert diagnosis.answer == "right"
    mapped = {match.name: match for match in diagnosis.mapping}
    assert mapped.keys() == {*weights, *(f"d {name}" for name in weights)}
    turned = convention in (to_columns, _last_column)
    assert all(m.transposed == turned for name, m in mapped.items() if name.endswith("weight"))
    if convention is _scrambled:
        assert [mapped[name].user for name in weights] == [f"p{k}" for k in reversed(range(len(weights)))]


def test_observations_may_be_columns() -> None:
    weights, (x, y), gradients = _worked(SPEC)
    diagnosis = backproof.diagnose(
        SPEC, list(to_columns(weights).values()), (x.T, y.T), gradients=list(to_columns(gradients).values())
    )
    assert diagnosis.answer == "right"
    assert diagnosis.mapping[0].user == "[0]"


def test_a_factor_is_reported_and_not_accepted() -> None:
    weights, batch, gradients = _worked(SPEC)
    diagnosis = backproof.diagnose(SPEC, weights, batch, gradients={name: -g for name, g in gradients.items()})
    assert diagnosis.answer == "wrong"
    assert _made(diagnosis)[0] == {("wrong sign of the loss's gradient", None)}
    assert {m.factor for m in diagnosis.mapping if m.name.startswith("d ")} == {-1.0}


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("name", ["", "derivative applied twice"])
def test_a_black_box_is_judged_by_what_it_does_to_the_weights(name: str, in_place: bool) -> None:
    weights, batch, _ = _worked(SPEC)
    kept = {key: w.copy() for key, w in weights.items()}
    network = compose(SPEC, [(mistake(name), 3)] if name else [])

    def step(w: Arrays, x: Array, y: Array) -> Arrays | None:
        new = network.step(network.initial_state(np.float64, w), x, y).parameters
        if not in_place:
            return new
        for key, value in new.items():
            w[key] -= w[key] - value
        return None

    diagnosis = backproof.diagnose(SPEC, weights, batch, step=step)
    assert diagnosis.answer == ("wrong" if name else "right")
    assert not name or _made(diagnosis)[0] == {(name, 3)}
    assert all(np.array_equal(kept[key], w) for key, w in weights.items())


def test_what_cannot_be_used_is_said() -> None:
    weights, (x, y), gradients = _worked(SPEC)
    with pytest.raises(BadInput, match="gradients or a step"):
        backproof.diagnose(SPEC, weights, (x, y))
    with pytest.raises(WeightsError, match=r"W: shape \(9, 9\) fits nothing"):
        backproof.diagnose(SPEC, {"W": np.ones((9, 9))}, (x, y), gradients=gradients)
    with pytest.raises(WeightsError, match="do not cover them"):
        backproof.diagnose(SPEC, [weights["dense1.weight"]], (x, y), gradients=gradients)
    with pytest.raises(WeightsError, match="a dict or a list"):
        backproof.diagnose(SPEC, 3, (x, y), gradients=gradients)
    with pytest.raises(WeightsError, match="the form of the old"):
        backproof.diagnose(SPEC, weights, (x, y), step=lambda w, x, y: {"W": x})
    with pytest.raises(DataError, match="expected inputs of shape"):
        backproof.diagnose(SPEC, weights, (x[:, :2], y), gradients=gradients)


def test_rows_or_columns_that_nobody_can_tell_are_an_error() -> None:
    spec = ModelSpec(
        input_shape=(3,), layers=(Dense(units=3), Sigmoid()), loss=SquaredError(), optimizer=SGD(learning_rate=1.0)
    )
    weights, _, gradients = _worked(spec)
    batch = spec.random_batch(3)
    noise = {name: np.random.default_rng(0).normal(size=g.shape) for name, g in gradients.items()}
    with pytest.raises(DataError, match="rows as well as columns"):
        backproof.diagnose(spec, weights, batch, gradients=noise)


# What is said of a tensor that nothing in the catalogue explains.


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        (lambda g, w: 7.0 * g, "constant factor", "the right one times 7"),
        (lambda g, w: g / 36, "constant factor", "1 over the number of observations squared"),
        (lambda g, w: -0.3 * g, "constant factor", "the learning rate, with the wrong sign"),
        (lambda g, w: g + 0.01 * w, "shifted", "plus 0.01 times dense2.weight"),
        (lambda g, w: g * np.array([[1.0], [2], [3], [4]]), "per row", "1, 2, 3, 4"),
        (lambda g, w: g * np.array([1.0, 2, 3, 4]), "per column", "1, 2, 3, 4"),
        (lambda g, w: g[[1, 0, 3, 2]], "permuted", "its rows in the order 2, 1, 4, 3"),
        (lambda g, w: g * (np.arange(16).reshape(4, 4) % 3 > 0), "masked", "6 of 16 entries"),
        (lambda g, w: w, "another tensor", "dense2.weight itself"),
        (lambda g, w: np.sin(g), "none", "no simple relation"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value else "",
)
def test_the_pattern_of_what_nothing_explains(
    wrong: Callable[[Array, Array], Array], kind: str, said: str
) -> None:
    (step,) = observe(SPEC, [], np.random.default_rng(0), steps=1)
    name = "dense2.weight"
    changed = wrong(step.gradients[name], step.before[name])
    diagnosis = diagnose_steps(
        SPEC, [replace(step, gradients={**step.gradients, name: changed}, after={})], most=1
    )
    assert diagnosis.named is None
    assert diagnosis.first_wrong is not None
    assert diagnosis.first_wrong.name == f"d {name}"
    assert diagnosis.pattern is not None
    assert diagnosis.pattern.kind == kind
    assert said in diagnosis.pattern.sentence


def test_the_doctor_waits_until_it_is_asked_for() -> None:
    asked = "import sys, backproof; assert 'backproof.doctor' not in sys.modules; backproof.diagnose"
    assert loaded_by(asked, ("rich", "typer", "yaml", "torch")) == []


def test_a_diagnosis_reads_as_a_few_lines_and_takes_a_spec_as_its_file_would_hold_it() -> None:
    rng = np.random.default_rng(3)
    W, b, x, y = rng.normal(size=(3, 2)), rng.normal(size=2), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    spec = {
        "input_shape": [3],
        "layers": [{"type": "dense", "units": 2}],
        "loss": {"type": "squared_error", "factor": 0.5, "reduction": "batch_mean"},
        "optimizer": {"type": "sgd", "learning_rate": 0.1},
    }
    delta = (x @ W + b - y) / 5
    right = backproof.diagnose(
        spec, {"W": W, "b": b}, (x, y), gradients={"dW": x.T @ delta, "db": delta.sum(axis=0)}
    )
    assert str(right) == "the backprop is right"
    wrong = backproof.diagnose(
        spec, {"W": W, "b": b}, (x, y), gradients={"dW": x.T @ delta, "db": delta.mean(axis=0)}
    )
    lines = str(wrong).splitlines()
    assert lines[0] == "bias gradient averaged, at dense1"
    assert "first wrong: d dense1.bias, step 1, off by 80 % of its largest entry" in lines
    assert "W is dense1.weight" in lines
