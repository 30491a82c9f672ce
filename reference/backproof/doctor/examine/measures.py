"""What can be read off a network in one pass over its data: slopes, outputs, gradients, curvature."""

from typing import NamedTuple

import numpy as np

from backproof.doctor.examine.quick import Quick
from backproof.doctor.examine.training import Clock, Training
from backproof.fields import Array
from backproof.layers import Elementwise
from backproof.layers.dense import Dense
from backproof.step import State

MOST = 500
"""Observations that a measurement takes at most."""

POWER_ITERATIONS = 60
"""After k iterations λmax is off by about (λ₂/λ₁)²ᵏ: 2 % where the second eigenvalue is 0.97 of the first."""


class Unit(NamedTuple):
    """An activation over the data: its layer, z and a = f(z), each (observations, units), and f′(z)."""

    layer: Elementwise
    z: Array
    a: Array
    slope: Array


def observations(training: Training) -> tuple[Array, Array]:
    """Return the first observations, as many as a measurement takes."""
    return training.x[:MOST], training.y[:MOST]


def activations(training: Training, state: State) -> dict[str, Unit]:
    """Return every elementwise activation of the network over the data, by name."""
    network = Quick(training.spec)
    with np.errstate(all="ignore"):
        _, caches, _ = network.gradient(state, *observations(training))
        found = {}
        for layer, cache in zip(network.layers, caches, strict=True):
            if isinstance(layer, Elementwise):
                z, a = cache
                slope = np.broadcast_to(layer.derivative(z, a), z.shape)
                found[str(layer.name)] = Unit(layer, *(array.reshape(len(array), -1) for array in (z, a, slope)))
        return found


def gradients(training: Training, state: State) -> dict[str, Array]:
    """Return the gradient of every parameter over the data."""
    with np.errstate(all="ignore"):
        return Quick(training.spec).gradient(state, *observations(training))[0]


def deltas(training: Training, state: State) -> dict[str, float]:
    """Return the root mean square of δ = ∂C/∂z, z the output of each dense layer, the first layer first."""
    network, found = Quick(training.spec), {}
    with np.errstate(all="ignore"):
        _, caches, dy = network.gradient(state, *observations(training))
        for index in reversed(range(len(network.layers))):
            if isinstance(network.layers[index], Dense):
                found[network.spec.layer_names[index]] = rms(dy)
            dy, _ = network.layer_backward(index, state, caches, dy)
    return dict(reversed(found.items()))


def rms(array: Array) -> float:
    """Return the root of the mean square."""
    return float(np.sqrt(np.mean(np.square(array, dtype=np.float64)))) if array.size else 0.0


def dense_layers(training: Training) -> list[Dense]:
    """Return the dense layers of the chain, in order."""
    return [layer for layer in training.spec.layers if isinstance(layer, Dense)]


def largest_curvature(training: Training, state: State, seconds: float = 60.0) -> float:
    """Return λmax, the largest eigenvalue of the Hessian H of the loss of one (mean) batch.

    Power iteration v ← Hv / ‖Hv‖ finds the eigenvalue that is largest in size. If that is negative, the same on
    H − λI finds the largest. The product is Hv ≈ (g(w + εv) − g(w − εv)) / 2ε with the reference's gradient g in
    float64 and ε = ∛(machine epsilon) (1 + ‖w‖), where truncation and rounding are about the same.
    """
    network, (x, y), clock = Quick(training.spec), observations(training), Clock(seconds)
    state = state.astype(np.float64)
    x = x if training.spec.indices is not None else x.astype(np.float64)
    batch = len(training.x) if training.full_batch else int(training.batch_size or 1)
    scale = batch / len(x) if training.spec.loss.reduction == "sum" else 1.0
    w = network.join(state.parameters)
    step = float(np.cbrt(np.finfo(np.float64).eps)) * (1.0 + float(np.linalg.norm(w)))

    def g(flat: Array) -> Array:
        at = State(network.part(flat), state.slots, state.buffers)
        return scale * network.join(network.gradient(at, x, y)[0])

    def largest(shift: float) -> float:
        v = np.random.default_rng(training.seed).normal(size=w.size)
        value = 0.0
        for _ in range(POWER_ITERATIONS):
            v = v / (np.linalg.norm(v) or 1.0)
            product = (g(w + step * v) - g(w - step * v)) / (2.0 * step) + shift * v
            new = float(v @ product)
            if not np.isfinite(new) or abs(new - value) <= 1e-5 * abs(new) or clock.left == 0.0:
                return new - shift
            v, value = product, new
        return value - shift

    with np.errstate(all="ignore"):
        value = largest(0.0)
        return largest(-value) if value < 0 else value
