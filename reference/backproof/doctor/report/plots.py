"""Figures as SVG, in the colours of the page around them. Needs matplotlib."""

import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backproof.doctor.report.blocks import LossFigure, SlopesFigure
from backproof.doctor.report.figures import DECADES, exponents

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
        for curve, colour in zip(figure.curves, CURVES.values(), strict=False):
            kept = np.isfinite(curve.losses)
            places = np.maximum(curve.iterations[kept], 1)
            axes.plot(places, curve.losses[kept], color=colour, linewidth=1.8, label=curve.label)
        losses = np.concatenate([curve.losses for curve in figure.curves])
        losses = losses[np.isfinite(losses)]
        axes.set_xscale("log")
        if losses.size and losses.min() > 0 and losses.max() > 20 * losses.min():
            axes.set_yscale("log")
        axes.set_xlabel("iteration")
        axes.set_ylabel("loss")
        if len(figure.curves) > 1:
            axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.2), borderaxespad=0)
        return _svg(drawing)


def slopes(figure: SlopesFigure) -> str:
    """Return how the slopes of each layer are spread, one strip above the other, with the bound marked."""
    with mpl.rc_context(STYLE):
        drawing, axes = _empty(0.9 + 0.55 * len(figure.slopes))
        edges = np.linspace(*DECADES, 49)
        for row, values in enumerate(figure.slopes.values()):
            counts, _ = np.histogram(exponents(values), edges)
            heights = 0.85 * counts / max(counts.max(), 1)
            axes.stairs(heights - row, edges, baseline=-row, fill=True, color=CURVES["one"])
        axes.axvline(np.log10(figure.bound), color=CURVES["two"], linewidth=1.2, linestyle="--")
        axes.set_yticks([0.3 - row for row in range(len(figure.slopes))], list(figure.slopes))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        ticks = range(DECADES[0], DECADES[1] + 1)
        axes.set_xticks(ticks, [f"{10.0**tick:g}" for tick in ticks])
        axes.set_xlabel("slope f′(z)")
        axes.set_ylim(-len(figure.slopes) + 0.9, 1)
        return _svg(drawing)


def _empty(height: float) -> tuple[Figure, Axes]:
    drawing = Figure(figsize=(8, height))
    drawing.patch.set_alpha(0)
    axes = drawing.add_subplot()
    axes.patch.set_alpha(0)
    return drawing, axes


def _svg(drawing: Figure) -> str:
    file = io.StringIO()
    drawing.savefig(file, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    for name, colour in (COLOURS | CURVES).items():
        text = text.replace(colour, f"var(--{name})")
    return text[text.index("<svg") :]
