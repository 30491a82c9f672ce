"""Plateaus, and runs that are merely stopped too early: what happens if the very same run goes on."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.context import Context, remark
from backproof.doctor.examine.learning import LEARNT, plateaus

LEAST = 0.2
"""A plateau lasts at least this share of the given iterations."""


def found(context: Context) -> tuple[tuple[int, int], ...]:
    """Return the plateaus of the longest run there is, in iterations."""
    run = (context.longer or context.given).run
    return plateaus(run, LEAST * context.training.iterations, LEARNT * context.yardstick.loss)


def look(context: Context) -> Remark | None:
    """Return what running on shows: the plateau that is left, or that the run is on its way."""
    longer = context.longer
    if longer is None or context.learnt:
        return None
    given, last = context.training.iterations, int(longer.run.iterations[-1])
    if last <= given:
        return None
    stretches = [stretch for stretch in found(context) if stretch[0] <= given]
    experiment = context.judged(f"{last:,} iterations instead of {given:,}, nothing else changed", longer)
    if context.slow:
        text = f"The loss is still falling after {given:,} iterations: the training learns and is merely slow. "
        return Remark(
            "plateau", text + f"Continued to {last:,} it reaches {experiment.outcome}.", {"iterations": last}
        )
    if not stretches:
        return (
            remark("plateau", _stopped(given, last), (experiment,), iterations=last) if experiment.helps else None
        )
    begin, end = stretches[0][0], stretches[-1][1]
    where = f"The loss hardly moves from iteration {begin:,} to {end:,}"
    after = (
        f"; then it falls again, and at iteration {last:,} it is {longer.run.losses[-1]:.4g}"
        if experiment.helps
        else f", and the run does not get any further within {last:,} iterations"
    )
    sentence = f"{where}{after}. The given {given:,} iterations end on this plateau."
    return remark("plateau", sentence, (experiment,), begin=begin, end=end, iterations=last)


def _stopped(given: int, last: int) -> str:
    return f"The training stops too early: it has not learnt after {given:,} iterations, but has after {last:,}."
