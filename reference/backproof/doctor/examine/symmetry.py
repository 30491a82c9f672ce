"""Units of a layer that are identical: they get the same gradient, and stay identical for ever."""

from itertools import pairwise

import numpy as np

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import perturbed_weights
from backproof.doctor.examine.context import Context, percent, remark, told
from backproof.doctor.examine.measures import activations, dense_layers
from backproof.doctor.examine.training import Training
from backproof.fields import Array
from backproof.step import State

SAME = 1e-9
"""Outputs that differ by less than this share of the largest are the same: rounding in float64 is below 1e-12."""

SIZES = (0.1, 0.5)
"""Sizes of the noise that breaks the symmetry, as shares of the weights: little, and much."""


def distinct(columns: Array, tolerance: float) -> int:
    """Return the number of distinct columns, up to `tolerance` of the largest entry."""
    scale = float(np.abs(columns).max(initial=0.0)) or 1.0
    kept: list[Array] = []
    for column in columns.T:
        if not any(np.abs(column - other).max(initial=0.0) <= tolerance * scale for other in kept):
            kept.append(column)
    return len(kept)


def effective_widths(training: Training, state: State) -> dict[str, tuple[int, int]]:
    """Return of each hidden dense layer how many of its units differ, and how many it has.

    Units are the same if they have the same incoming weights and bias, or the same output for all observations,
    and also the same outgoing weights where a dense layer comes next: only then do they get the same gradient.
    """
    tolerance = SAME if training.dtype == np.float64 else 1e-4
    units = activations(training, state)
    names = [str(layer.name) for layer in training.spec.layers]
    dense = dense_layers(training)
    found = {}
    for layer, following in pairwise(dense):
        incoming = state.parameters.get(f"{layer.name}.weight")
        outgoing = state.parameters.get(f"{following.name}.weight")
        if incoming is None or outgoing is None or outgoing.shape[0] != layer.units:
            continue
        after = names[names.index(str(layer.name)) + 1]
        bias = state.parameters.get(f"{layer.name}.bias", np.zeros(layer.units))
        by_weights = distinct(np.vstack([incoming, bias[None], outgoing.T]), tolerance)
        by_output = by_weights
        if after in units and units[after].a.shape[1] == layer.units:
            by_output = distinct(np.vstack([units[after].a, outgoing.T]), tolerance)
        found[str(layer.name)] = (min(by_weights, by_output), layer.units)
    return found


def look(context: Context) -> Remark | None:
    """Return which layers consist of identical units, and whether that is what holds the training back."""
    training = context.training
    start = effective_widths(training, context.given.start)
    end = effective_widths(training, context.given.end)
    equal = {name: w for name, w in start.items() if w[0] < w[1] and end[name][0] < w[1]}
    if not equal:
        return None
    width = ", ".join(f"{distinct_} of {units} in {name}" for name, (distinct_, units) in equal.items())
    seen = (
        f"Units are identical and stay so, because equal weights get equal gradients: distinct units are {width}."
    )
    measured = {f"effective width of {name}": float(w) for name, (w, _) in equal.items()}
    if context.learnt or context.slow:
        return Remark("symmetry", f"{seen} The run learns all the same.", measured, refuted=True)
    made = context.experiments(
        [
            context.experiment(
                f"noise of {percent(size)} on the weights to break the symmetry", perturbed_weights(size)
            )
            for size in SIZES
        ]
    )
    if context.learnt_longer and context.longer is not None:
        after = effective_widths(training, context.longer.end)
        if all(after[name][0] < units for name, (_, units) in equal.items()):
            last = int(context.longer.run.iterations[-1])
            refuted = (
                f"{seen} It is not the cause: the very same run, its units still identical, reaches "
                f"loss {context.longer.run.losses[-1]:.4g} by iteration {last:,}."
            )
            return Remark("symmetry", refuted, measured, made, refuted=True)
    return remark("symmetry", f"{seen} {told(made)}", made, **measured)
