"""The update, written out: slots, Δ and the new weights."""

from collections.abc import Iterator, Mapping

import numpy as np

from backproof.fields import Array
from backproof.optimizers import ACCUMULATED, AVERAGE, Optimizer
from backproof.step import State, StepRecord
from backproof.trace.lines import Line
from backproof.trace.notation import Arranged, Row
from backproof.trace.textbook import first, rule, settings

GENERAL = frozenset(Optimizer.model_fields)
"""The fields that all optimizers have: what they say is said step by step."""


LOST = "in double precision it moves by so much: smaller changes are lost in the rounding of the parameter"
"""Is said where what was recorded, new − old, is not what the optimizer returned."""


def update_lines(optimizer: Optimizer, notation: Row, before: State, record: StepRecord) -> Iterator[Line]:
    """Yield for every parameter the slots, Δ, and the new values."""
    returned, _ = optimizer.update(before.parameters, record.gradients, before.slots, before.step)
    updates, new = notation.arranged(record.updates), notation.arranged(record.parameters)
    slots = {slot: list(notation.arranged(own)) for slot, own in record.slots.items()}
    clipped = list(notation.arranged(_clipped(optimizer, record.gradients)))
    for position, (delta, after) in enumerate(zip(updates, new, strict=True)):
        W, label, words = delta.symbol, delta.label, delta.words
        if clipped:
            formula, values = f"g = ∂C/∂{W}, clipped", clipped[position].values
            yield Line("g", formula, values, f"clipped gradient of {words}")
        for slot, own in slots.items():
            if slot != AVERAGE:
                yield _slot(slot, own[position].values, delta)
        said = _of_group(optimizer, delta.names, record.step)
        said += [LOST] * any(_lost(record.updates[name], returned[name]) for name in delta.names)
        formula = f"Δ{W} = {_rest(optimizer, W, record.step)}"
        yield Line(f"Δ{W}", formula, delta.values, f"update of {words}", f"Δ {label}", "; ".join(said))
        yield Line(W, f"new {W} = {W} + Δ{W}", after.values, f"new {words}", label)
        if AVERAGE in slots:
            yield _slot(AVERAGE, slots[AVERAGE][position].values, delta)


def update_notes(optimizer: Optimizer, step: int) -> tuple[str, ...]:
    """Return what the optimizer does at this step, after so many earlier ones, in its order."""
    said = []
    if optimizer.accumulate > 1:
        what = "g is their mean" if _moves(optimizer, step) else "nothing moves yet"
        number = step % optimizer.accumulate + 1
        said.append(
            f"The gradients of {optimizer.accumulate} steps are added up. This is number {number}: {what}."
        )
        if not _moves(optimizer, step):
            return tuple(said)
    if optimizer.clip is not None:
        said.append(f"The gradients are clipped: {first(optimizer.clip)}.")
    decay = f"`weight_decay` = {optimizer.weight_decay}"
    if optimizer.decays() and optimizer.decay == "l2":
        said.append(f"Weight decay: g ← g + `weight_decay` · w; {decay}.")
    said += rule(optimizer)
    update = f"t = {step // optimizer.accumulate + 1}, `learning_rate` η = {optimizer.rate(step)}"
    said.append("; ".join([update, *settings(optimizer, GENERAL)]) + "; w is the weight and g its gradient.")
    if optimizer.decays() and optimizer.decay == "decoupled":
        said.append(f"Weight decay, in the end: Δ ← Δ − η · `weight_decay` · w; {decay}.")
    if optimizer.average is not None:
        said.append(f"The average: {first(optimizer.average)}.")
    return tuple(said)


def _moves(optimizer: Optimizer, step: int) -> bool:
    """Return whether the weights move at this step."""
    return (step + 1) % optimizer.accumulate == 0


def _rest(optimizer: Optimizer, W: str, step: int) -> str:
    """Return the right-hand side of Δ."""
    if not _moves(optimizer, step):
        return "0"
    if optimizer.accumulate > 1 or optimizer.clip or optimizer.decays():
        return f"Δ of `{optimizer.kind}`, from ∂C/∂{W} as said above"
    return f"−η ∂C/∂{W}" if optimizer.kind == "sgd" else f"Δ of `{optimizer.kind}` for g = ∂C/∂{W}"


def _clipped(optimizer: Optimizer, gradients: dict[str, Array]) -> Mapping[str, Array]:
    """Return the clipped gradients, where it is the step's own gradients that are clipped."""
    return optimizer.clip.clip(gradients) if optimizer.clip and optimizer.accumulate == 1 else {}


def _lost(recorded: Array, returned: Array) -> bool:
    """Return whether rounding keeps a parameter from moving as the optimizer says."""
    return not np.allclose(recorded, returned, rtol=1e-6, atol=0.0, equal_nan=True)


def _slot(slot: str, values: Array, of: Arranged) -> Line:
    said = {ACCUMULATED: "the gradients added up so far", AVERAGE: "the moving average"}.get(slot, "")
    symbol = f"`{slot}` of {of.symbol}"
    return Line(symbol, f"new {symbol}", values, f"{slot} of {of.words}", f"{slot} of {of.label}", said)


def _of_group(optimizer: Optimizer, names: tuple[str, ...], step: int) -> list[str]:
    """Say what rate and weight decay a parameter has of its own, where the optimizer has groups."""
    said = []
    for name in names if optimizer.groups else ():
        group = optimizer.group(name)
        rate, decay = optimizer.rate(step) * group.rate, optimizer.weight_decay_in(group)
        said.append(f"for `{name}` η = {rate}, `weight_decay` = {decay}")
    return said
