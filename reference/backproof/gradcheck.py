"""The reference against finite differences, against complex steps, and against itself written with loops.

A gradient g is right when g · v is the slope of the loss along v, for random v: all-ones directions and sums
hide errors that cancel. Two independent ways give that slope:

- the complex step, Im f(x + ihv) / h with h = 2⁻¹⁰⁰: no subtraction, so exact to rounding (Squire & Trapp 1998),
  wherever f is analytic;
- central differences extrapolated to h → 0, with the error that the extrapolation itself estimates (Ridders 1982).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers import Layer, Parameter, chain
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State

ROUNDING = 2.0**-44
"""What a few hundred roundings may do to a sum, as a share of the sum of its absolute terms."""


LEVELS = 16
"""Steps of 2⁻⁴ to 2⁻¹⁹."""


@dataclass(frozen=True)
class Slope:
    """A slope along a direction, how far it may be off, and how it was found."""

    value: float
    error: float
    method: str


@dataclass(frozen=True)
class Check:
    """One gradient along one direction, beside the independent slope."""

    name: str
    analytic: float
    slope: Slope
    scale: float
    """Σ|gᵢvᵢ|: what the rounding of the analytic value is measured by."""

    @property
    def passes(self) -> bool:
        """Whether the two agree within what either may be off."""
        return abs(self.analytic - self.slope.value) <= self.slope.error + ROUNDING * self.scale


def slope(terms: Callable[[Array], Array], x: Array, v: Array) -> Slope:
    """Return d/dt Σ terms(x + tv) at t = 0, by the complex step where the calculation allows it.

    Parameters
    ----------
    terms
        The terms whose sum is differentiated; must accept complex arrays for the complex step to be taken.
    x, v
        Point and direction, float64.
    """
    h = 2.0**-100
    try:
        slopes = terms(x + 1j * h * v).imag / h
    except TypeError:
        return central_difference(terms, x, v)
    return Slope(float(slopes.sum()), ROUNDING * float(np.abs(slopes).sum()), "complex step")


def central_difference(terms: Callable[[Array], Array], x: Array, v: Array) -> Slope:
    """Return the slope by central differences with halved steps, extrapolated (Ridders' tableau)."""
    best = Slope(np.nan, np.inf, "central difference")
    previous: list[float] = []
    for level in range(LEVELS):
        h = 2.0 ** (-4 - level)
        high, low = terms(x + h * v), terms(x - h * v)
        rounding = ROUNDING * float(np.abs(high).sum() + np.abs(low).sum()) / (2 * h)
        row = [float((high - low).sum()) / (2 * h)]
        for order, older in enumerate(previous, start=1):
            row.append(row[-1] + (row[-1] - older) / (4**order - 1))
            error = max(abs(row[-1] - row[-2]), abs(row[-1] - older)) + rounding
            if error < best.error:
                best = Slope(row[-1], error, best.method)
        previous = row
    return best


Method = Callable[[Callable[[Array], Array], Array, Array], Slope]
"""(terms, point, direction) to the slope of their sum."""


def check_layer(
    layer: Layer, shape: tuple[int, ...], method: Method = slope, seed: int = 0, batch: int = 5
) -> list[Check]:
    """Check a layer's backward for its input and every parameter, pulled back from a random cotangent."""
    rng = np.random.default_rng(seed)
    n = layer.indices()
    x = rng.normal(size=(batch, *shape)) if n is None else rng.integers(0, n, size=(batch, *shape))
    declared = layer.parameters(shape)
    parameters = {name: rng.normal(size=p.shape) for name, p in declared.items()}
    fixed = {name: b.initial + 0.3 * rng.random(size=b.shape) for name, b in layer.buffers(shape).items()}
    fixed |= {name: side.draw(rng, (batch, *side.shape)) for name, side in layer.side_inputs(shape).items()}
    output, cache = layer.forward(parameters | fixed, x)
    cotangent = rng.normal(size=output.shape)
    dx, gradients = layer.backward(parameters, cache, cotangent)

    def along(name: str, gradient: Array, point: Array, terms: Callable[[Array], Array]) -> Check:
        v = _direction(rng, point, declared.get(name))
        parts = gradient * v
        return Check(name, float(parts.sum()), method(terms, point, v), float(np.abs(parts).sum()))

    checks = []
    if n is None:
        checks.append(along("input", dx, x, lambda at: cotangent * layer.forward(parameters | fixed, at)[0]))
    for name, gradient in gradients.items():

        def moved(at: Array, name: str = name) -> Array:
            return cotangent * layer.forward(parameters | fixed | {name: at}, x)[0]

        checks.append(along(name, gradient, parameters[name], moved))
    return checks


def check_network(
    spec: ModelSpec, state: State, batch: Batch, method: Method = slope, seed: int = 0
) -> list[Check]:
    """Check the reference's gradients of the loss for the input and every parameter."""
    rng = np.random.default_rng(seed)
    network, (x, y, side) = Network(spec), batch
    of_loss: dict[str, Array] = chain.of(side, "loss")
    last = spec.layer_names[-1]
    outputs, caches = network.forward(state, x, side)
    dx, gradients = network.backward(state, caches, network.loss_gradient(outputs[last], y, of_loss))

    def terms(name: str, at: Array) -> Array:
        moved = state if name == "input" else State(state.parameters | {name: at}, state.slots, state.buffers)
        outputs, _ = network.forward(moved, at if name == "input" else x, side)
        return spec.loss.scaled_terms(outputs[last], y, of_loss)

    checks = []
    inputs = [("input", dx, x)] if spec.indices is None else []
    for name, gradient, point in [*inputs, *((n, g, state.parameters[n]) for n, g in gradients.items())]:
        v = _direction(rng, point, spec.parameters.get(name))
        parts = gradient * v
        found = method(lambda at, name=name: terms(name, at), point, v)  # type: ignore[misc]
        checks.append(Check(name, float(parts.sum()), found, float(np.abs(parts).sum())))
    return checks


def _direction(rng: np.random.Generator, point: Array, parameter: Parameter | None) -> Array:
    """Draw a direction in which the gradient is the slope: not along what is constant by definition."""
    v = rng.normal(size=point.shape)
    if parameter is not None:
        v[list(parameter.constant_rows)] = 0.0
    return v


def index_by_index(
    weights: Sequence[Any], biases: Sequence[Any], x: Any, e: Any
) -> tuple[list[Array], list[Array]]:
    """Return the gradients of a sigmoid network, one index at a time and no matrix anywhere.

    C = 1/T Σᵢ Cᵢ with Cᵢ = Σⱼ (aᵢⱼ − eᵢⱼ)². For observation i, layer l and neuron j:

        ∂Cᵢ/∂a[l][j] = 2 (a[l][j] − e[i][j])                         in the last layer,
                       Σₖ ∂Cᵢ/∂a[l+1][k] · σ′(z[l+1][k]) · w[l+1][j][k]   below it
        ∂Cᵢ/∂b[l][j] = ∂Cᵢ/∂a[l][j] · σ′(z[l][j])
        ∂Cᵢ/∂w[l][m][j] = ∂Cᵢ/∂b[l][j] · a[l−1][m]

    with w[l][m][j] from neuron m to neuron j. It exists to check the matrix form, and is as slow as it is plain.
    """
    layers, observations = len(weights), len(x)
    dw = [np.zeros(np.shape(w)) for w in weights]
    db = [np.zeros(np.shape(b)) for b in biases]
    for i in range(observations):
        a: list[list[float]] = [[float(value) for value in x[i]]]
        for l in range(layers):  # noqa: E741 - the layer's index, as in the formulas
            a.append(
                [
                    _sigma(biases[l][j] + sum(a[l][m] * weights[l][m][j] for m in range(len(a[l]))))
                    for j in range(len(biases[l]))
                ]
            )
        da = [2.0 * (a[-1][j] - float(e[i][j])) for j in range(len(a[-1]))]
        for l in reversed(range(layers)):  # noqa: E741
            delta = [da[j] * a[l + 1][j] * (1.0 - a[l + 1][j]) for j in range(len(da))]
            for j in range(len(delta)):
                db[l][j] += delta[j] / observations
                for m in range(len(a[l])):
                    dw[l][m][j] += delta[j] * a[l][m] / observations
            da = [sum(delta[k] * weights[l][j][k] for k in range(len(delta))) for j in range(len(a[l]))]
    return dw, db


def _sigma(z: float) -> float:
    return float(1.0 / (1.0 + np.exp(-z)))
