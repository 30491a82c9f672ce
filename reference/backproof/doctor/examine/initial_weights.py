"""Bad luck with the initial weights, or too few units: how many other draws of the same kind learn."""

from backproof.doctor.examination import Experiment, Remark
from backproof.doctor.examine.changes import redrawn_weights, uniform_weights, wider
from backproof.doctor.examine.context import Context, described

DRAWS = 20
"""Draws: where a tenth of all draws learn, 20 contain none with a probability of 12 %, and a fifth, of 1 %."""


def look(context: Context) -> Remark | None:
    """Return of how many new draws the training learns, where nothing else explains why it does not."""
    if not context.stuck or context.learnt_longer or context.lost or context.causes:
        return None
    draws: list[Experiment] = []
    for seed in range(DRAWS):
        one = context.experiment(f"initial weights, draw {seed + 1}", redrawn_weights(seed), brief=True)
        if one is None:
            break
        draws.append(one)
    learn = [one for one in draws if one.helps]
    measured = {"draws": float(len(draws)), "draws that learn": float(len(learn))}
    if learn:
        best = min(learn, key=lambda one: float(one.run.losses[-1]))
        seen = (
            f"The initial weights are bad luck: of {len(draws)} other draws of the same mean and spread "
            f"{len(learn)} learn (the best reaches {described(best.run)}), the given one does not."
        )
        return Remark("initial weights", seen, measured, (best,), cause=True)
    if len(draws) < DRAWS:
        return None
    seen = f"None of {DRAWS} other draws of the initial weights, of the same mean and spread, learns either"
    other = context.experiment("initial weights uniform in [−1, 1]", uniform_weights)
    if other is not None and other.helps:
        kind = f"{seen}, but with weights uniform in [−1, 1] the same run reaches {other.outcome}."
        return Remark("initial weights", kind, measured, (other,), cause=True)
    wide = context.experiment("four times as many units in every hidden layer", wider)
    if wide is not None and wide.helps:
        narrow = f"{seen}; with four times as many units in every hidden layer the run reaches {wide.outcome}."
        return Remark("unreachable target", narrow, measured, (wide,), cause=True)
    return None
