"""Vanishing and exploding gradients: how δ = ∂C/∂z changes on its way from the last layer to the first."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import GLOROT, glorot_weights, tanh_for_sigmoid
from backproof.doctor.examine.context import Context, remark, told
from backproof.doctor.examine.measures import deltas, gradients, rms

RATIO = 1e-3
"""Layers whose δ differ a thousandfold cannot share a rate: one crawls or one jumps."""


def relative(context: Context, names: list[str]) -> dict[str, float]:
    """Return rms(∂C/∂W) / rms(W) at the start, by dense layer; layers whose weights are all 0 are left out."""
    found = gradients(context.training, context.given.start)
    weights = {name: rms(context.given.start.parameters[f"{name}.weight"]) for name in names}
    return {name: rms(found[f"{name}.weight"]) / size for name, size in weights.items() if size > 0}


def look(context: Context) -> Remark | None:
    """Return whether gradients vanish or explode on their way back, and whether that is the trouble."""
    if context.training.spec.aliases:
        return None
    sizes = deltas(context.training, context.given.start)
    if len(sizes) < 2:
        return None
    names = list(sizes)
    first, last = sizes[names[0]], sizes[names[-1]]
    if not (0 < first < RATIO * last or 0 < last < RATIO * first):
        return None
    kind = "vanishing gradients" if first < last else "exploding gradients"
    shares = relative(context, names)
    by_layer = ", ".join(f"{share:.2g} in {name}" for name, share in shares.items())
    seen = (
        f"At the start δ = ∂C/∂z has a root mean square of {last:.2g} in {names[-1]} and of {first:.2g} in "
        f"{names[0]}; gradient over weight is {by_layer}."
    )
    measured = {f"δ of {name}": size for name, size in sizes.items()}
    measured |= {f"relative gradient of {name}": share for name, share in shares.items()}
    if not context.stuck:
        return Remark(kind, f"{seen} The run learns all the same.", measured)
    if "saturation" in context.causes:
        return Remark(kind, f"{seen} It is the saturation that lets so little pass.", measured)
    made = context.experiments(
        [
            context.experiment(GLOROT, glorot_weights),
            context.experiment("tanh in place of the sigmoid in hidden layers", tanh_for_sigmoid),
        ]
    )
    return remark(kind, f"{seen} {told(made)}", made, **measured)
