"""The same run at other rates: the round ones of the series 1, 3, 10, 30 above or below the given rate."""

import math

from backproof.doctor.examination import Experiment
from backproof.doctor.examine.changes import scaled_rate
from backproof.doctor.examine.context import Context

MOST = 8
"""Rates tried in one direction: four orders of magnitude."""

OVERFLOWED = 2
"""Higher rates are given up after so many in a row at which numbers overflowed."""


def round_rates(rate: float, *, up: bool) -> list[float]:
    """Return the next round rates above or below a rate, the nearest first, none within a factor of 1.5."""
    power = math.floor(math.log10(rate))
    series = [digit * 10.0**p for p in range(power - MOST, power + MOST) for digit in (1, 3)]
    higher, lower = [r for r in series if r > 1.5 * rate], [r for r in reversed(series) if 1.5 * r < rate]
    return (higher if up else lower)[:MOST]


def sweep(context: Context, *, up: bool) -> tuple[tuple[float, Experiment], ...]:
    """Return the runs at other rates, with their rates, until the useful range is passed or time is out."""
    rate = context.training.spec.optimizer.rate(0)
    if not rate > 0.0:
        return ()
    made: list[tuple[float, Experiment]] = []
    for other in round_rates(rate, up=up):
        one = context.experiment(f"rate {other:g} instead of {rate:g}", scaled_rate(other / rate), brief=True)
        if one is None:
            break
        made.append((other, one))
        passed = any(e.helps for _, e in made) and not one.helps
        overflowed = [e for _, e in made[-OVERFLOWED:] if e.run.diverged is not None]
        if passed or (up and len(overflowed) == OVERFLOWED):
            break
    return tuple(made)


def useful(made: tuple[tuple[float, Experiment], ...]) -> str:
    """Return in words at which of the rates the run learns."""
    rates = [rate for rate, one in made if one.helps]
    helping = next(one for _, one in made if one.helps)
    where = f"rate {rates[0]:g}" if len(rates) == 1 else f"rates {min(rates):g} to {max(rates):g}"
    return f"At {where} the same run learns: {helping.outcome} with {helping.change}."
