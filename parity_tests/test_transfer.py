"""Weights, slots and step counts copy between any two implementations bit for bit, in all twelve directions."""

import itertools
from dataclasses import fields

import numpy as np
import pytest

from backproof.errors import WeightsError
from backproof.implementation import Trainer
from backproof.optimizers import SGD, Adagrad, Adam, Average, Group, Momentum, Nadam, Optimizer, RMSprop
from backproof.step import State, StepRecord
from cases import BATCH, case
from conftest import load

OPTIMIZERS: tuple[Optimizer, ...] = (
    SGD(learning_rate=0.1),
    Momentum(learning_rate=0.1),
    Momentum(learning_rate=0.1, velocity="updates", nesterov=True),
    Adagrad(learning_rate=0.1),
    Adagrad(learning_rate=0.1, epsilon_placement="inside"),
    RMSprop(learning_rate=0.01),
    RMSprop(learning_rate=0.01, epsilon_placement="inside"),
    RMSprop(learning_rate=0.01, centered=True, momentum=0.9),
    Adam(learning_rate=0.01),
    Adam(learning_rate=0.01, epsilon_placement="uncorrected"),
    Adam(learning_rate=0.01, amsgrad="uncorrected", average=Average(decay=0.9, start="first_update")),
    Nadam(learning_rate=0.01, momentum_decay=0.004),
    Adagrad(learning_rate=0.1, initial_accumulator=0.1, accumulate=3, average=Average(decay=0.9)),
    Momentum(learning_rate=0.1, accumulate=2, groups=(Group(pattern="*.bias", rate=0.5),)),
)
DIRECTIONS = list(itertools.permutations(["numpy", "torch", "jax", "tensorflow"], 2))
DTYPES = [np.float64, np.float32]


def _arrays(state: State) -> dict[str, np.ndarray]:
    slots = {f"{slot}/{name}": s for slot, own in state.slots.items() for name, s in own.items()}
    return {**state.parameters, **slots, **state.buffers}


def _assert_same_bits(one: State, other: State) -> None:
    ours, theirs = _arrays(one), _arrays(other)
    assert one.step == other.step
    assert list(ours) == list(theirs)
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype, name
        assert array.tobytes() == theirs[name].tobytes(), name


def _train(trainer: Trainer, optimizer: Optimizer, dtype: type, steps: int) -> StepRecord:
    spec = case("transfer", optimizer=optimizer).spec
    for step in range(steps):
        x, y = spec.random_batch(BATCH, seed=step)
        record = trainer.step(x.astype(dtype), y.astype(dtype))
    return record


def test_there_are_twelve_directions() -> None:
    assert len(DIRECTIONS) == 12


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.model_dump_json(exclude_defaults=True) + o.type)
@pytest.mark.parametrize("dtype", DTYPES, ids=["float64", "float32"])
@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_a_trained_state_is_carried_over_exactly(
    source: str, target: str, dtype: type, optimizer: Optimizer, chosen: list[str]
) -> None:
    for name in (source, target):
        if name not in chosen:
            pytest.skip(f"{name} is not compared in this run")
    spec = case("transfer", optimizer=optimizer).spec
    one, other = load(source).build(spec, dtype), load(target).build(spec, dtype)
    _train(one, optimizer, dtype, steps=2)
    other.load(one.state())
    _assert_same_bits(one.state(), other.state())


def test_a_loaded_state_is_a_copy(framework: str) -> None:
    spec = case("transfer").spec
    trainer = load(framework).build(spec)
    before = {name: w.copy() for name, w in trainer.state().parameters.items()}
    given = trainer.state()
    trainer.load(given)
    for w in given.parameters.values():
        w += 1.0
    for name, w in trainer.state().parameters.items():
        assert np.array_equal(w, before[name])
    trainer.step(*spec.random_batch(BATCH))
    kept = trainer.state()
    copies = {name: w.copy() for name, w in kept.parameters.items()}
    trainer.step(*spec.random_batch(BATCH))
    assert all(np.array_equal(w, copies[name]) for name, w in kept.parameters.items())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.model_dump_json(exclude_defaults=True) + o.type)
def test_a_resumed_run_equals_an_uninterrupted_one(framework: str, optimizer: Optimizer) -> None:
    spec = case("transfer", optimizer=optimizer).spec
    straight, first, second = (load(framework).build(spec) for _ in range(3))
    _train(straight, optimizer, np.float64, steps=2)
    _train(first, optimizer, np.float64, steps=2)
    second.load(first.state())
    x, y = spec.random_batch(BATCH, seed=9)
    one, other = straight.step(x, y), second.step(x, y)
    for mine, theirs in zip(one.tensors(), other.tensors(), strict=True):
        assert mine[2].tobytes() == theirs[2].tobytes(), mine[:2]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: s.parameters.pop("dense1.bias"), "missing dense1.bias"),
        (lambda s: s.parameters.update(extra=np.zeros(1)), "unexpected extra"),
        (
            lambda s: s.parameters.update({"dense1.weight": np.zeros((5, 4))}),
            r"expected shape \(4, 5\), found \(5, 4\)",
        ),
        (lambda s: s.slots.clear(), "slots: expected"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(framework: str, spoil: object, message: str) -> None:
    trainer = load(framework).build(case("transfer", optimizer=Momentum(learning_rate=0.1)).spec)
    state = trainer.state()
    copy = State(**{f.name: getattr(state, f.name) for f in fields(State)})
    spoil(copy)  # type: ignore[operator]
    with pytest.raises(WeightsError, match=message):
        trainer.load(copy)
