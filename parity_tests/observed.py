"""Somebody's training steps, as a mistaken network makes them in arithmetic that rounds otherwise than ours."""

from typing import Any

import numpy as np

from backproof.doctor.reading import Observed
from backproof.fields import Array
from backproof.layers import LAYERS
from backproof.losses import BinaryCrossEntropy, BinaryCrossEntropyWithLogits, CrossEntropy, SquaredError
from backproof.losses.base import Loss
from backproof.mistakes import CATALOGUE, Mistake, compose
from backproof.optimizers import SGD, Adam, Momentum, Optimizer, RMSprop
from backproof.rounding import Probe
from backproof.spec import ModelSpec
from backproof.step import Network, State

Rng = np.random.Generator
At = tuple[Mistake, int | None]


def mistake(name: str) -> Mistake:
    """Return a mistake of the catalogue."""
    return next(one for one in CATALOGUE if one.name == name)


def dense_network(rng: Rng) -> ModelSpec:
    """Return a random network of dense layers as people write them."""
    depth = int(rng.integers(1, 5))
    widths = [int(n) for n in rng.integers(2, 8, depth + 1)]
    if rng.random() < 0.2:
        widths = [widths[0]] * (depth + 1)
    elif rng.random() < 0.3:
        widths[-1] = 1
    hidden = str(rng.choice(["sigmoid", "tanh", "relu", "leaky_relu", "softplus"]))
    bias = bool(rng.random() < 0.8)
    layers: list[dict[str, Any]] = []
    for width in widths[1:]:
        layers += [{"type": "dense", "units": width, "bias": bias}, {"type": hidden}]
    end, loss = _end(rng, widths[-1] > 1)
    return ModelSpec(
        input_shape=(widths[0],),
        layers=tuple(LAYERS[one["type"]](**one) for one in (*layers[:-1], *end)),
        loss=loss,
        optimizer=_optimizer(rng),
    )


def _end(rng: Rng, several: bool) -> tuple[list[dict[str, Any]], Loss]:
    """Return the activation of the output, if any, and a loss that goes with it."""
    reduction = rng.choice(["sum", "mean", "batch_mean"])
    squared = SquaredError(factor=float(rng.choice([0.5, 1.0])), reduction=reduction)
    choice = rng.integers(6 if several else 4)
    if choice == 4:
        return [{"type": "softmax"}], squared
    if choice == 5:
        return [], CrossEntropy(targets=rng.choice(["integer", "one_hot"]))
    if choice == 3:
        return [], BinaryCrossEntropyWithLogits(reduction=reduction)
    if choice == 2:
        return [{"type": "sigmoid"}], BinaryCrossEntropy(reduction=reduction)
    return ([{"type": "sigmoid"}] if choice else []), squared


def _optimizer(rng: Rng) -> Optimizer:
    rate = float(rng.choice([0.01, 0.1, 0.5]))
    if rng.random() < 0.6:
        return SGD(learning_rate=rate, weight_decay=float(rng.choice([0.0, 0.0, 0.01])))
    optimizers: list[Optimizer] = [
        Momentum(learning_rate=rate),
        Adam(learning_rate=0.01),
        RMSprop(learning_rate=0.01),
    ]
    return optimizers[int(rng.integers(len(optimizers)))]


def observe(
    spec: ModelSpec,
    made: list[At],
    rng: Rng,
    dtype: Any = np.float64,
    observations: int = 6,
    steps: int = 3,
    gradients: bool = True,
    full_batch: bool = False,
) -> list[Observed]:
    """Return training steps with some mistakes, every operation of which is rounded at random."""
    network, limits = compose(spec, made), np.finfo(dtype)
    probe = Probe(float(limits.epsneg), limits, rng)
    state = Network(spec).initial_state()
    weights = {name: (w + 0.3 * rng.normal(size=w.shape)).astype(dtype) for name, w in state.parameters.items()}
    seen = []
    for number in range(steps):
        batch = spec.check_batch(*spec.random_batch(observations, 0 if full_batch else number)).astype(dtype)
        x, y = (_rounded(array, probe) for array in batch[:2])
        slots = {slot: {n: _rounded(s, probe) for n, s in own.items()} for slot, own in state.slots.items()}
        wrapped = State({name: _rounded(w, probe) for name, w in weights.items()}, slots, {}, number)
        with np.errstate(all="ignore"):
            record = network.step(wrapped, x, y, {})
        before, weights = weights, _plain(record.parameters, dtype)
        own = _plain(record.gradients, dtype) if gradients else {}
        seen.append(Observed(batch.x, batch.y, before, weights, own))
        state = State(state.parameters, {slot: _plain(s, np.float64) for slot, s in record.slots.items()})
    return seen


def _rounded(array: Array, probe: Probe) -> Array:
    return array if array.dtype.kind in "iu" else probe.wrap(array.astype(np.float64))


def _plain(arrays: dict[str, Array], dtype: Any) -> dict[str, Array]:
    return {name: np.asarray(array).astype(dtype) for name, array in arrays.items()}
