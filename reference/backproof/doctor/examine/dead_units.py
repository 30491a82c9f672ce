"""Dead units: rectifiers that are 0 for every observation, so that no gradient ever reaches their weights."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import GLOROT, glorot_weights, leaky
from backproof.doctor.examine.context import Context, percent, remark, told
from backproof.doctor.examine.measures import Unit, activations
from backproof.layers.relu import ReLU

MOST = 0.5
"""A layer is remarked on where more than half of its units are dead."""


def shares(units: dict[str, Unit]) -> dict[str, float]:
    """Return the share of units that are active for no observation, by activation."""
    return {
        name: float((unit.slope == 0).all(axis=0).mean())
        for name, unit in units.items()
        if isinstance(unit.layer, ReLU)
    }


def look(context: Context) -> Remark | None:
    """Return in which layers most units are dead, and whether a slope below 0 revives the training."""
    start = shares(activations(context.training, context.given.start))
    end = shares(activations(context.training, context.given.end))
    dead = [name for name in end if end[name] > MOST]
    if not dead:
        return None
    where = "; ".join(
        f"{name} {percent(start[name])} at the start and {percent(end[name])} at the end" for name in dead
    )
    seen = f"Units that are 0 for every observation, and so get no gradient: {where}."
    measured = {f"dead share of {name} at the start": start[name] for name in dead}
    measured |= {f"dead share of {name} at the end": end[name] for name in dead}
    if not context.stuck:
        return Remark("dead units", f"{seen} The others suffice: the run learns.", measured)
    made = context.experiments(
        [
            context.experiment("leaky ReLU (slope 0.01) in place of ReLU", leaky),
            context.experiment(GLOROT, glorot_weights),
        ]
    )
    return remark("dead units", f"{seen} {told(made)}", made, **measured)
