"""Losses where the mathematics leaves a choice: at kinks, for equal embeddings, with nothing left to count."""

import json
import math
from typing import Any

import numpy as np
import pytest

from backproof import ModelSpec
from backproof.errors import DataError, SpecError
from backproof.fields import Array
from backproof.layers.dense import Dense
from backproof.losses import (
    CTC,
    Contrastive,
    CosineDistance,
    CrossEntropy,
    EvidenceLowerBound,
    Focal,
    Hinge,
    KLDivergence,
    Loss,
    MulticlassHinge,
    Triplet,
)
from backproof.optimizers import SGD
from backproof.spec import parse
from backproof.step import Network, State
from conftest import load


def _gradient(name: str, loss: Loss, a: Any, y: Any) -> tuple[float, Array]:
    """Return loss and gradient of an output that a dense layer hands through."""
    a = np.array(a)
    size = a.shape[-1]
    spec = ModelSpec(
        input_shape=a.shape[1:],
        layers=(Dense(units=size, bias=False),),
        loss=loss,
        optimizer=SGD(learning_rate=1.0),
    )
    trainer = load(name).build(spec, np.float64)
    trainer.load(State({"dense1.weight": np.eye(size)}))
    with np.errstate(all="ignore"):
        record = trainer.step(a, np.array(y))
    assert record.input_gradient is not None
    return float(record.loss), record.input_gradient


_PAIR = [[[1.0, 2.0], [1.0, 2.0]]]
_AT_THE_EDGE: list[tuple[str, Loss, Any, Any, float, Any]] = [
    ("hinge at its kink", Hinge(), [[1.0]], [[1.0]], 0.0, [[0.0]]),
    ("a margin of exactly 0", MulticlassHinge(), [[2.0, 1.0]], [0], 0.0, [[0.0, 0.0]]),
    ("all scores equal", MulticlassHinge(form="crammer_singer"), [[0.0] * 3], [1], 1.0, [[1.0, -1.0, 0.0]]),
    ("equal embeddings that are unlike", Contrastive(), _PAIR, [0.0], 1.0, np.zeros((1, 2, 2))),
    ("unlike embeddings at the margin", Contrastive(), [[[0.0], [1.0]]], [0.0], 0.0, np.zeros((1, 2, 1))),
    ("equal embeddings of a triplet", Triplet(), [[[1.0, 2.0]] * 3], [[]], 1.0, np.zeros((1, 3, 2))),
    ("a triplet at the margin", Triplet(), [[[0.0], [1.0], [2.0]]], [[]], 0.0, np.zeros((1, 3, 1))),
    ("cosine of nothing", CosineDistance(epsilon=0.5), [[0.0, 0.0]], [[0.0, 2.0]], 1.0, [[0.0, -2.0]]),
    ("a probability of 0", KLDivergence(), [[0.0, -1.0]], [[1.0, 0.0]], 0.0, [[-0.5, 0.0]]),
    ("sure and right", Focal(gamma=0.5, reduction="sum"), [[800.0]], [[1.0]], 0.0, [[0.0]]),
    ("sure and wrong", Focal(reduction="sum"), [[800.0]], [[0.0]], 800.0, [[1.0]]),
    ("nothing kept", CrossEntropy(ignore_index=0), [[1.0, 2.0]], [0], 0.0, [[0.0, 0.0]]),
    ("no labels", CTC(labels=1), [[[0.0, 0.0]]], [[0]], math.log(2.0), [[[-0.5, 0.5]]]),
]


@pytest.mark.parametrize(
    ("loss", "a", "y", "value", "gradient"),
    [row[1:] for row in _AT_THE_EDGE],
    ids=[row[0] for row in _AT_THE_EDGE],
)
def test_all_choose_alike_where_the_mathematics_leaves_a_choice(
    loss: Loss, a: Any, y: Any, value: float, gradient: Any, chosen: list[str]
) -> None:
    for name in chosen:
        found, slope = _gradient(name, loss, a, y)
        assert abs(found - value) <= 1e-15 * max(1.0, value), name
        assert np.abs(slope - np.array(gradient)).max() <= 1e-15, name


def test_a_weighted_mean_of_nothing_is_not_a_number(chosen: list[str]) -> None:
    loss = CrossEntropy(ignore_index=0, reduction="weighted_mean")
    assert all(math.isnan(_gradient(name, loss, [[1.0, 2.0]], [0])[0]) for name in chosen)


def test_the_paths_of_ctc_are_those_that_read_as_the_labels() -> None:
    a = np.random.default_rng(1).normal(size=(1, 4, 3))
    p = np.exp(a[0]) / np.exp(a[0]).sum(axis=1, keepdims=True)

    def reads(path: tuple[int, ...]) -> list[int]:
        merged = [one for one, before in zip(path, (-1, *path), strict=False) if one != before]
        return [one for one in merged if one != 0]

    for labels in ([1, 2], [1, 1], [2, 0], [0, 0]):
        wanted = [one for one in labels if one]
        paths = [path for path in np.ndindex(3, 3, 3, 3) if reads(path) == wanted]
        chance = sum(math.prod(p[t, k] for t, k in enumerate(path)) for path in paths)
        found = float(CTC(labels=2).value(a, np.array([labels])))
        assert abs(found + math.log(chance)) <= 1e-14


_SPEC: dict[str, Any] = {
    "input_shape": [4],
    "layers": [{"type": "dense", "units": 3}],
    "optimizer": {"type": "sgd", "learning_rate": 0.1},
}


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ({"type": "cross_entropy", "class_weights": [1.0, 2.0]}, "expected one for each of 3 classes, found 2"),
        ({"type": "cross_entropy", "targets": "one_hot", "ignore_index": 0}, "expected none for one_hot targets"),
        ({"type": "contrastive"}, "expected an output of 2 embeddings (k, E), found (3,)"),
        ({"type": "triplet"}, "expected an output of 3 embeddings (k, E), found (3,)"),
        ({"type": "evidence_lower_bound", "latent": 2}, "more than 2 · 2 numbers"),
        ({"type": "ctc", "labels": 2}, "expects an output (T, C)"),
        ({"type": "hinge", "power": 3}, "loss"),
    ],
    ids=str,
)
def test_a_loss_that_does_not_fit_is_refused(loss: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as error:
        parse(json.dumps(_SPEC | {"loss": loss}))
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("loss", "shape", "y", "message"),
    [
        (Hinge(), (1, 2), [[0.0, 1.0]], "expected labels -1 and 1, found 0.0"),
        (Focal(), (1, 1), [[0.5]], "expected labels 0 and 1, found 0.5"),
        (KLDivergence(), (1, 2), [[0.5, 0.6]], "expected one distribution per row"),
        (MulticlassHinge(), (1, 2), [2], "expected class indices from 0 to 1"),
        (CrossEntropy(ignore_index=7), (1, 2), [-1], "expected class indices from 0 to 1"),
        (
            EvidenceLowerBound(latent=1, reconstruction="binary_cross_entropy_with_logits"),
            (1, 3),
            [[2.0]],
            "[0, 1]",
        ),
        (CTC(labels=2), (1, 4, 3), [[0, 1]], "expected all labels before the padding of 0"),
        (CTC(labels=2), (1, 2, 3), [[1, 1]], "expected labels that 2 steps can hold, found some that need 3"),
    ],
    ids=str,
)
def test_targets_outside_what_the_loss_is_defined_for_are_refused(
    loss: Loss, shape: tuple[int, ...], y: Any, message: str
) -> None:
    with pytest.raises(DataError) as error:
        loss.check_targets(np.array(y), shape)
    assert message in str(error.value)


def test_weights_must_not_be_negative() -> None:
    spec = parse(json.dumps(_SPEC | {"loss": {"type": "squared_error", "weighted": True}}))
    x, y = spec.random_batch(2)
    with pytest.raises(DataError, match=r"loss\.weight: expected 0 to inf, found -1"):
        spec.check_batch(x, y, {"loss.weight": np.array([1.0, -1.0])})


def test_keras_fit_uses_sample_weights(chosen: list[str]) -> None:
    if "tensorflow" not in chosen:
        pytest.skip("tensorflow is not among the implementations chosen")
    loss = {"type": "squared_error", "weighted": True, "reduction": "weighted_mean"}
    spec = parse(json.dumps(_SPEC | {"loss": loss}))
    x, y = spec.random_batch(4)
    weight = np.array([0.5, 1.0, 2.0, 3.0])
    trainer: Any = load("tensorflow").build(spec, np.float32)
    step = Network(spec).step(trainer.state().astype(np.float64), x, y, {"loss.weight": weight})
    trainer.model.compile(optimizer=trainer.optimizer, loss=trainer.loss)
    trainer.model.fit(x, y, sample_weight=weight, batch_size=4, shuffle=False, verbose=0)
    found = trainer.state().parameters["dense1.weight"]
    assert np.abs(found - step.parameters["dense1.weight"]).max() <= 1e-6
    with pytest.raises(ValueError, match="expected sample weights if and only if"):
        trainer.loss(y, y)
