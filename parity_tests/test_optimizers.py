"""Groups, accumulation and averages by their formulas, and in a loop of one's own with the native optimizer."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backproof.errors import SpecError
from backproof.implementation import Trainer
from backproof.optimizers import SGD, AdamW, Average, Group, Momentum, Optimizer
from backproof.spec import ModelSpec, parse
from backproof.step import Network, StepRecord
from cases import BATCH, case
from conftest import load

STEPS = 6
GROUPS = (Group(pattern="*.bias", weight_decay=0.0), Group(pattern="dense1.*", rate=0.5))
OPTIMIZERS: tuple[Optimizer, ...] = (
    AdamW(learning_rate=0.01, groups=GROUPS, accumulate=2, average=Average(decay=0.9)),
    Momentum(learning_rate=0.1, weight_decay=0.1, accumulate=3, average=Average(decay=0.5, start="first_update")),
)


def _records(spec: ModelSpec, steps: int = STEPS) -> list[StepRecord]:
    network, state = Network(spec), Network(spec).initial_state()
    records = []
    for step in range(steps):
        records.append(network.step(state, *spec.random_batch(BATCH, seed=step)))
        state = records[-1].state()
    return records


def test_an_accumulated_update_is_that_of_all_batches_at_once() -> None:
    spec = case("accumulated", optimizer=SGD(learning_rate=0.1, accumulate=3)).spec
    batches = [spec.random_batch(BATCH, seed=step) for step in range(3)]
    x, y = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
    at_once = spec.model_copy(update={"optimizer": SGD(learning_rate=0.1)})
    expected = Network(at_once).step(Network(at_once).initial_state(), x, y)
    records = _records(spec, 3)
    for name, update in expected.updates.items():
        assert not np.any(records[0].updates[name]), name
        assert not np.any(records[1].updates[name]), name
        assert np.allclose(records[2].updates[name], update, rtol=1e-12), name


def test_the_average_is_a_weighted_sum_of_all_weights() -> None:
    spec = case("averaged", optimizer=SGD(learning_rate=0.1, average=Average(decay=0.75))).spec
    weights = [Network(spec).initial_state().parameters, *(record.parameters for record in _records(spec, 3))]
    shares = (0.75**3, 0.25 * 0.75**2, 0.25 * 0.75, 0.25)
    for name, average in _records(spec, 3)[-1].slots["average"].items():
        expected = sum(share * w[name] for share, w in zip(shares, weights, strict=True))
        assert np.allclose(average, expected, rtol=1e-12), name


def test_the_first_group_that_matches_is_a_parameters_own() -> None:
    optimizer = SGD(learning_rate=0.1, weight_decay=0.3, groups=GROUPS)
    assert optimizer.group("dense1.bias") == GROUPS[0]
    assert optimizer.group("dense1.weight") == GROUPS[1]
    decays = [optimizer.weight_decay_in(optimizer.group(f"dense{n}.weight")) for n in (1, 2)]
    assert decays == [0.3, 0.3]


@pytest.mark.parametrize("pattern", ["*.gain", "dense1.bias"])
def test_a_group_without_parameters_is_refused(pattern: str) -> None:
    spec = case("groups", optimizer=SGD(learning_rate=0.1, groups=GROUPS[:1])).spec
    text = spec.model_dump_json().replace(
        '"groups":[', f'"groups":[{{"pattern":"*.bias"}},{{"pattern":"{pattern}"}},'
    )
    with pytest.raises(SpecError, match=r"optimizer\.groups\[1\]\.pattern: expected to match a parameter"):
        parse(text)


def _torch(trainer: Any, batches: list[tuple[Any, Any]], k: int) -> None:
    import torch

    for step, (x, y) in enumerate(batches):
        trainer.loss(trainer.module(torch.from_numpy(x)), torch.from_numpy(y)).backward()
        if (step + 1) % k == 0:
            for w in trainer.module.parameters():
                w.grad /= k
            trainer.optimizer.step()
            trainer.optimizer.zero_grad()


def _jax(trainer: Any, batches: list[tuple[Any, Any]], k: int) -> None:
    import jax
    import optax

    with trainer.precision():
        for x, y in batches:
            gradients = jax.grad(trainer.loss)(trainer.params, x, y)
            updates, trainer.opt_state = trainer.optimizer.update(gradients, trainer.opt_state, trainer.params)
            trainer.params = optax.apply_updates(trainer.params, updates)


def _tensorflow(trainer: Any, batches: list[tuple[Any, Any]], k: int) -> None:
    import tensorflow as tf

    for x, y in batches:
        with tf.GradientTape() as tape:
            loss = trainer.loss(tf.constant(y), trainer.model(tf.constant(x), training=True))
        weights = trainer.model.trainable_variables
        trainer.optimizer.apply(tape.gradient(loss, weights), weights)


LOOPS: dict[str, Callable[[Any, list[tuple[Any, Any]], int], None]] = {
    "torch": _torch,
    "jax": _jax,
    "tensorflow": _tensorflow,
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o.type)
def test_the_native_optimizer_does_the_same_in_a_loop_of_ones_own(framework: str, optimizer: Optimizer) -> None:
    spec = case("native", optimizer=optimizer).spec
    batches = [spec.random_batch(BATCH, seed=step) for step in range(STEPS)]
    stepped: Trainer = load(framework).build(spec)
    looped: Trainer = load(framework).build(spec)
    for x, y in batches:
        stepped.step(x, y)
    LOOPS[framework](looped, batches, optimizer.accumulate)
    one, other = stepped.state(), looped.state()
    assert one.step == other.step == STEPS
    assert list(one.slots) == list(other.slots) == list(optimizer.slot_names())
    for name, w in one.parameters.items():
        assert np.allclose(w, other.parameters[name], rtol=1e-12, atol=1e-14), name
    for slot, own in one.slots.items():
        for name, s in own.items():
            assert np.allclose(s, other.slots[slot][name], rtol=1e-12, atol=1e-14), (slot, name)
