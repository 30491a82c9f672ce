"""The user's training, run by the reference: quickly, within a time limit, and with anything about it changed."""

import time
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from backproof.doctor.examination import Run
from backproof.doctor.examine.accuracy import accuracy
from backproof.doctor.examine.quick import Quick
from backproof.fields import Array
from backproof.layers import chain
from backproof.spec import Batch, ModelSpec
from backproof.step import State

POINTS = 50
"""How often the loss of the whole data is measured in as many iterations as were asked for."""

CHUNK = 512
"""Observations per forward pass where no gradient is needed: more at once only costs memory."""

MEASURED = 5000
"""Observations, drawn at random, on which losses are measured at most: shares are then known to 0.7 %."""


class Clock:
    """What is left of the seconds given: of computing, so that what else a machine does changes no answer."""

    def __init__(self, seconds: float) -> None:
        self.start, self.seconds = time.thread_time(), seconds

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.thread_time() - self.start

    @property
    def left(self) -> float:
        """Seconds left, 0 where they have run out."""
        return max(0.0, self.seconds - self.spent)


@dataclass(frozen=True)
class Training:
    """All that decides how a training goes. `iterations` counts updates; `seed` orders the mini-batches.

    Losses are those of `measured_by`, a spec with the same parameters, where another loss than its own is trained.
    """

    spec: ModelSpec
    parameters: Mapping[str, Array]
    x: Array
    y: Array
    iterations: int
    batch_size: int | None = None
    dtype: Any = np.float64
    seed: int = 0
    measured_by: ModelSpec | None = None

    def but(self, **changes: Any) -> "Training":
        """Return the training with some of its fields changed."""
        return replace(self, **changes)

    @property
    def full_batch(self) -> bool:
        """Whether every update sees all observations."""
        return self.batch_size is None or self.batch_size >= len(self.x)

    def sample(self) -> Array:
        """Return the numbers of the observations on which losses are measured."""
        if len(self.x) <= MEASURED:
            return np.arange(len(self.x))
        return np.sort(np.random.default_rng(self.seed).permutation(len(self.x))[:MEASURED])

    def batches(self) -> Iterator[tuple[Array, Array]]:
        """Yield batches without end: all observations in a new order every epoch."""
        rng = np.random.default_rng(self.seed)
        while self.full_batch:
            yield self.x, self.y
        while True:
            order = rng.permutation(len(self.x))
            for start in range(0, len(order), self.batch_size or 1):
                chosen = order[start : start + (self.batch_size or 1)]
                yield self.x[chosen], self.y[chosen]


@dataclass(frozen=True)
class Trained:
    """A run, the state it started from and the last state in which all numbers were finite."""

    training: Training
    run: Run
    start: State
    end: State
    cut: bool
    """Whether the time ran out before the iterations were over."""
    seconds: float
    """How long it took."""


def outputs_of(network: Quick, state: State, x: Array, y: Array) -> Iterator[tuple[Array, Array, Array]]:
    """Yield output, targets and loss of the network as it is used, a few hundred observations at a time."""
    used = copy(network)
    used.layers = network.spec.at_inference
    for first in range(0, len(x), CHUNK):
        piece, wanted = x[first : first + CHUNK], y[first : first + CHUNK]
        side = network.side(len(piece), state)
        output, _ = used.output(state, piece, side)
        yield output, wanted, network.loss(output, wanted, chain.of(side, "loss"))


def measure(network: Quick, state: State, training: Training) -> tuple[float, float | None]:
    """Return loss and accuracy over all observations, or over a sample of them, a sum scaled up to all."""
    sample = training.sample()
    x, y = training.x[sample], training.y[sample]
    losses, rights, sizes = [], [], []
    for output, wanted, loss in outputs_of(network, state, x, y):
        losses.append(float(loss))
        rights.append(accuracy(network.spec.loss, output, wanted, training.y))
        sizes.append(len(wanted))
    total = float(np.average(losses, weights=sizes))
    if network.spec.loss.reduction == "sum":
        total = float(np.sum(losses)) * (len(training.x) / len(x))
    known = [right for right in rights if right is not None]
    return total, float(np.average(known, weights=sizes)) if known else None


def train(
    training: Training,
    seconds: float,
    *,
    until: Callable[[Run], bool] | None = None,
    points: int = POINTS,
    after: Trained | None = None,
) -> Trained:
    """Run a training until its iterations, the seconds, or `until` (asked at every measured loss) end it.

    The loss is measured at about `points` times. With `after`, a shorter run of the same training is continued.
    """
    clock = Clock(seconds)
    network = Quick(training.spec)
    judge = network if training.measured_by is None else Quick(training.measured_by)
    x, y, _ = Batch(training.x, training.y).astype(training.dtype)
    training = training.but(x=x, y=y)
    every = max(1, training.iterations // points)
    with np.errstate(all="ignore"):
        if after is None:
            start = state = network.initial_state(training.dtype, training.parameters)
            loss, share = measure(judge, state, training)
            measured, losses = [0], [loss]
        else:
            start, state, share = after.start, after.end, after.run.accuracy
            measured, losses = after.run.iterations.tolist(), after.run.losses.tolist()
        finite, over = state, False
        diverged = None if np.isfinite(losses[-1]) else 0
        batches = islice(training.batches(), state.step, None)
        while diverged is None and not over and state.step < training.iterations:
            gradients, caches, dy = network.gradient(state, *next(batches))
            if not np.isfinite(dy).all():
                diverged = state.step
                break
            state = network.after(state, gradients, caches)
            over = clock.left == 0.0
            if state.step % every and state.step != training.iterations and not over:
                continue
            loss, new_share = measure(judge, state, training)
            if not np.isfinite(loss):
                diverged = state.step
                break
            measured.append(state.step)
            losses.append(loss)
            finite, share = state, new_share
            if until and until(Run(np.array(measured), np.array(losses), share)):
                break
    run = Run(np.array(measured), np.array(losses), share, diverged)
    cut = over and int(run.iterations[-1]) < training.iterations
    return Trained(training, run, start, finite, cut, clock.spent)
