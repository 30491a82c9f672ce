"""Bad luck with the initial weights: how many other draws of the same kind learn."""

import numpy as np

from backproof.doctor.examination import Experiment, Remark
from backproof.doctor.examine.changes import redrawn_weights, uniform_weights
from backproof.doctor.examine.context import Context, described

DRAWS = 20
"""Draws: with 20 a share is known to about ±0.2 (95 %), and one success rules out hopelessness."""


def look(context: Context) -> Remark | None:
    """Return of how many new draws the training learns, where nothing else explains why it does not."""
    if not context.stuck or context.learnt_longer or context.causes:
        return None
    draws: list[Experiment] = []
    for seed in range(DRAWS):
        one = context.experiment(f"initial weights drawn anew, draw {seed + 1}", redrawn_weights(seed), brief=True)
        if one is None:
            break
        draws.append(one)
    other = context.experiment("initial weights uniform in [−1, 1]", uniform_weights)
    learn = [one for one in draws if one.helps]
    if not draws or (not learn and (other is None or not other.helps)):
        return None
    measured = {"draws": float(len(draws)), "draws that learn": float(len(learn))}
    if learn:
        best = min(learn, key=lambda one: float(np.nan_to_num(one.run.losses[-1], nan=np.inf)))
        seen = (
            f"The initial weights are bad luck: of {len(draws)} other draws of the same mean and spread "
            f"{len(learn)} learn "
            f"(the best reaches {described(best.run)}), the given one does not."
        )
        return Remark("initial weights", seen, measured, (best,), cause=True)
    assert other is not None
    seen = (
        f"It is the kind of initial weights: none of {len(draws)} other draws of the same mean and spread learns, "
        f"but with weights uniform in [−1, 1] the same run reaches {other.outcome}."
    )
    return Remark("initial weights", seen, measured, (other,), cause=True)
