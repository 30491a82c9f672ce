"""Targets that the last activation cannot reach, whatever the weights."""

import numpy as np

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import sigmoid_output, without_last_activation
from backproof.doctor.examine.context import Context, remark, told

RANGES = {
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, np.inf),
    "softplus": (0.0, np.inf),
}
"""What the last activation can yield."""

OUT_OF_REACH = 0.05
"""Remarked on where at least this share of the constant prediction's loss is out of reach."""


def look(context: Context) -> Remark | None:
    """Return the best loss that the output's range allows, and whether another output reaches the targets."""
    training, y = context.training, context.training.y
    last = training.spec.layers[-1]
    if last.kind not in RANGES or y.shape != (len(y), *training.spec.shapes[-1]):
        return None
    low, high = RANGES[last.kind]
    single = last.kind == "softmax" and y.shape[-1] == 1
    nearest = np.ones_like(y) if single else np.clip(y, low, high)
    with np.errstate(all="ignore"):
        least = float(training.spec.loss.value(nearest, y)) if not training.spec.loss.weighted else 0.0
    if not least > OUT_OF_REACH * context.yardstick.loss:
        return None
    seen = (
        f"A softmax over one unit is always 1, so the loss is always {least:.4g}."
        if single
        else f"Outputs of {last.kind} {_where(low, high)}, "
        f"targets between {y.min():.4g} and {y.max():.4g}: "
        f"no weights bring the loss below {least:.4g} (a constant prediction has {context.yardstick.loss:.4g})."
    )
    if not context.stuck:
        return Remark("unreachable target", f"{seen} The run learns as far as it can.", {"least loss": least})
    made = context.experiments(
        [
            context.experiment("sigmoid in place of softmax", sigmoid_output) if single else None,
            context.experiment(f"no {last.kind} at the output", without_last_activation),
        ]
    )
    return remark("unreachable target", f"{seen} {told(made)}", made, **{"least loss": least})


def _where(low: float, high: float) -> str:
    return f"are never below {low:g}" if high == np.inf else f"lie between {low:g} and {high:g}"
