"""How weights change from step to step: which array is the gradient, which optimizer takes it, at which rate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from backproof.doctor.infer.numbers import Number
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.values import Values
from backproof.fields import Array
from backproof.optimizers import OPTIMIZERS, Optimizer

USUAL_MEANS = (0.9, 0.99, 0.999)
"""What running means keep, where the code's numbers do not tell."""

SAME = 1e-6
"""How near two rates are that are the same number, one of them perhaps in float32."""

ENOUGH = 5
"""How many steps tell an optimizer from all others."""


@dataclass(frozen=True)
class Series:
    """An array of a parameter's shape that one place in the code yields at each step, in the spec's layout."""

    site: int
    flipped: bool
    arrays: tuple[Array, ...]


@dataclass(frozen=True)
class Rule:
    """An optimizer that turns series of arrays (one per parameter) into the updates, up to the sign `sign`."""

    fields: Mapping[str, Any]
    sign: int
    score: float
    meant: bool = False
    """Whether the code has its parts, though it does not make the updates seen."""

    @cached_property
    def optimizer(self) -> Optimizer:
        """The spec's optimizer."""
        return OPTIMIZERS[self.fields["type"]].model_validate(dict(self.fields))


@dataclass(frozen=True)
class Law:
    """How a weight's changes follow from gradients: an optimizer's fields, κ for its rate, and decay · κ.

    Δ = −κg − `decay`·w for descent, with μΔ of the step before for momentum. `free` where the changes do not
    depend on the size of the gradients, so that κ is the rate itself.
    """

    fields: Mapping[str, Any]
    rate: float
    decay: float = 0.0
    free: bool = False


class Trajectory:
    """One parameter over the steps: its values, its changes, and how exactly these are known."""

    def __init__(self, name: str, before: Sequence[Array], after: Sequence[Array]) -> None:
        self.name = name
        self.before = before
        self.changes = [b - a for a, b in zip(before, after, strict=True)]
        epsilon = np.finfo(before[0].dtype if before[0].dtype.kind == "f" else np.float64).eps
        # A difference of weights has lost the digits that these have more than it.
        self.known = [4 * epsilon * max(float(np.abs(a).max(initial=0)), 1e-300) for a in before]

    @property
    def moves(self) -> bool:
        """Whether the parameter ever changes."""
        return any(np.any(change != 0) for change in self.changes)

    def explained(self, predicted: Sequence[Array]) -> bool:
        """Return whether predicted changes are the changes seen, to rounding."""
        with np.errstate(all="ignore"):
            return all(
                bool(np.abs(p - c).max(initial=0) <= known + 1e-7 * np.abs(c).max(initial=0))
                for p, c, known in zip(predicted, self.changes, self.known, strict=False)
            )


def series(values: Values, steps: Sequence[Step], shape: tuple[int, ...], flipped: bool) -> Iterator[Series]:
    """Yield the places that yield one array of a parameter's size at each step: its last value in the step.

    `flipped` is how the code keeps the parameter itself: a gradient lies as its parameter does.
    """
    recording = values.recording
    size = int(np.prod(shape))
    sizes = np.array([content.size for content in values.contents] + [0])  # the last for SCALAR
    start, stop = steps[0].begun, steps[-1].ended
    contents = recording.event_contents[start:stop]
    fitting = np.flatnonzero((sizes[contents] == size) | ((contents < 0) & (size == 1))) + start
    sites = recording.event_sites[fitting]
    for site in np.unique(sites):
        own = fitting[sites == site]
        arrays = []
        for step in steps:
            position = int(np.searchsorted(own, step.ended)) - 1
            if position < 0 or own[position] < step.begun:
                break
            array = _laid(values.array(int(own[position])), shape, flipped)
            if array is None:
                break
            arrays.append(array)
        if len(arrays) == len(steps):
            yield Series(int(site), flipped, tuple(arrays))


def _laid(array: Array, shape: tuple[int, ...], flipped: bool) -> Array | None:
    if len(shape) == 2 and array.ndim == 2 and min(shape) > 1:
        wanted = shape[::-1] if flipped else shape
        if array.shape != wanted:
            return None
        return array.T if flipped else array
    return array.reshape(shape)


def rate_of(trajectory: Trajectory, gradients: Sequence[Array], most: int = ENOUGH) -> float | None:
    """Return η (of either sign) with Δ = −η g at every step, or None."""
    found = None
    for change, g, known in list(zip(trajectory.changes, gradients, trajectory.known, strict=False))[:most]:
        with np.errstate(all="ignore"):
            square = float((g.astype(np.float64) ** 2).sum())
            if not np.isfinite(square) or square == 0 or not np.any(change):
                if square == 0 and not np.any(change):
                    continue
                return None
            eta = -float((change.astype(np.float64) * g).sum()) / square if found is None else found
            slack = 1e-4 if change.dtype == np.float32 else 1e-7
            if np.abs(change + eta * g).max() > known + slack * np.abs(change).max():
                return None
        found = eta
    return found


def law(trajectory: Trajectory, gradients: Sequence[Array], constants: Sequence[Number]) -> Law | None:
    """Return the law by which gradients make the changes seen, or None."""
    rate = rate_of(trajectory, gradients)
    if rate is not None:
        return Law({"type": "sgd"}, rate)
    before = [np.zeros_like(trajectory.changes[0]), *trajectory.changes[:-1]]
    if len(gradients) < 2 or not trajectory.moves:
        return None
    for kind in ("sgd", "momentum"):
        for decayed in (False, True):
            terms = [
                gradients,
                *([before] if kind == "momentum" else []),
                *([trajectory.before] if decayed else []),
            ]
            if len(terms) == 1:
                continue
            found = _combination(trajectory, terms)
            if found is None:
                continue
            kappa, mu = -found[0], found[1] if kind == "momentum" else 0.0
            decay = -found[-1] if decayed else 0.0
            if kind == "momentum" and not decayed and abs(mu - 1) <= 1e-6:
                return Law({"type": "sgd"}, kappa)  # nobody zeroes the gradients: they add up
            if kappa == 0 or (kind == "momentum" and not 0 < mu < 1 - 1e-6) or (decayed and decay == 0):
                continue
            fields = (
                {"type": "sgd"} if kind == "sgd" else {"type": "momentum", "momentum": _nearest(mu, constants)}
            )
            return Law(fields, kappa, decay)
    for rule in rules(constants):
        optimizer = Rule(dict(rule) | {"learning_rate": 1.0}, 1, 0.0).optimizer
        rate = fitted_rate(trajectory, simulate(optimizer, trajectory, gradients))
        if rate is not None:
            return Law(rule, rate, free=rule["type"] != "momentum")
    return None


def _combination(trajectory: Trajectory, terms: Sequence[Sequence[Array]]) -> Array | None:
    """Return by what each term is multiplied for their sum to be the changes, at every step, or None."""
    matrix = np.stack([np.concatenate([t.ravel() for t in term]).astype(np.float64) for term in terms], axis=1)
    changes = np.concatenate([c.ravel() for c in trajectory.changes]).astype(np.float64)
    if not (np.all(np.isfinite(matrix)) and np.all(np.isfinite(changes))) or len(changes) <= len(terms) + 1:
        return None
    scale = np.linalg.norm(matrix, axis=0)
    if np.any(scale == 0):
        return None
    found = np.linalg.lstsq(matrix / scale, changes, rcond=None)[0] / scale
    predicted = [
        sum(c * term[k] for c, term in zip(found, terms, strict=True)) for k in range(len(trajectory.changes))
    ]
    return found if trajectory.explained(predicted) else None


def _nearest(value: float, constants: Sequence[Number]) -> float:
    """Return the number in the code that a fitted value is, or the value to six digits."""
    near = [n.value for n in constants if abs(n.value - value) <= 1e-5 * abs(value)]
    return min(near, key=lambda v: abs(v - value), default=float(f"{value:.6g}"))


def rules(constants: Sequence[Number]) -> Iterator[Mapping[str, Any]]:
    """Yield the optimizers to try besides plain descent, with the code's own numbers, without a rate."""
    fractions = sorted({n.value for n in constants if 0.5 <= n.value < 1}, reverse=True)
    kept = {1.0 - n.value for n in constants if 0 < n.value <= 0.2}  # s += (1 − ρ)·(g² − s)
    means = sorted({f for f in fractions if f >= 0.8} | {round(k, 12) for k in kept}) or list(USUAL_MEANS)
    tiny = sorted({n.value for n in constants if 0 < n.value < 1e-3}) or [1e-8]
    for mu in fractions:
        for nesterov in (False, True):
            yield {"type": "momentum", "momentum": mu, "nesterov": nesterov}
    for epsilon in tiny:
        for placement in ("corrected", "uncorrected"):
            for beta1 in means:
                for beta2 in means:
                    if beta1 < beta2:
                        yield {
                            "type": "adam",
                            "beta1": beta1,
                            "beta2": beta2,
                            "epsilon": epsilon,
                            "epsilon_placement": placement,
                        }
        for placement in ("outside", "inside"):
            for rho in means:
                yield {"type": "rmsprop", "rho": rho, "epsilon": epsilon, "epsilon_placement": placement}
            yield {"type": "adagrad", "epsilon": epsilon, "epsilon_placement": placement}


def simulate(optimizer: Optimizer, trajectory: Trajectory, gradients: Sequence[Array]) -> list[Array]:
    """Return the changes that an optimizer makes of a series of gradients, at the weights that were seen."""
    name = trajectory.name
    slots = optimizer.initial_slots({name: trajectory.before[0].astype(np.float64)})
    changes = []
    for number, (w, g) in enumerate(zip(trajectory.before, gradients, strict=False)):
        with np.errstate(all="ignore"):
            updates, slots = optimizer.update(
                {name: w.astype(np.float64)}, {name: g.astype(np.float64)}, slots, number
            )
        changes.append(updates[name])
    return changes


def fitted_rate(trajectory: Trajectory, unit: Sequence[Array]) -> float | None:
    """Return the rate by which changes at rate 1 become the changes seen, at every step, or None."""
    first, change = unit[0], trajectory.changes[0]
    with np.errstate(all="ignore"):
        square = float((first**2).sum())
        if not np.isfinite(square) or square == 0:
            return None
        rate = float((first * change).sum()) / square
        if rate <= 0:
            return None
        return rate if trajectory.explained([rate * u for u in unit]) else None
