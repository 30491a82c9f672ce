"""The noise floor: how far two correct implementations of the same step may differ.

The reference is run in float64, and again S times with the rounding of the working precision injected (see
`rounding`): in the common forms of the activations (see `layers.base.Elementwise`), and where these differ from
the right ones, in the right ones too, since the errors of one form may cancel where those of the other do not
(σ′ = a(1 − a) against cross-entropy's 1 / (1 − a)). The largest change seen in a tensor, from the same form
undisturbed, is its floor; nothing is typed in. Units so near a kink that rounding may turn them over are turned
over one at a time, and the changes this makes are added.

float32 is disturbed at its own unit roundoff, 2⁻²⁴. float64 cannot be seen to round in float64, so it is
disturbed at 2⁻³⁶ and the changes are scaled down by 2⁻¹⁷; from where on the disturbed run has left the linear
regime (a change above 1e-3 of the tensor's scale), it is repeated nearer by, at 2⁻⁴⁴ and 2⁻⁹, and from where on it
still has (an update whose gradient is nothing but rounding), as near as can be seen, at 2⁻⁵⁰ and 2⁻³.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproof.fields import Array
from backproof.layers import Layer
from backproof.losses import NOTHING, Loss
from backproof.rounding import Decision, Probe, Rounded
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State, StepRecord

RUNS = 10
"""S, the number of disturbed runs, shared by the forms. The largest of 5 draws of ξ has a median of 0.87."""

SAFETY = 3.0
"""A unit is doubtful within this many of its own floors of a kink."""

SINGLE_FLIPS = 12
"""Up to so many doubtful units are turned over one by one; more are turned over in random halves."""

FLOAT64 = (2.0**-36, 2.0**-44, 2.0**-50)
"""How much float64 is disturbed: the first that the calculation answers linearly is scaled down to 2⁻⁵³."""

LINEAR = 1e-3
"""A float64 change above this share of a tensor's scale is not taken for linear."""

Label = tuple[int, str, str]
"""(step, phase, tensor)"""


@dataclass(frozen=True)
class Floor:
    """What rounding alone does to one tensor: the largest absolute change, beside the tensor's scale."""

    value: float
    scale: float

    @property
    def relative(self) -> float:
        """The floor as a share of the tensor's largest entry; 0 for a tensor that is exactly 0 throughout."""
        if self.value == 0.0:
            return 0.0
        return self.value / self.scale if self.scale else np.inf


@dataclass(frozen=True)
class Expectation:
    """What a correct implementation computes: the float64 records, and the floor of each of their tensors."""

    records: tuple[StepRecord, ...]
    starts: tuple[State, ...]
    floors: dict[Label, Floor]
    doubtful: int
    """How many comparisons with a kink (z > 0) hang on rounding."""
    resync: bool = False
    """Whether every step starts from the reference's state."""


class Recomputed(Network):
    """The reference whose gradient may be computed anew for each use, as a compiler does; for `Rounded` arrays."""

    def backward(self, state: State, caches: list[Any], dy: Array) -> tuple[Array, dict[str, Array]]:
        dx, gradients = super().backward(state, caches, dy)
        if self.spec.optimizer.normalizes:
            _, again = super().backward(state, caches, dy)
            for name, gradient in gradients.items():
                if isinstance(gradient, Rounded):
                    gradient.anew = np.abs(np.asarray(gradient) - np.asarray(again[name]))
        return dx, gradients


class CommonForm(Recomputed):
    """The same with layers and the loss's gradient as most implementations compute them."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        self.differs = type(spec.loss).common_terms_gradient is not Loss.common_terms_gradient
        self.layers = tuple(layer.replace(self._common) for layer in spec.layers)

    def _common(self, layer: Layer) -> Layer:
        common = layer.common()
        self.differs = self.differs or common is not layer
        return common

    def loss_gradient(self, output: Array, y: Array, side: Mapping[str, Array] = NOTHING) -> Array:
        return self.spec.loss.common_gradient(output, y, side)


def expect(
    spec: ModelSpec,
    state: State,
    batches: Sequence[Batch],
    dtype: Any,
    *,
    resync: bool = False,
    runs: int = RUNS,
    seed: int = 0,
) -> Expectation:
    """Return the float64 records of a run and the noise floor of every tensor in them.

    Parameters
    ----------
    state, batches
        Where the run starts and what it sees; rounded to `dtype` first, since every implementation starts there.
    dtype
        The working precision, float32 or float64.
    resync
        Start each step from the reference's state, rounded to `dtype`, not from the run's own.
    """
    limits = np.finfo(dtype)
    rng = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        batches = [batch.astype(dtype).astype(np.float64) for batch in batches]
        records, starts = _truth(Network(spec), state, batches, dtype, resync)
        scale = {label: _magnitude(tensor) for label, tensor in _labelled(records)}
        floors = dict.fromkeys(scale, 0.0)
        doubtful = 0
        forms = _forms(spec)
        for form in forms:
            runner = _Runner(form, starts if resync else starts[:1], batches, limits, rng)
            tape, base = runner.record()
            changes = runner.disturb(tape, base, scale, runs // len(forms))
            flips, count = runner.flip(tape, base)
            floors = {label: max(floor, changes[label] + flips.get(label, 0.0)) for label, floor in floors.items()}
            doubtful = max(doubtful, count)
    floors_of = {label: Floor(value, scale[label]) for label, value in floors.items()}
    return Expectation(tuple(records), tuple(starts), floors_of, doubtful, resync)


def _forms(spec: ModelSpec) -> list[Recomputed]:
    """Return the networks to disturb: the common form, and the right one where the two differ."""
    common, right = CommonForm(spec), Recomputed(spec)
    return [common, right] if common.differs else [common]


def _truth(
    network: Network, state: State, batches: Sequence[Batch], dtype: Any, resync: bool
) -> tuple[list[StepRecord], list[State]]:
    records, starts = [], []
    state = state.astype(dtype).astype(np.float64)
    for batch in batches:
        starts.append(state)
        record = network.step(state, *batch)
        records.append(record)
        state = record.state()
        if resync:
            state = state.astype(dtype).astype(np.float64)
    return records, starts


def _labelled(records: Sequence[StepRecord]) -> list[tuple[Label, Array]]:
    return [((record.step, phase, name), tensor) for record in records for phase, name, tensor in record.tensors()]


def _magnitude(tensor: Array) -> float:
    """Return the largest finite absolute entry."""
    finite = np.abs(tensor[np.isfinite(tensor)])
    return float(finite.max()) if finite.size else 0.0


def _change(one: Array, other: Array) -> float:
    """Return the largest change; infinite where an entry is finite in only one of the two."""
    change = float(np.abs(one - other).max(initial=0.0))
    if np.isfinite(change):
        return change
    if np.any(np.isfinite(one) != np.isfinite(other)):
        return np.inf
    both = np.isfinite(one)
    return float(np.abs(one[both] - other[both]).max(initial=0.0))


@dataclass
class _Runner:
    """Runs a network over the same batches again and again, each time rounded anew."""

    network: Network
    starts: Sequence[State]
    batches: Sequence[Batch]
    limits: "np.finfo[Any]"
    rng: np.random.Generator

    def record(self) -> tuple[list[Decision], list[Array]]:
        """Return the decisions of an undisturbed run, and its tensors."""
        probe = Probe(0.0, self.limits, self.rng)
        tensors = self._run(probe)
        return probe.recorded, tensors

    def disturb(
        self, tape: list[Decision], base: list[Array], scale: dict[Label, float], runs: int
    ) -> dict[Label, float]:
        """Return the change that rounding makes in each tensor: the largest over `runs` disturbed runs."""
        if self.limits.bits == 32:
            return self._disturb(tape, base, 2.0**-24, runs)
        floors: dict[Label, float] = {}
        for unit in FLOAT64:
            changes = self._disturb(tape, base, unit, runs)
            for label, change in changes.items():
                if change > LINEAR * scale[label] and unit != FLOAT64[-1]:
                    break  # and what follows from it, which may hide that it is curved behind larger numbers
                floors.setdefault(label, change * 2.0**-53 / unit)
            else:
                break
        return floors

    def _disturb(self, tape: list[Decision], base: list[Array], unit: float, runs: int) -> dict[Label, float]:
        changes = [0.0] * len(base)
        for _ in range(runs):
            tensors = self._run(Probe(unit, self.limits, self.rng, tape))
            changes = [max(most, _change(b, t)) for most, b, t in zip(changes, base, tensors, strict=True)]
        return dict(zip(self._labels, changes, strict=True))

    def flip(self, tape: list[Decision], base: list[Array]) -> tuple[dict[Label, float], int]:
        """Return what turning over the doubtful units changes, and how many they are."""
        factor = 1.0 if self.limits.bits == 32 else 2.0**-53 / FLOAT64[0]
        doubtful = [
            (index, int(entry))
            for index, decision in enumerate(tape)
            for entry in decision.doubtful(SAFETY, factor, LINEAR)
        ]
        if not doubtful:
            return {}, 0
        combine: Callable[[float, float], float]
        if len(doubtful) <= SINGLE_FLIPS:
            groups, combine = [frozenset({one}) for one in doubtful], lambda total, change: total + change
        else:
            halves = [self.rng.random(len(doubtful)) < 0.5 for _ in range(SINGLE_FLIPS - 1)]
            groups = [frozenset(doubtful)]
            groups += [frozenset(d for d, chosen in zip(doubtful, half, strict=True) if chosen) for half in halves]
            combine = max
        totals = [0.0] * len(base)
        for group in groups:
            tensors = self._run(Probe(0.0, self.limits, self.rng, tape, group))
            totals = [combine(t, _change(b, c)) for t, b, c in zip(totals, base, tensors, strict=True)]
        return dict(zip(self._labels, totals, strict=True)), len(doubtful)

    def _run(self, probe: Probe) -> list[Array]:
        records = []
        state = _wrapped(self.starts[0], probe)
        for index, (x, y, side) in enumerate(self.batches):
            if index < len(self.starts):
                state = _wrapped(self.starts[index], probe)
            fed = {name: _fed(array, probe) for name, array in side.items()}
            record = self.network.step(state, _fed(x, probe), _fed(y, probe), fed)
            records.append(_plain(record, state))
            state = record.state()
        labelled = _labelled(records)
        self._labels = [label for label, _ in labelled]
        return [tensor for _, tensor in labelled]


def _fed(array: Array, probe: Probe) -> Array:
    """Return numbers as the probe rounds them; indices as they are."""
    return array if array.dtype.kind in "iu" else probe.wrap(array)


def _wrapped(state: State, probe: Probe) -> State:
    return State(
        {name: probe.wrap(w) for name, w in state.parameters.items()},
        {slot: {name: probe.wrap(s) for name, s in own.items()} for slot, own in state.slots.items()},
        {name: probe.wrap(b) for name, b in state.buffers.items()},
        state.step,
    )


def _plain(record: StepRecord, before: State) -> StepRecord:
    """Return the record in ordinary arrays, with the update as the plain difference of new and old."""

    def plain(arrays: dict[str, Array]) -> dict[str, Array]:
        return {name: np.asarray(array) for name, array in arrays.items()}

    parameters, old = plain(record.parameters), plain(before.parameters)
    return StepRecord(
        record.step,
        plain(record.outputs),
        np.asarray(record.loss),
        None if record.input_gradient is None else np.asarray(record.input_gradient),
        plain(record.gradients),
        {name: w - old[name] for name, w in parameters.items()},
        parameters,
        {slot: plain(own) for slot, own in record.slots.items()},
        plain(record.buffers),
        plain(record.inference),
    )
