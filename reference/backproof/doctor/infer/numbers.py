"""The single numbers that a script works with: its rate, its momentum, the losses that it computes."""

import ast
import re
from dataclasses import dataclass

import numpy as np

from backproof.doctor.infer.values import Values
from backproof.doctor.recording import SCALAR

RATE = re.compile(
    r"(^|[^a-z])(lr|eta|η|rate|alpha|learn\w*|step_?size|l_rate|learning_?rate)([^a-z]|$)", re.IGNORECASE
)
SMALL = 1e-3
"""An ε is smaller."""

FEW = 40
"""A constant of the script is a place that yields few different numbers."""


@dataclass(frozen=True)
class Number:
    """A constant of the script, where it stands, and how much its name sounds like a rate (3, else 1)."""

    value: float
    text: str
    site: int | None
    score: float


def constants(values: Values, start: int, stop: int) -> list[Number]:
    """Return the numbers that training works with between two times, the likeliest rates first.

    They are those that keep their value, and those by which an expression multiplies or divides.
    """
    recording = values.recording
    found: dict[tuple[float, str], Number] = {}
    for number, site in enumerate(recording.sites):
        times = recording.of_site.get(number)
        if times is None or not np.any((times >= start) & (times < stop)):
            continue
        for value in _written(site.text):
            found.setdefault((value, ""), Number(value, f"{value:g}", number, 0.6))
        if site.kind not in ("Name", "Attribute", "Subscript", "store"):
            continue
        seen = recording.event_numbers[times[recording.event_contents[times] == SCALAR]]
        distinct = np.unique(seen[np.isfinite(seen)])
        if len(distinct) > 1 and np.all(distinct == np.round(distinct)):
            continue  # a loop's index
        if len(distinct) == 1 or (0 < len(distinct) <= 4 and len(seen) > 3 * len(distinct)):
            score = 3.0 if RATE.search(site.text) else 1.0
            for value in distinct[:FEW]:
                plain = float(str(np.float32(value))) if np.float32(value) == value else float(value)
                found.setdefault((plain, site.text), Number(plain, site.text, number, score))
    return sorted(found.values(), key=lambda n: -n.score)


def _written(text: str) -> list[float]:
    """Return the numbers by which something is multiplied or divided, and the small ones that are added: an ε."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return []
    return [
        float(side.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp)
        for side in (node.left, node.right)
        if isinstance(side, ast.Constant) and isinstance(side.value, int | float)
        if isinstance(node.op, ast.Mult | ast.Div) or (isinstance(node.op, ast.Add) and 0 < side.value < SMALL)
    ]
