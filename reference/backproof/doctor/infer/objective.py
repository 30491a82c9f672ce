"""Which loss is descended: told by the gradient at the output, by the numbers seen, and by the updates."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from backproof.doctor.infer.activations import Activation
from backproof.doctor.infer.numbers import Number
from backproof.doctor.infer.passes import Step
from backproof.doctor.infer.targets import Target
from backproof.doctor.infer.values import Values
from backproof.fields import Array
from backproof.losses import LOSSES, Loss

REDUCTIONS = ("mean", "batch_mean", "sum")
USUAL = {
    ("mean", 1.0): 0.4,
    ("batch_mean", 0.5): 0.3,
    ("sum", 0.5): 0.35,
    ("batch_mean", 1.0): 0.2,
    ("sum", 1.0): 0.2,
}
"""What speaks for a squared error's reduction and factor where nothing else does."""

ONE_BY_ONE = 0.1
"""What speaks besides for ½Σ where observations come one at a time."""

LOSS = re.compile(r"(^|[^a-z])(loss|cost|objective|criterion|energy|mse)(?![a-z])|^(?-i:[JCL])$", re.IGNORECASE)
"""What people call what they minimise; an error may be a measure of theirs."""

LATE = 200
"""How many events after a step its loss may still be computed."""


@dataclass(frozen=True)
class Objective:
    """A loss of the spec, of the output of a network whose last activation is left out if the loss contains it."""

    fields: Mapping[str, Any]
    fused: bool = False
    """Whether the loss is of the last z, since it contains the last activation."""

    @property
    def said(self) -> str:
        """The loss in words."""
        factor = f"{self.fields['factor']:g} · " if self.fields.get("factor", 1.0) != 1.0 else ""
        return f"{factor}{self.fields['type']}, reduction {self.fields['reduction']}"

    @property
    def plain(self) -> bool:
        """Whether ∂C/∂z is a − y, so that it says nothing for this loss where it is seen."""
        return self.fields["type"] in ("cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits")

    @property
    def doubled(self) -> bool:
        """Whether the loss takes probabilities for logits, and so takes their softmax again."""
        return self.fields["type"] == "cross_entropy" and not self.fused

    @cached_property
    def loss(self) -> Loss:
        """The spec's loss."""
        return LOSSES[self.fields["type"]].model_validate(dict(self.fields))

    def value(self, a: Array, z: Array, y: Array) -> float:
        """Return C for the last layer's a and z (N, G)."""
        with np.errstate(all="ignore"):
            return float(self.loss.value(z if self.fused else a, y))

    def delta(self, a: Array, z: Array, y: Array, activation: Activation | None) -> Array:
        """Return ∂C/∂z of the last layer."""
        with np.errstate(all="ignore"):
            gradient = self.loss.gradient(z if self.fused else a, y)
            if self.fused or activation is None:
                return gradient
            layer = activation.layer
            return layer.backward({}, layer.forward({}, z)[1], gradient)[0]


def kinds(
    target: Target, outputs: Sequence[Array], activation: Activation | None, constants: Sequence[Number]
) -> Iterator[Objective]:
    """Yield the losses that fit the targets and the last activation, summed and with factor 1."""
    name = None if activation is None else activation.type
    base: dict[str, Any] = {"reduction": "sum"}
    if target.classes:
        if name in ("softmax", "log_softmax"):
            yield Objective(base | {"type": "cross_entropy", "targets": "integer"}, fused=True)
            yield Objective(base | {"type": "cross_entropy", "targets": "integer"})
        elif name is None:
            yield Objective(base | {"type": "cross_entropy", "targets": "integer"}, fused=True)
            yield Objective(base | {"type": "multiclass_hinge"})
        return
    yield Objective(base | {"type": "squared_error"})
    y = np.concatenate(target.y)
    if name in ("softmax", "log_softmax") and _distributions(y):
        yield Objective(base | {"type": "cross_entropy", "targets": "one_hot"}, fused=True)
        yield Objective(base | {"type": "cross_entropy", "targets": "one_hot"})
    if name is None and y.shape[1] > 1 and _distributions(y):
        yield Objective(base | {"type": "cross_entropy", "targets": "one_hot"}, fused=True)
    with np.errstate(all="ignore"):
        largest = max(float(np.abs(a - one).max()) for a, one in zip(outputs, target.y, strict=False))
    inside = bool(np.all((y >= 0) & (y <= 1)))
    if name == "sigmoid" and inside:
        yield Objective(base | {"type": "binary_cross_entropy"})
    if name is None and inside:
        yield Objective(base | {"type": "binary_cross_entropy_with_logits"}, fused=True)
    yield Objective(base | {"type": "absolute_error"})
    for delta in dict.fromkeys([1.0, *(n.value for n in constants if 0 < n.value < 10)]):
        if largest <= delta:
            continue  # it is a squared error for all that was seen
        yield Objective(base | {"type": "huber", "delta": delta})
    yield Objective(base | {"type": "log_cosh"})
    if set(np.unique(y)) <= {-1.0, 1.0}:
        yield Objective(base | {"type": "hinge"})


def _distributions(y: Array) -> bool:
    return bool(np.all(y >= 0)) and bool(np.allclose(y.sum(axis=-1), 1.0))


def usual(objective: Objective, observations: int) -> float:
    """Return what speaks for a loss' reduction and factor where nothing else does."""
    which = objective.fields["reduction"], objective.fields.get("factor", 1.0)
    return USUAL.get(which, 0.0) + ONE_BY_ONE * (observations == 1 and which == ("sum", 0.5))


def scales(kind: Objective, shape: tuple[int, ...]) -> Iterator[tuple[Objective, float]]:
    """Yield the kind with every reduction and factor people use, and by what that multiplies the summed one."""
    factors = (1.0, 0.5) if kind.fields["type"] in ("squared_error", "absolute_error") else (1.0,)
    for reduction, factor in product(REDUCTIONS, factors):
        fields = dict(kind.fields) | {"reduction": reduction}
        if kind.fields["type"] in ("squared_error", "absolute_error"):
            fields["factor"] = factor
        entries = shape[0] if kind.fields["type"] in ("cross_entropy", "multiclass_hinge") else int(np.prod(shape))
        divisor = {"mean": entries, "batch_mean": shape[0], "sum": 1}[reduction]
        yield Objective(fields, kind.fused), factor / divisor


def computed(values: Values, steps: Sequence[Step], ys: Sequence[Array], objective: Objective) -> list[int]:
    """Return when the code has the value of a loss in the first step: people print it then, and at times later.

    A place that yields another number in a later step does not count.
    """
    if objective.fields["type"] == "absolute_error" and ys[0].size == 1:
        return []  # |a − y| is seen whatever the loss is, as a − y
    first, *later = list(zip(steps, ys, strict=False))
    wanted = _values(objective, *first)
    sights = _sights(values, first[0], wanted)
    return [t for t in sights if all(_repeated(values, t, step, _values(objective, step, y)) for step, y in later)]


def _values(objective: Objective, step: Step, y: Array) -> float:
    last = len(step.passes[0].a) - 1
    return objective.value(step.a(last), step.z(last), y)


def _sights(values: Values, step: Step, wanted: float) -> list[int]:
    if not np.isfinite(wanted) or wanted == 0:
        return []
    found = values.number(wanted, step.begun, step.ended + LATE)
    recording, places = values.recording, set()
    for content, _ in values.find(np.array([[wanted]])):  # an array of one number, at each place once
        times = recording.of_content[content]
        for time in times[(times >= step.begun) & (times < step.ended + LATE)]:
            if (site := int(recording.event_sites[time])) not in places:
                places.add(site)
                found.append(int(time))
    return sorted(found)


def _repeated(values: Values, time: int, step: Step, wanted: float) -> bool:
    """Return whether the place of a sight yields what is wanted in another step too, if it is come by there."""
    times = values.recording.of_site[int(values.recording.event_sites[time])]
    within = times[(times >= step.begun) & (times < step.ended)]
    if not len(within) or not np.isfinite(wanted):
        return True
    return any(abs(float(values.array(int(t)).ravel()[0]) - wanted) <= 1e-6 * abs(wanted) for t in within[:40])


def stated(values: Values, time: int) -> bool:
    """Return whether a number seen is called a loss, not an error or a measure, by its function or its name."""
    recording = values.recording
    site: int | None = int(recording.event_sites[time])
    top = recording.sites[int(recording.event_sites[time])]
    if LOSS.search(top.function.rpartition(".")[2]):
        return True
    while site is not None:
        top = recording.sites[site]
        if top.kind == "Call" and LOSS.search(
            top.text if top.text.startswith("print") else top.text.partition("(")[0]
        ):
            return True
        site = top.parent
    for later in range(time + 1, min(time + 6, len(recording))):
        store = recording.sites[int(recording.event_sites[later])]
        if store.kind == "store" and (store.file, store.line) == (top.file, top.line):
            return bool(LOSS.search(store.text))
    return False


def proportional(a: Array, b: Array) -> float | None:
    """Return c with a = c·b to rounding, or None."""
    with np.errstate(all="ignore"):
        square = float((b.astype(np.float64) ** 2).sum())
        if not np.isfinite(square) or square == 0:
            return None
        c = float((a.astype(np.float64) * b).sum()) / square
        slack = 1e-4 if np.float32 in (a.dtype, b.dtype) else 1e-8
        return c if c != 0 and np.abs(a - c * b).max() <= slack * np.abs(a).max() else None
