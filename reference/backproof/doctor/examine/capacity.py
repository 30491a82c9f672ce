"""Networks that cannot represent the targets whatever their weights: linear ones, and such without biases."""

import numpy as np

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import hidden_layer, tanh_between, with_biases
from backproof.doctor.examine.context import Context, remark, told
from backproof.doctor.examine.measures import dense_layers
from backproof.layers.dense import Dense
from backproof.losses import SquaredError

RESHAPING = ("flatten", "reshape")
"""Layers that only move numbers."""


def look(context: Context) -> Remark | None:
    """Return whether a bias, a non-linearity or more units are all that is missing."""
    if not context.stuck or context.causes or not dense_layers(context.training):
        return None
    *before, _ = context.training.spec.layers
    linear = all(isinstance(layer, Dense) or layer.kind in RESHAPING for layer in before)
    biases = context.experiment("biases in all layers, starting at 0", with_biases)
    if biases is not None and biases.helps:
        seen = f"Without biases the network cannot fit these targets. {told((biases,))}"
        return remark("unreachable target", seen, (biases,))
    return _linear(context) if linear else None


def _linear(context: Context) -> Remark | None:
    made = context.experiments(
        [
            context.experiment("tanh between the dense layers", tanh_between),
            context.experiment("a hidden layer of 8 tanh units", hidden_layer),
        ]
    )
    least = least_linear(context)
    if not any(e.helps for e in made):
        return None
    shown = "" if least is None else f" Least squares show that no linear network has a loss below {least:.4g}."
    seen = f"The network is linear up to its output, and a plane cannot fit these targets.{shown} {told(made)}"
    return remark("unreachable target", seen, made, **({} if least is None else {"least loss": least}))


def least_linear(context: Context) -> float | None:
    """Return the least squared error of any linear network with biases; None for other losses."""
    training = context.training
    loss, y = training.spec.loss, training.y
    if (
        not isinstance(loss, SquaredError)
        or loss.weighted
        or not isinstance(training.spec.layers[-1], Dense)
        or y.ndim != 2
    ):
        return None
    rows = np.column_stack([np.ones(len(y)), training.x.reshape(len(y), -1)])
    if rows.shape[1] > 500:
        return None
    return float(loss.value(rows @ np.linalg.lstsq(rows, y, rcond=None)[0], y))
