"""What is known of somebody's training steps, tensor by tensor, and how far a calculation is from it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backproof.doctor.diagnosis import Answer, Judged
from backproof.doctor.reading import Observed
from backproof.errors import BadInput
from backproof.fields import Array
from backproof.noise import Floor, Label, expect
from backproof.optimizers import SGD
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, Phase, State, StepRecord
from backproof.verdict import USELESS, K


@dataclass(frozen=True)
class Seen:
    """One tensor of the user's, and how far rounding alone may take it from the right one.

    `rate` is η where the gradient was recovered from the update of plain gradient descent, g = −Δ/η; `penalty` is
    λw where the user's gradient is that of the loss and its L2 penalty.
    """

    step: int
    phase: Phase
    name: str
    found: Array
    floor: Floor
    rate: float | None = None
    penalty: Array | float = 0.0

    @property
    def useless(self) -> bool:
        """Whether rounding alone could explain anything."""
        return self.floor.relative > USELESS

    def of(self, record: StepRecord) -> Array:
        """Return what a calculation has in its place."""
        if self.phase == "forward":
            return record.outputs[self.name]
        if self.rate is not None:
            return -record.updates[self.name.removeprefix("d ")] / self.rate
        if self.phase == "backward":
            return record.gradients[self.name.removeprefix("d ")] + self.penalty
        return record.updates[self.name.removeprefix("Δ ")]


class Evidence:
    """Somebody's training steps beside the reference's, each from the same weights as theirs.

    `seen` has the user's tensors in the order of calculation, `records` the right steps. Slots start with the
    first step and are carried on by whoever calculates, since nobody sees the user's.

    With `penalised`, gradients are taken for those of the loss and its L2 penalty, λw included.
    """

    def __init__(self, spec: ModelSpec, steps: Sequence[Observed], penalised: bool = False) -> None:
        self.spec = spec
        self.penalised = penalised
        self.steps = _usable(spec, steps)
        self.dtype = _dtype(self.steps)
        self.batches = [spec.check_batch(one.x, one.y, step=k) for k, one in enumerate(self.steps)]
        self.records: list[StepRecord] = []
        self.seen: list[Seen] = []
        for number, one in enumerate(self.steps):
            expectation = expect(spec, self.start(number), [self.batches[number]], self.dtype)
            self.records += expectation.records
            self.seen += _seen(spec, number, one, expectation.records[0], expectation.floors, penalised)
        told = [one.floor.relative for one in self.seen if one.floor.value and not one.useless]
        self.typical = float(np.median(told)) if told else 0.0

    def start(self, number: int, earlier: Sequence[StepRecord] | None = None) -> State:
        """Return the state before a step: the user's weights, and the slots that earlier steps left."""
        earlier = self.records if earlier is None else earlier
        weights = {name: np.asarray(self.steps[number].before[name], np.float64) for name in self.spec.parameters}
        if number:
            return State(weights, earlier[number - 1].slots, earlier[number - 1].buffers, number)
        return Network(self.spec).initial_state(np.float64, weights)

    def replay(self, network: Network) -> Iterator[StepRecord]:
        """Yield the steps that a network makes of the same weights and batches."""
        records: list[StepRecord] = []
        for number, batch in enumerate(self.batches):
            with np.errstate(all="ignore"):
                records.append(network.step(self.start(number, records), *_plain(batch)))
            yield records[-1]

    def ratio(self, seen: Seen, record: StepRecord) -> float:
        """Return how far a calculation is from the user's tensor, in noise floors.

        A mistaken tensor has the right one's relative floor, or at least a typical one: where the right tensor is
        exactly 0, it has none of its own.
        """
        if seen.useless:
            return 0.0
        tensor = seen.of(record)
        relative = max(seen.floor.relative, self.typical)
        with np.errstate(all="ignore"):
            scale = np.abs(tensor[np.isfinite(tensor)]).max(initial=0.0)
        return _distance(seen.found, tensor) / max(
            seen.floor.value, relative * float(scale), float(np.finfo(self.dtype).tiny)
        )

    def ratios(self, network: Network) -> Array:
        """Return how far a network is from every tensor seen; NaN for the steps after the first that is wrong."""
        found = np.full(len(self.seen), np.nan)
        for number, record in enumerate(self.replay(network)):
            own = [index for index, seen in enumerate(self.seen) if seen.step == number]
            found[own] = [self.ratio(self.seen[index], record) for index in own]
            if not np.all(found[own] <= K):
                break
        return found

    def judged(self) -> tuple[Judged, ...]:
        """Return the verdict on every tensor seen."""
        return tuple(self._judge(one) for one in self.seen)

    def _judge(self, seen: Seen) -> Judged:
        right = seen.of(self.records[seen.step])
        distance = _distance(seen.found, right)
        ratio = distance / max(seen.floor.value, float(np.finfo(self.dtype).tiny))
        answer: Answer = "right" if ratio <= K else "wrong"
        if seen.useless or not np.all(np.isfinite(right)):
            answer = "cannot tell"
        scale = seen.floor.scale
        error = distance / scale if scale else (np.inf if distance else 0.0)
        return Judged(seen.step, seen.phase, seen.name, answer, error, ratio)


def evidences(spec: ModelSpec, steps: Sequence[Observed]) -> list[Evidence]:
    """Return what is known of some steps, that with most right tensors first.

    There are two where L2 decay may be in gradients or not, and no updates tell.
    """
    unsaid = any(_l2_decay(spec, name) and name not in one.after for one in steps for name in one.gradients)
    found = [Evidence(spec, steps, penalised) for penalised in ((False, True) if unsaid else (False,))]
    return sorted(found, key=lambda own: -sum(one.answer == "right" for one in own.judged()))


def _plain(batch: Batch) -> tuple[Array, Array, dict[str, Array]]:
    return batch.x, batch.y, dict(batch.side)


def _usable(spec: ModelSpec, steps: Sequence[Observed]) -> list[Observed]:
    """Return the steps until the numbers overflow: the first that starts from finite weights, and all finite ones.

    Raises
    ------
    BadInput
        If there is none, or if weights are missing.
    """
    usable: list[Observed] = []
    for one in steps:
        if missing := spec.parameters.keys() - one.before.keys():
            raise BadInput(f"weights: missing {', '.join(sorted(missing))}")
        results = (*one.after.values(), *one.gradients.values(), *one.outputs.values())
        if not _finite(one.before.values()) or (usable and not _finite(results)):
            break
        usable.append(one)
    if not usable:
        raise BadInput("steps: expected at least one that starts from finite weights, found none")
    return usable


def _finite(arrays: Iterable[Array]) -> bool:
    return all(np.all(np.isfinite(array)) for array in arrays)


def _dtype(steps: Sequence[Observed]) -> type[np.floating]:
    """Return the working precision: float32 where any weights are no finer."""
    kinds = {np.asarray(w).dtype for one in steps for w in one.before.values()}
    return np.float32 if any(kind.kind == "f" and kind.itemsize < 8 for kind in kinds) else np.float64


def _seen(
    spec: ModelSpec, number: int, one: Observed, right: StepRecord, floors: dict[Label, Floor], penalised: bool
) -> Iterator[Seen]:
    """Yield what was seen of a step in the order of calculation, each in the shape of the right tensor.

    Updates come in the order of their gradients, from the last layer on: each depends on no more than the next.
    A gradient with L2 decay is left to its update, where that was seen: people may have added λw to either.
    """
    plain = _plain_descent(spec)
    after = {n: w for n, w in one.after.items() if n in spec.parameters}
    order = [one for one in right.tensors() if one[0] != "update"]
    order += [("update", f"Δ {name}", update) for name, update in reversed(right.updates.items())]
    for phase, name, tensor in order:
        parameter = name.removeprefix("d ").removeprefix("Δ ")
        floor = floors[number, phase, name]
        if phase == "forward" and name in one.outputs:
            yield Seen(number, phase, name, _as(one.outputs[name], tensor), floor)
        elif phase == "backward" and parameter in one.gradients:
            decay = _l2_decay(spec, parameter)
            if not decay or parameter not in after:
                penalty = penalised * decay * _as(one.before[parameter], tensor)
                yield Seen(number, phase, name, _as(one.gradients[parameter], tensor), floor, penalty=penalty)
        elif phase == "backward" and plain and parameter in after:
            rate = spec.optimizer.rate(number) * spec.optimizer.group(parameter).rate
            own = floors[number, "update", f"Δ {parameter}"]
            update = _update(one, parameter, tensor)
            yield Seen(number, phase, name, -update / rate, Floor(own.value / rate, own.scale / rate), rate)
        elif name.startswith("Δ ") and parameter in after and not (plain and parameter not in one.gradients):
            yield Seen(number, phase, name, _update(one, parameter, tensor), floor)


def _plain_descent(spec: ModelSpec) -> bool:
    """Return whether every update is −η times a gradient, and nothing else."""
    o = spec.optimizer
    return isinstance(o, SGD) and not o.decays() and o.clip is None and o.accumulate == 1


def _l2_decay(spec: ModelSpec, name: str) -> float:
    o = spec.optimizer
    return o.weight_decay_in(o.group(name)) if o.decay == "l2" else 0.0


def _update(one: Observed, name: str, like: Array) -> Array:
    return _as(one.after[name], like) - _as(one.before[name], like)


def _as(array: Array, like: Array) -> Array:
    """Return an array in the shape of the right tensor.

    Raises
    ------
    BadInput
        If it has another number of entries.
    """
    found = np.asarray(array, np.float64)
    if found.size != like.size:
        raise BadInput(f"expected an array of shape {like.shape}, found {found.shape}")
    return found.reshape(like.shape)


def _distance(one: Array, other: Array) -> float:
    """Return the largest difference; infinite where only one of the two is finite, or where signs differ there."""
    finite = np.isfinite(one) & np.isfinite(other)
    if not np.array_equal(one[~finite], other[~finite], equal_nan=True):
        return np.inf
    return float(np.abs(one[finite] - other[finite]).max(initial=0.0))
