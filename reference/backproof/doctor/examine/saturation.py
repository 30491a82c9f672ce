"""Saturated units: slopes f′(z) so small that hardly any gradient passes."""

import numpy as np

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import GLOROT, glorot_weights, logistic_loss, uniform_weights
from backproof.doctor.examine.context import Context, percent, remark, told
from backproof.doctor.examine.measures import Unit, activations, gradients
from backproof.layers.sigmoid import HardSigmoid, Sigmoid
from backproof.layers.tanh import Tanh

STEEPEST = {Sigmoid: 0.25, HardSigmoid: 1.0 / 6.0, Tanh: 1.0}
"""The largest slope of each activation that saturates on both sides, at z = 0."""

BOUND = 0.1
"""A unit is saturated where its slope is below a tenth of the largest: each such layer slows learning tenfold.

For the sigmoid that is σ′ < 0.025, |z| > 3.63."""

USELESS = 1e-12
"""A gradient with which no rate that people take gets anywhere."""

MOST = 0.5
"""A layer is remarked on where more than this share of units × observations is saturated."""


def shares(units: dict[str, Unit]) -> dict[str, float]:
    """Return the share of units × observations that are saturated, by activation."""
    return {
        name: float((unit.slope < BOUND * STEEPEST[type(unit.layer)]).mean())
        for name, unit in units.items()
        if type(unit.layer) in STEEPEST
    }


def _rounded(units: dict[str, Unit], largest: float) -> str:
    """Return where a sigmoid's a is 1 but for rounding, so that a(1 − a) is 0 and the slope is not."""
    lost = {
        name: float(((unit.a == 1) & (unit.slope > 0)).mean())
        for name, unit in units.items()
        if type(unit.layer) is Sigmoid
    }
    where = ", ".join(f"{percent(share)} of {name}" for name, share in lost.items() if share > 0)
    if not where:
        return ""
    seen = f" In {where} a rounds to 1, and a(1 − a) to exactly 0; the slope is σ(z)σ(−z), which is not 0."
    return seen + (f" The gradient is not 0 either, but {largest:.3g} is no use." if largest < USELESS else "")


def look(context: Context) -> Remark | None:
    """Return which layers are saturated at the start and at the end, and whether other weights or loss cure it."""
    units = activations(context.training, context.given.start)
    start = shares(units)
    end = shares(activations(context.training, context.given.end))
    full = [name for name in start if start[name] > MOST or (context.stuck and end[name] > MOST)]
    if not full:
        return None
    where = "; ".join(
        f"{name} {percent(start[name])} at the start (median slope {np.median(units[name].slope):.3g}) "
        f"and {percent(end[name])} at the end"
        for name in full
    )
    largest = max(
        float(np.abs(g).max(initial=0.0)) for g in gradients(context.training, context.given.start).values()
    )
    seen = (
        f"Saturated, with a slope below a tenth of the largest: {where}. "
        f"The largest gradient at the start is {largest:.3g}."
    )
    measured = {f"share of {name} at the start": start[name] for name in full}
    measured |= {f"share of {name} at the end": end[name] for name in full}
    measured["largest gradient"] = largest
    seen += _rounded(units, largest)
    measured |= {f"median slope of {name}": float(np.median(units[name].slope)) for name in full}
    if not context.stuck:
        return Remark("saturation", f"{seen} The run learns all the same.", measured)
    if not any(end[name] > MOST for name in full):
        return Remark("saturation", f"{seen} The run comes out of it by itself.", measured)
    made = context.experiments(
        [
            context.experiment("initial weights uniform in [−1, 1]", uniform_weights),
            context.experiment(GLOROT, glorot_weights),
            context.experiment("cross-entropy of the logits in place of squared error", logistic_loss),
        ]
    )
    return remark("saturation", f"{seen} {told(made)}", made, **measured)
