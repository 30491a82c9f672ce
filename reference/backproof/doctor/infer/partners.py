"""Targets that stand in several places, one for each output: t1 − o1, t2 − o2."""

from collections.abc import Sequence

import numpy as np

from backproof.doctor.infer.links import Pass
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.products import operation
from backproof.doctor.infer.values import Values, equal
from backproof.fields import Array

LONGEST = 20000
"""Events after a pass in which its outputs are compared."""


def partners(values: Values, steps: Sequence[Step]) -> tuple[int, tuple[Array, ...]] | None:
    """Return what each output is subtracted from, or the reverse: the first one's site, and y (N, G) of each step.

    None if some output of some pass is subtracted from nothing, or from a constant of the code.
    """
    sites = values.recording.sites
    minus = np.array([s.kind == "BinOp" and operation(s) == "Sub" for s in sites])
    found: list[Array] = []
    place = None
    for step in steps:
        pieces = []
        for number, one in enumerate(step.passes):
            stop = step.passes[number + 1].begun if number + 1 < len(step.passes) else step.ended
            compared = _of_pass(values, one, stop, minus)
            if compared is None:
                return None
            place = compared[0] if place is None else place
            pieces.append(compared[1])
        found.append(np.concatenate(pieces))
    return None if place is None else (place, tuple(found))


def _of_pass(values: Values, one: Pass, stop: int, minus: Array) -> tuple[int, Array] | None:
    recording = values.recording
    stop = min(stop, one.ended + LONGEST)
    times = np.flatnonzero(minus[recording.event_sites[one.ended : stop]]) + one.ended
    columns: list[Array | None] = [None] * one.a[-1].shape[1]
    place = None
    for time in times:
        operands = values.operands(int(time))
        if len(operands) != 2:
            continue
        left, right = (values.array(t) for t in operands)
        for mine, other, at in ((left, right, operands[1]), (right, left, operands[0])):
            if mine.size != len(one.x) or other.size != mine.size:
                continue
            for j, column in enumerate(one.a[-1].T):
                if columns[j] is None and equal(column, mine.ravel()):
                    columns[j] = other.ravel().astype(column.dtype)
                    place = int(recording.event_sites[at]) if place is None else place
                    break
        known = [column for column in columns if column is not None]
        if len(known) == len(columns) and place is not None:
            return place, np.stack(known, axis=1)
    return None
