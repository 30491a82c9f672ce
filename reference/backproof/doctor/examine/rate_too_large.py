"""Rates that are too large, or only said to be: against the largest curvature, and by runs at lower rates."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.context import Context
from backproof.doctor.examine.measures import largest_curvature
from backproof.doctor.examine.sweep import sweep, useful
from backproof.optimizers import SGD, Momentum

SUSPECT = 1.0
"""A rate from which on people say that it is too large, whatever the loss."""

REFUTING = 2
"""Lower rates that must have been tried before a rate is said not to be too large."""

FEW = 4
"""Lower rates tried where the loss has not grown: two orders of magnitude."""


def stability_bound(context: Context) -> float | None:
    """Return 2 / λmax at the start: the rate above which gradient descent leaves a minimum of this curvature.

    Along an eigenvector of the Hessian an update multiplies the distance from a minimum by 1 − ηλ, below 1 in size
    just where η < 2/λ; with heavy-ball momentum μ where η < 2(1 + μ)/λ (Polyak 1964). Only for these two
    optimizers, and only to second order: where the loss flattens out, larger rates do no harm. None where λmax ≤
    0.
    """
    optimizer = context.training.spec.optimizer
    if not isinstance(optimizer, SGD | Momentum) or getattr(optimizer, "nesterov", False):
        return None
    if not context.training.parameters:
        return None
    curvature = largest_curvature(context.training, context.given.start, context.clock.left / 10.0)
    return 2.0 * (1.0 + getattr(optimizer, "momentum", 0.0)) / curvature if curvature > 0 else None


def look(context: Context) -> Remark | None:
    """Return whether the run diverges or would learn at a lower rate, or that the rate is wrongly suspected."""
    optimizer = context.training.spec.optimizer
    rate = optimizer.rate(0)
    plain = isinstance(optimizer, SGD | Momentum)
    if not context.stuck:
        if rate < SUSPECT or not plain:
            return None
        told, measured = _bounded(context, rate)
        return Remark(
            "rate too large", f"The rate {rate:g} is not too large: the run learns.{told}", measured, refuted=True
        )
    lost = context.lost
    tried = sweep(context, up=False) if lost else sweep(context, up=False, most=FEW)
    made = context.experiments([one for _, one in tried])
    told, measured = _bounded(context, rate)
    kind = "divergence" if lost else "rate too large"
    if any(e.helps for e in made):
        what = f"With rate {rate:g} {_grown(context)}." if lost else f"Rate {rate:g} is too large."
        return Remark(kind, f"{what}{told} {useful(tried)}", measured, made, cause=True)
    if lost:
        return Remark(
            kind,
            f"With rate {rate:g} {_grown(context)}.{told} No lower rate tried makes it learn.",
            measured,
            made,
        )
    if rate >= SUSPECT and plain and len(made) >= REFUTING:
        what = f"The rate {rate:g} is not what holds the run back: it learns at none of {len(made)} lower rates."
        return Remark(kind, f"{what}{told}", measured, made, refuted=True)
    return None


def _grown(context: Context) -> str:
    run = context.given.run
    if run.diverged is not None:
        return f"the numbers overflow at iteration {run.diverged:,}"
    return f"the loss grows from {run.losses[0]:.4g} to {run.losses[-1]:.4g}"


def _bounded(context: Context, rate: float) -> tuple[str, dict[str, float]]:
    """Return the rate against the stability bound, in words and numbers."""
    bound = stability_bound(context)
    if bound is None:
        return "", {"rate": rate}
    told = (
        f" The largest curvature at the start, λmax = {2.0 / bound:.3g}, allows rates up to 2/λmax = {bound:.3g}."
    )
    if isinstance(context.training.spec.optimizer, Momentum):
        told = f" The curvature at the start allows rates up to 2(1 + μ)/λmax = {bound:.3g}."
    return told, {"rate": rate, "stability bound": bound}
