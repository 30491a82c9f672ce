"""Figures in characters, for terminals and plain text: bars of eight heights, on logarithmic axes."""

from collections.abc import Iterator

import numpy as np

from backproof.doctor.report.blocks import Curve, Figure, LossFigure
from backproof.fields import Array
from backproof.report.summary import number

BARS = " ▁▂▃▄▅▆▇█"
ASCII = str.maketrans(dict(zip("▁▂▃▄▅▆▇█━", "_.-:=+*#-", strict=True)))
"""For a terminal without these characters."""

WIDTH = 48
"""Characters of a curve."""

DECADES, BINS = (-6, 0), 24
"""Slopes are drawn from 10⁻⁶ to 1, in so many bars; smaller ones count as 10⁻⁶."""


def drawn(figure: Figure) -> Iterator[str]:
    """Yield the lines of a figure, of at most 78 characters for labels of a usual length."""
    if isinstance(figure, LossFigure):
        yield from _loss(figure)
        return
    widest = max(len(strip.label) for strip in figure.strips)
    for strip in figure.strips:
        counts, _ = np.histogram(exponents(strip.slopes), BINS, DECADES)
        below = f"{number(100 * strip.share_below)} % below {strip.bound:.3g}"
        yield f"{strip.label:{widest}} {bars(counts)} median {number(float(np.median(strip.slopes)))}, {below}"
    yield f"{'':{widest}} ≤1e-6{'1':>{BINS - 5}}"


def exponents(slopes: Array) -> Array:
    """Return log₁₀ of slopes, within what is drawn."""
    return np.log10(np.clip(slopes.ravel(), 10.0 ** DECADES[0], 10.0 ** DECADES[1]))


def bars(values: Array) -> str:
    """Return one bar for each value ≥ 0; only 0 has none."""
    largest = max(float(np.max(values)), 1e-300)
    return "".join(BARS[int(np.ceil(8 * v / largest))] if v > 0 else BARS[0] for v in values)


def _loss(figure: LossFigure) -> Iterator[str]:
    """Yield a curve in one line of bars each, the plateaus of the first below it, and the axis."""
    losses = np.concatenate([curve.losses for curve in figure.curves])
    logs = np.log(losses[np.isfinite(losses) & (losses > 0)])
    low, high = (float(logs.min()), float(logs.max())) if logs.size else (0.0, 0.0)
    last = max(int(curve.iterations[-1]) for curve in figure.curves)
    places = np.geomspace(1, max(last, 2), WIDTH)
    for curve in figure.curves:
        yield f"{curve.label}: {ends(curve)}"
        yield "  " + "".join(_bar(curve, place, low, high) for place in places)
        if curve is figure.curves[0]:
            for first, end in figure.plateaus:
                marked = "".join("━" if max(first, 1) <= place <= end else " " for place in places)
                yield f"  {marked.rstrip()} plateau, {first:,} to {end:,}"
    yield f"  {'1':<{WIDTH - len(f'{last:,}')}}{last:,} iterations (log)"


def ends(curve: Curve) -> str:
    """Return the first and the last loss of a curve."""
    return f"{number(float(curve.losses[0]))} to {number(float(curve.losses[-1]))}"


def _bar(curve: Curve, place: float, low: float, high: float) -> str:
    """Return the bar of the loss at an iteration: nothing where the run had ended, full where it is not finite."""
    if place > curve.iterations[-1] * 1.0001:
        return " "
    loss = float(curve.losses[max(int(np.searchsorted(curve.iterations, place, side="right")) - 1, 0)])
    if not np.isfinite(loss):
        return BARS[-1]
    if loss <= 0:
        return BARS[1]
    return BARS[1 + round(7 * (np.log(loss) - low) / (high - low))] if high > low else BARS[4]
