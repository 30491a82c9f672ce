"""Which optimizer a script means, by what it does with arrays of a weight's shape: it may do it wrongly."""

from collections.abc import Mapping, Sequence
from typing import Any

from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.products import operation
from backproof.doctor.infer.values import Values

MEAN = (0.8, 1.0)
"""Between these lies the factor by which a running mean, or a velocity, keeps what it was."""

TINY = 1e-3
"""An ε is smaller."""


def meant(values: Values, steps: Sequence[Step], rate: float) -> Mapping[str, Any] | None:
    """Return the optimizer whose parts the code has, without its rate, or None where it is plain descent.

    A factor just below 1 on an array of a weight's shape is a velocity or a running mean; squares or roots of such
    arrays are second moments. Adam has both and two such factors, RMSprop one factor, Adagrad none.
    """
    recording = values.recording
    step = steps[min(1, len(steps) - 1)]
    weights = {w.size for w in step.passes[0].weights if w.size > 1}
    means: set[float] = set()
    tiny: set[float] = set()
    limits: set[float] = set()
    squares = roots = False
    start = step.passes[-1].ended
    for time in range(start, min(step.ended, start + 20000)):
        site = recording.sites[int(recording.event_sites[time])]
        if site.kind not in ("BinOp", "Call"):
            continue
        what = operation(site)
        if what not in ("Mult", "multiply", "Pow", "power", "square", "sqrt", "Add", "add", "clip"):
            continue
        if values.array(time).size not in weights:
            continue
        operands = values.operands(time)
        numbers = [float(values.array(t).ravel()[0]) for t in operands if values.array(t).size == 1]
        if what in ("Mult", "multiply"):
            means |= {n for n in (*numbers, *_written(site.text)) if MEAN[0] <= n < MEAN[1] and n != rate}
            arrays = [int(recording.event_contents[t]) for t in operands]
            squares |= len(arrays) == 2 and arrays[0] == arrays[1] >= 0
        elif what in ("Pow", "power"):
            squares |= site.text.rstrip(") ").endswith("2")
            roots |= "0.5" in site.text.rpartition("**")[2]
        elif what == "square":
            squares = True
        elif what == "sqrt":
            roots = True
        elif what == "clip":
            limits |= {n for n in numbers if n > 0 and -n in numbers}
        else:
            tiny |= {n for n in (*numbers, *_written(site.text)) if 0 < n < TINY}
    found = _kind(means, {"epsilon": max(tiny)} if tiny else {}, squares, roots)
    if limits:
        return (found or {"type": "sgd"}) | {"clip": {"type": "value", "limit": min(limits)}}
    return found


def _kind(means: set[float], epsilon: dict[str, Any], squares: bool, roots: bool) -> dict[str, Any] | None:
    if squares or roots:
        if len(means) > 1:
            return {"type": "adam", "beta1": min(means), "beta2": max(means)} | epsilon
        if means:
            return {"type": "rmsprop", "rho": max(means)} | epsilon
        return {"type": "adagrad"} | epsilon if roots else None
    return {"type": "momentum", "momentum": max(means)} if means else None


def _written(text: str) -> list[float]:
    """Return the numbers at the ends of an expression."""
    found = []
    for word in (text.split()[0], text.split()[-1]) if text.split() else ():
        try:
            found.append(float(word.strip("()")))
        except ValueError:
            continue
    return found
