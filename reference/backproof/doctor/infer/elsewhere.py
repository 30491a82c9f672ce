"""A loss that the code computes beside its training: of all observations, or of those it keeps for a test."""

from collections.abc import Sequence
from itertools import islice

import numpy as np

from backproof.doctor.infer import objective
from backproof.doctor.infer.chain import Chain
from backproof.doctor.infer.objective import LATE, Objective
from backproof.doctor.infer.passes import Pass, all_passes
from backproof.doctor.infer.targets import Target
from backproof.doctor.infer.values import Values
from backproof.doctor.recording import SCALAR
from backproof.fields import Array

PASSES = 400
"""How many forward passes are gone through."""

LABELS = 10
"""Targets with no more different values are labels, and others of theirs have the same values."""

FEW = 12
"""For how many passes losses are looked for."""


def stated(
    values: Values, chain: Chain, target: Target, kinds: Sequence[Objective]
) -> tuple[Objective, str, float] | None:
    """Return the kind, the reduction and the factor of a loss that the code calls one, of any pass' output."""
    called = _called_losses(values)
    if not len(called):
        return None
    looked = 0
    for one in islice(all_passes(values, chain), PASSES):
        near = called[(called > one.ended) & (called <= one.ended + LATE)]
        if not len(near):
            continue
        looked += 1
        if looked > FEW:
            return None
        found = _of_pass(values, one, target, kinds, values.recording.event_numbers[near])
        if found is not None:
            return found
    return None


def _called_losses(values: Values) -> Array:
    """Return when a single number was seen that the code calls a loss."""
    recording = values.recording
    times = np.flatnonzero(recording.event_contents == SCALAR)
    sites = recording.event_sites[times]
    named = [
        number
        for number in np.unique(sites)
        if any(objective.stated(values, int(t)) for t in times[sites == number][:1])
    ]
    return times[np.isin(sites, named)]


def _of_pass(
    values: Values, one: Pass, target: Target, kinds: Sequence[Objective], numbers: Array
) -> tuple[Objective, str, float] | None:
    a, z = one.a[-1], one.z[-1]  # round numbers are met by chance
    for y in _targets(values, one, target):
        for kind in kinds:
            for scaled, _ in objective.scales(kind, a.shape):
                wanted = scaled.value(a, z, y)
                if wanted and np.isfinite(wanted) and np.any(np.abs(numbers - wanted) <= 1e-9 * abs(wanted)):
                    return kind, scaled.fields["reduction"], scaled.fields.get("factor", 1.0)
    return None


def _targets(values: Values, one: Pass, target: Target) -> Sequence[Array]:
    """Return the arrays near a pass that can be its targets: of their size, and with values such as theirs."""
    recording = values.recording
    shape = one.a[-1].shape
    size = shape[0] if target.classes else shape[0] * shape[1]
    known = np.unique(np.concatenate([y.ravel() for y in target.y]))
    labels = len(known) <= LABELS
    low, high = float(known[0]), float(known[-1])
    margin = high - low
    contents = np.unique(recording.event_contents[max(one.begun - LATE, 0) : one.ended + LATE])
    found = []
    for content in contents[contents >= 0]:
        array = values.contents[content]
        if array.size != size or array.min() < low - margin or array.max() > high + margin:
            continue
        if labels and not np.all(np.isin(array, known)):
            continue
        if target.classes:
            if np.all(array == np.round(array)):
                found.append(array.ravel().astype(np.int64))
            continue
        laid = array.T if target.flipped and array.ndim == 2 else array
        found.append(laid.reshape(shape).astype(one.a[-1].dtype))
    return found[:20]
