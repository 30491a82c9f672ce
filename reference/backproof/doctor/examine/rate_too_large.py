"""Rates that are too large, or only said to be: against the largest curvature, and by runs at lower rates."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.context import Context
from backproof.doctor.examine.measures import largest_curvature
from backproof.doctor.examine.sweep import sweep, useful
from backproof.optimizers import SGD, Momentum
from backproof.step import State

SUSPECT = 1.0
"""A rate from which on people say that it is too large, whatever the loss."""

REFUTING = 2
"""Lower rates that must have been tried before a rate is said not to be too large."""

FEW = 4
"""Lower rates tried where the loss has not grown: two orders of magnitude."""


def stability_bound(context: Context, state: State) -> float | None:
    """Return 2 / λmax: the rate above which gradient descent leaves a minimum of the curvature found at a state.

    Along an eigenvector of the Hessian an update multiplies the distance from a minimum by 1 − ηλ, below 1 in size
    just where η < 2/λ; with heavy-ball momentum μ where η < 2(1 + μ)/λ (Polyak 1964). Only for these optimizers,
    only to second order: where the loss flattens out, larger rates do no harm. None where λmax ≤ 0.
    """
    optimizer = context.training.spec.optimizer
    plain = isinstance(optimizer, SGD | Momentum) and not getattr(optimizer, "nesterov", False)
    if not plain or not state.parameters:
        return None
    curvature = largest_curvature(context.training, state, context.clock.left / 10.0)
    return 2.0 * (1.0 + getattr(optimizer, "momentum", 0.0)) / curvature if curvature > 0 else None


def look(context: Context) -> Remark | None:
    """Return whether the run diverges or would learn at a lower rate, or that the rate is wrongly suspected."""
    optimizer, run = context.training.spec.optimizer, context.given.run
    rate = optimizer.rate(0)
    suspected = rate >= SUSPECT and isinstance(optimizer, SGD | Momentum)
    if context.learnt and run.diverged is not None:
        seen = f"The run had learnt (loss {run.losses[-1]:.4g}) when its numbers overflowed, at iteration"
        return Remark("divergence", f"{seen} {run.diverged:,}.", {"iteration": run.diverged})
    if not context.stuck:
        bounded, measured = _bounded(context, rate)
        seen = f"The rate {rate:g} is not too large: the run learns.{bounded}"
        return Remark("rate too large", seen, measured, refuted=True) if suspected else None
    if "rate too small" in context.causes:
        return None
    tried = sweep(context, up=False) if context.lost else sweep(context, up=False, most=FEW)
    made = context.experiments([one for _, one in tried])
    helps = any(experiment.helps for experiment in made)
    if not (helps or context.lost or (suspected and len(made) >= REFUTING)):
        return None
    bounded, measured = _bounded(context, rate)
    if context.lost:
        after = useful(tried) if helps else "No lower rate that was tried makes it learn."
        return Remark(
            "divergence", f"With rate {rate:g} {_grown(context)}.{bounded} {after}", measured, made, helps
        )
    if helps:
        seen = f"Rate {rate:g} is too large.{bounded} {useful(tried)}"
        return Remark("rate too large", seen, measured, made, cause=True)
    seen = (
        f"The rate {rate:g} is not what holds the run back: it learns at none of {len(made)} lower rates.{bounded}"
    )
    return Remark("rate too large", seen, measured, made, refuted=True)


def _grown(context: Context) -> str:
    run = context.given.run
    if run.diverged is not None:
        return f"the numbers overflow at iteration {run.diverged:,}"
    return f"the loss grows from {run.losses[0]:.4g} to {run.losses[-1]:.4g}"


def _bounded(context: Context, rate: float) -> tuple[str, dict[str, float]]:
    """Return the rate against the stability bounds at the start and, unless the run was lost, at the end."""
    states = {"start": context.given.start} | ({} if context.lost else {"end": context.given.end})
    found = {when: stability_bound(context, state) for when, state in states.items()}
    bounds = {when: bound for when, bound in found.items() if bound is not None}
    if not bounds:
        return "", {"rate": rate}
    formula = "2(1 + μ)/λmax" if isinstance(context.training.spec.optimizer, Momentum) else "2/λmax"
    told = " and ".join(f"{bound:.3g} at the {when}" for when, bound in bounds.items())
    measured = {"rate": rate} | {f"stability bound at the {when}": bound for when, bound in bounds.items()}
    return f" Gradient descent leaves a minimum of curvature λmax at rates above {formula}: {told}.", measured
