"""Vanishing and exploding gradients: each layer's gradient against its weights and the other layers'."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.changes import glorot_weights, tanh_for_sigmoid
from backproof.doctor.examine.context import Context, remark, told
from backproof.doctor.examine.measures import dense_layers, gradients, rms

RATIO = 1e-3
"""Layers of one network whose relative gradients differ a thousandfold cannot share a rate: one crawls or one
jumps."""


def relative(context: Context) -> dict[str, float]:
    """Return rms(∂C/∂W) / rms(W) at the start, by dense layer, the first layer first; layers of zeros left out."""
    found = gradients(context.training, context.given.start)
    weights = {
        str(d.name): context.given.start.parameters.get(f"{d.name}.weight") for d in dense_layers(context.training)
    }
    sizes = {name: rms(w) for name, w in weights.items() if w is not None}
    return {name: rms(found[f"{name}.weight"]) / size for name, size in sizes.items() if size > 0}


def look(context: Context) -> Remark | None:
    """Return whether gradients vanish or explode on the way to the first layer, and whether that holds the run
    back.
    """
    sizes = relative(context)
    if len(sizes) < 2:
        return None
    names = list(sizes)
    first, last = sizes[names[0]], sizes[names[-1]]
    if not (0 < first < RATIO * last or 0 < last < RATIO * first):
        return None
    kind = "vanishing gradients" if first < last else "exploding gradients"
    sizes_told = ", ".join(f"{size:.2g} in {name}" for name, size in sizes.items())
    seen = f"Gradient over weight (root mean squares, at the start) is {sizes_told}."
    measured = {f"relative gradient of {name}": size for name, size in sizes.items()}
    if not context.stuck:
        return Remark(kind, f"{seen} The run learns all the same.", measured)
    if "saturation" in context.causes:
        return Remark(kind, f"{seen} It is the saturation that lets so little pass.", measured)
    made = context.experiments(
        [
            context.experiment("initial weights of variance 2 / (fan_in + fan_out), biases 0", glorot_weights),
            context.experiment("tanh in place of the sigmoid in hidden layers", tanh_for_sigmoid),
        ]
    )
    return remark(kind, f"{seen} {told(made)}", made, **measured)
