"""Figures as SVG, in the colours of the page around them. Needs matplotlib."""

import io
import re
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from backproof.doctor.report.blocks import LossFigure, SlopesFigure
from backproof.doctor.report.figures import BINS, DECADES, exponents

COLOURS = {"ink": "#010101", "faint": "#020202", "line": "#030303", "sheet": "#040404"}
CURVES = {"one": "#050505", "two": "#060606", "three": "#070707", "four": "#080808"}
"""Stand-ins, which give way to the page's own colours, so that one picture suits light and dark."""

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "backproof",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.edgecolor": COLOURS["faint"],
    "axes.labelcolor": COLOURS["faint"],
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": COLOURS["faint"],
    "ytick.color": COLOURS["faint"],
    "text.color": COLOURS["ink"],
}


def loss(figure: LossFigure) -> str:
    """Return the curves of a loss, with plateaus shaded."""
    with mpl.rc_context(STYLE):
        drawing, axes = _empty(3.4)
        for first, last in figure.plateaus:
            axes.axvspan(max(first, 1), last, color=COLOURS["line"], alpha=0.45, linewidth=0)
        for position, (curve, colour) in enumerate(zip(figure.curves, CURVES.values(), strict=False)):
            kept = np.isfinite(curve.losses)
            places = np.maximum(curve.iterations[kept], 1)
            axes.plot(
                places,
                curve.losses[kept],
                color=colour,
                linewidth=2.6 if position == 0 else 1.6,
                zorder=9 - position,
                label=curve.label,
            )
        losses = np.concatenate([curve.losses for curve in figure.curves])
        losses = losses[np.isfinite(losses)]
        axes.set_xscale("log")
        if losses.size and losses.min() > 0 and losses.max() > 20 * losses.min():
            axes.set_yscale("log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(_tick))
            axis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("iteration")
        axes.set_ylabel("loss")
        if len(figure.curves) > 1:
            axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.2), borderaxespad=0)
        return _svg(drawing, "loss")


def slopes(figure: SlopesFigure) -> str:
    """Return how the slopes of each layer are spread, one strip above the other, with their bounds marked."""
    with mpl.rc_context(STYLE):
        drawing, axes = _empty(0.9 + 0.5 * len(figure.strips))
        edges = np.linspace(*DECADES, 2 * BINS + 1)
        for row, strip in enumerate(figure.strips):
            counts, _ = np.histogram(exponents(strip.slopes), edges)
            heights = 0.8 * counts / counts.max()
            axes.stairs(heights - row, edges, baseline=-row, fill=True, color=CURVES["one"])
            axes.plot([np.log10(strip.bound)] * 2, [-row, 0.85 - row], color=CURVES["two"], linewidth=1.8)
        axes.set_yticks([0.3 - row for row in range(len(figure.strips))], [strip.label for strip in figure.strips])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        ticks = range(DECADES[0], DECADES[1] + 1)
        axes.set_xticks(ticks, [f"{'≤ ' if tick == DECADES[0] else ''}{10.0**tick:g}" for tick in ticks])
        axes.set_xlabel("slope f′(z)")
        axes.set_ylim(0.9 - len(figure.strips), 1)
        return _svg(drawing, "slopes")


def _tick(value: float, position: int | None) -> str:
    """Return the label of a tick; matplotlib's own powers of ten are formulas, which labels here are not."""
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"


def _empty(height: float) -> tuple[Figure, Axes]:
    drawing = Figure(figsize=(8, height))
    drawing.patch.set_alpha(0)
    axes = drawing.add_subplot()
    axes.patch.set_alpha(0)
    return drawing, axes


def _svg(drawing: Figure, name: str) -> str:
    """Return the drawing, without names that another one on the same page has, too."""
    file = io.StringIO()
    drawing.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    for variable, colour in (COLOURS | CURVES).items():
        text = text.replace(colour, f"var(--{variable})")
    text = re.sub(r'(id="|url\(#|href="#)', rf"\1{name}-", text)
    return text[text.index("<svg") :]
