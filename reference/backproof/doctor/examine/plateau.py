"""Plateaus, and runs that are merely stopped too early: what happens if the very same run goes on."""

from backproof.doctor.examination import Remark
from backproof.doctor.examine.context import Context, remark
from backproof.doctor.examine.learning import LEARNT, plateaus

LEAST, LEAST_LATER = 0.5, 0.1
"""A plateau lasts half of the given iterations, or if it begins after them, a tenth of the longest run."""


def found(context: Context) -> tuple[tuple[int, int], ...]:
    """Return the plateaus of the longest run there is, in iterations."""
    run = (context.longer or context.given).run
    given, later = context.training.iterations, LEAST_LATER * int(run.iterations[-1])
    stretches = plateaus(run, LEAST * given, LEARNT * context.yardstick.loss)
    return tuple((begin, end) for begin, end in stretches if begin <= given or end - begin >= later)


def look(context: Context) -> Remark | None:
    """Return what running on shows: the plateau that is left, or that the run is on its way."""
    longer = context.longer
    if longer is None or context.learnt:
        return None
    given, last = context.training.iterations, int(longer.run.iterations[-1])
    if last <= given:
        return None
    experiment = context.judged(f"{last:,} iterations instead of {given:,}, nothing else changed", longer)
    if context.slow:
        slow = "the training learns and is merely slow" if context.learnt_longer else "time ended the run too soon"
        seen = f"The loss is still falling after {given:,} iterations: {slow}."
        seen += f" Continued to {last:,} it reaches {experiment.outcome}."
        return Remark("plateau", seen, {"iterations": last})
    stretches = [(begin, end) for begin, end in found(context) if begin <= given <= end]
    if not stretches:
        return (
            remark("plateau", _stopped(given, last), (experiment,), iterations=last) if experiment.helps else None
        )
    begin, end = stretches[0]
    seen = f"The {given:,} iterations end on a plateau: from {begin:,} to {end:,} the loss moves by less than 2 %"
    if end < last:
        then = "falls, and the very same run reaches" if experiment.helps else "moves, but the run only reaches"
        after = f". Then it {then} {experiment.outcome} by iteration {last:,}."
    else:
        after = ", as far as the time allowed to follow it." if longer.cut else ", and there the run stays."
    return remark("plateau", seen + after, (experiment,), begin=begin, end=end, iterations=last)


def _stopped(given: int, last: int) -> str:
    return f"The training stops too early: it has not learnt after {given:,} iterations, but has after {last:,}."
