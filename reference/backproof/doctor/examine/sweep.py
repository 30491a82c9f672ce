"""The same run at other rates: the round ones of the series 1, 3, 10, 30 above or below the given rate."""

import math

from backproof.doctor.examination import Experiment
from backproof.doctor.examine.changes import scaled_rate
from backproof.doctor.examine.context import Context

MOST = 10
"""Rates tried in one direction at most: five orders of magnitude."""

WORSE, TIMES = 1.01, 2
"""A direction is given up after two rates in a row whose loss ends above the given one's, or that overflow."""


def round_rates(rate: float, most: int, *, up: bool) -> list[float]:
    """Return the next round rates above or below a rate, the nearest first, none within a factor of 1.5."""
    power = math.floor(math.log10(rate))
    series = [digit * 10.0**p for p in range(power - MOST, power + MOST) for digit in (1, 3)]
    higher, lower = [r for r in series if r > 1.5 * rate], [r for r in reversed(series) if 1.5 * r < rate]
    return (higher if up else lower)[:most]


def affordable(context: Context) -> int:
    """Return the iterations of one run: fewer than given where a sweep would take over half the time left.

    A rate that is ten times too small shows in a tenth of the iterations, so that no fewer are made.
    """
    training, needed = context.training, 2 * MOST * context.given.seconds
    share = context.clock.left / needed if needed > 0.0 else 1.0
    return max(1, int(training.iterations * min(1.0, max(0.1, share))))


def sweep(context: Context, *, up: bool, most: int = MOST) -> tuple[tuple[float, Experiment], ...]:
    """Return the runs at other rates, with their rates, until the useful range is passed or time is out."""
    rate = context.training.spec.optimizer.rate(0)
    if not rate > 0.0:
        return ()
    iterations = affordable(context) if up else context.training.iterations
    made: list[tuple[float, Experiment]] = []
    for other in round_rates(rate, most, up=up):
        change = scaled_rate(other / rate, iterations)
        one = context.experiment(f"rate {other:g} instead of {rate:g}", change, brief=True)
        if one is None:
            break
        made.append((other, one))
        passed = any(e.helps for _, e in made) and not one.helps
        if passed or (up and len(made) >= TIMES and all(worse(context, e) for _, e in made[-TIMES:])):
            break
    return tuple(made)


def worse(context: Context, experiment: Experiment) -> bool:
    """Return whether a run ended worse than the given one."""
    run, given = experiment.run, context.given.run
    return run.diverged is not None or bool(run.losses[-1] > WORSE * given.losses[-1])


def useful(made: tuple[tuple[float, Experiment], ...]) -> str:
    """Return in words at which of the rates the run learns."""
    rates = [rate for rate, one in made if one.helps]
    helping = next(one for _, one in made if one.helps)
    where = f"rate {rates[0]:g}" if len(rates) == 1 else f"rates {min(rates):g} to {max(rates):g}"
    return f"At {where} the same run learns: {helping.outcome} with {helping.change}."
