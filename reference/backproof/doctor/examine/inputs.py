"""Inputs whose scale or offset is far from 1: they saturate units, and stretch the loss in some directions."""

import numpy as np

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import standardised_inputs
from backproof.doctor.examine.context import Context, remark, told

LARGE, UNEQUAL = 10.0, 100.0
"""Inputs are unscaled if one's root mean square is above 10, or one varies a hundred times as much as most others.

The curvature of the first layer grows with the square of the input: 100-fold and 10,000-fold."""


def look(context: Context) -> Remark | None:
    """Return whether the inputs are unscaled, and whether standardising them is all that is needed."""
    if context.training.spec.indices is not None:
        return None
    x = context.training.x.reshape(len(context.training.x), -1).astype(np.float64)
    size = float(np.sqrt(np.square(x).mean(axis=0)).max())
    spread = np.sort(x.std(axis=0))
    spread = spread[spread > 0]
    unequal = float(spread[-1] / spread[(len(spread) - 1) // 2]) if len(spread) else 1.0
    if size <= LARGE and unequal <= UNEQUAL:
        return None
    seen = f"The largest input has a root mean square of {size:.3g}."
    if unequal > UNEQUAL:
        seen += f" One input varies {unequal:.3g} times as much as the one in the middle of their order."
    measured = {"largest rms": size, "ratio of spreads": unequal}
    if not context.stuck:
        return Remark("unscaled inputs", f"{seen} The run learns all the same.", measured)
    made = context.experiments(
        [context.experiment("inputs standardised (mean 0, standard deviation 1)", standardised_inputs)]
    )
    return remark("unscaled inputs", f"{seen} {told(made)}", made, **measured)
