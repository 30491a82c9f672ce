"""Updates that are lost in rounding: so small against their weight that w + Δ is w again."""

import numpy as np

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import in_float64
from backproof.doctor.examine.context import Context, percent, remark, told
from backproof.doctor.examine.measures import gradients
from backproof.doctor.examine.quick import Quick

MOST = 0.1
"""Remarked on where more than a tenth of the updates that are not 0 change nothing."""


def lost_share(context: Context) -> float:
    """Return the share of entries with Δ ≠ 0 and w + Δ = w, in one more update after the end.

    That is |Δ| below half the distance to the next number, about 2⁻²⁵ |w| in float32, where w is that much larger.
    """
    state = context.given.end
    network = Quick(context.training.spec)
    found = gradients(context.given.training, state)
    updates, _ = network.changes(state, found)
    moved = sum(int(np.count_nonzero(update)) for update in updates.values())
    lost = sum(
        int(((update != 0) & (state.parameters[n] + update == state.parameters[n])).sum())
        for n, update in updates.items()
    )
    return lost / moved if moved else 0.0


def look(context: Context) -> Remark | None:
    """Return what share of the updates is lost in less than float64, and whether float64 keeps what is needed."""
    if context.training.dtype == np.float64:
        return None
    with np.errstate(all="ignore"):
        share = lost_share(context)
    if share <= MOST:
        return None
    dtype = np.dtype(context.training.dtype).name
    seen = f"At the end {percent(share)} of the updates are lost in {dtype}: w + Δ is w again."
    if not context.stuck:
        return Remark("lost updates", f"{seen} The run had learnt by then.", {"share": share})
    made = context.experiments([context.experiment(f"float64 instead of {dtype}", in_float64)])
    return remark("lost updates", f"{seen} {told(made)}", made, share=share)
