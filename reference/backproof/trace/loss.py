"""The loss, written out: its terms, their sum, and the gradient that the way back begins with."""

from collections.abc import Iterator

import numpy as np

from backproof.fields import Array
from backproof.layers import chain
from backproof.losses import Loss
from backproof.spec import Batch
from backproof.step import StepRecord
from backproof.trace.lines import Line
from backproof.trace.notation import Row
from backproof.trace.plan import Stream
from backproof.trace.textbook import first, terms

_COUNTS = {
    "batch_mean": "the number of observations",
    "mean": "the number of terms",
    "weighted_mean": "what all terms count together",
}


def loss_lines(
    loss: Loss, notation: Row, stream: Stream, output: Array, batch: Batch, record: StepRecord, dy: Array
) -> Iterator[Line]:
    """Yield the terms ℓ, N where they are divided by it, the loss C, and its gradient, which is `dy`."""
    style, a = notation.on(stream), notation.on(stream).at(stream)
    each, known = loss.terms(output, batch.y), terms(loss, style, stream, batch.y.ndim > 1)
    several = each.ndim > 1
    symbol, note = style.term(several), "" if known else first(loss)
    along = style.along() if known and known.rowwise else ""
    unknown = f"ℓ({style.whole(stream)}, {style.target(False)}){style.entry * several}"
    value = known.value + along if known else unknown
    yield from style.rows(symbol, value, each, "terms of the loss", note=note)
    if loss.reduction != "sum":
        divisor = np.asarray(loss.divisor(output, batch.y, chain.of(batch.side, "loss")))
        yield Line("N", f"N = {_COUNTS[loss.reduction]}", divisor, "divisor of the loss")
    weight, words = ("w · ", "w is the weight of the observation") if loss.weighted else ("", "")
    formula = f"C = {_scale(loss)}{style.total(several)}{weight}{symbol}"
    yield Line("C", formula, record.loss, "loss", "loss", words)
    gradient, scale = style.gradient(stream), f"{_scale(loss)}{weight}"
    through = f"∂C/∂{a} = " if gradient.startswith("δ") else ""
    slope = known.slope if known else f"∂ℓ/∂{a}"
    rest = f"{through}{scale}{grouped(slope) if scale else slope}{along}"
    yield from style.rows(gradient, rest, dy, "gradient of the output of the network", note=note)


def _scale(loss: Loss) -> str:
    """Return what the sum of the terms is multiplied by."""
    if loss.reduction != "sum":
        return f"{loss.factor:g} / N · "
    return "" if loss.factor == 1.0 else f"{loss.factor:g} · "


def grouped(formula: str) -> str:
    """Return a formula that can be multiplied: a sum is put in parentheses."""
    depth = 0
    for position, character in enumerate(formula):
        depth += (character in "([") - (character in ")]")
        if not depth and formula.startswith((" + ", " − "), position):
            return f"({formula})"
    return formula
