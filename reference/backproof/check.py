"""The main job: run every implementation on the same steps, and judge."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backproof import implementation
from backproof.errors import BadInput, MissingFramework
from backproof.fields import Array
from backproof.implementation import Implementation
from backproof.layers import Elementwise, Layer
from backproof.layers.combinators import Composite
from backproof.layers.sigmoid import Sigmoid
from backproof.layers.softmax import Softmax
from backproof.losses import BinaryCrossEntropyWithLogits, CrossEntropy
from backproof.noise import Expectation, expect
from backproof.spec import Batch, ModelSpec
from backproof.step import Network, State, StepRecord
from backproof.verdict import Answer, Verdict, judge

REDRAWS = 5
"""How often random data is redrawn because a unit lies within rounding of a kink."""

SATURATED = 16.0
"""A slope below so many machine epsilons is lost to rounding where it is computed from the activation."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Report:
    """The verdicts in every working precision asked for, and who took part."""

    spec: ModelSpec
    steps: int
    resync: bool
    verdicts: tuple[Verdict, ...]
    versions: dict[str, dict[str, str]]
    missing: dict[str, str] = field(default_factory=dict)
    """Implementations that could not run, with the reason."""

    @property
    def answer(self) -> Answer:
        """Differ if any verdict differs, agree if any agrees, else cannot tell."""
        answers = {verdict.answer for verdict in self.verdicts}
        if "differ" in answers:
            return "differ"
        return "agree" if "agree" in answers else "cannot tell"


def check(
    spec: ModelSpec,
    *,
    parameters: Mapping[str, Array] | None = None,
    data: tuple[Any, ...] | None = None,
    steps: int = 3,
    batch_size: int | None = None,
    dtypes: Sequence[Any] = (np.float64, np.float32),
    implementations: Sequence[str | Implementation] | None = None,
    resync: bool = False,
    progress: Progress = lambda message: None,
) -> Report:
    """Run a spec in every implementation and judge whether they agree.

    Parameters
    ----------
    parameters
        Initial parameters by canonical name; drawn from the spec's initializers where absent.
    data
        Inputs and targets, and if wanted side inputs by name: all observations. Step k takes the k-th
        `batch_size` of them, starting over at the end (all of them where `batch_size` is absent). Random where
        absent.
    dtypes
        float64 judges structure, float32 precision.
    implementations
        Names or objects; all that are known where absent. One whose framework is missing is reported, not
        an error; NumPy's float64 run is the reference and always there.
    resync
        Start each step from the reference's state, so that an early difference does not drown the rest.

    Raises
    ------
    BadInput
        If the parameters or the data do not fit the spec, or an option is out of range.
    """
    if steps < 1:
        raise BadInput(f"steps: expected at least 1, found {steps}")
    if batch_size is not None and batch_size < 1:
        raise BadInput(f"batch_size: expected at least 1, found {batch_size}")
    start = Network(spec).initial_state(parameters=parameters)
    batches = None if data is None else split(spec, data, steps, batch_size)
    taking_part, missing = _gather(implementations, progress)
    verdicts = []
    for dtype in dtypes:
        progress(f"{np.dtype(dtype)}: measuring the noise floor")
        expectation, used = _expectation(spec, start, batches, steps, batch_size or 8, dtype, resync)
        runs: dict[str, list[StepRecord]] = {}
        for one in taking_part:
            progress(f"{np.dtype(dtype)}: {one.name} runs {steps} steps")
            runs[one.name] = run(one, spec, expectation.starts, used, dtype, resync)
        notes = [*squashed_twice(spec), *saturations(spec, expectation, used, dtype)]
        verdicts.append(judge(expectation, runs, dtype, notes))
    versions = {one.name: one.versions() for one in taking_part}
    return Report(spec, steps, resync, tuple(verdicts), versions, missing)


def split(spec: ModelSpec, data: tuple[Any, ...], steps: int, batch_size: int | None) -> list[Batch]:
    """Return the batch of every step; side inputs that are not given are drawn for each."""
    x, y, side = spec.check_batch(*data)
    given = {name: side[name] for name in (data[2] if len(data) > 2 else {})}
    size = len(x) if batch_size is None else batch_size
    if not 1 <= size <= len(x):
        raise BadInput(f"batch_size: expected 1 to {len(x)} (the observations given), found {size}")
    per_pass = len(x) // size
    starts = [size * (step % per_pass) for step in range(steps)]
    return [
        Batch(
            x[s : s + size],
            y[s : s + size],
            spec.random_side(size, step) | {name: array[s : s + size] for name, array in given.items()},
        )
        for step, s in enumerate(starts)
    ]


def random_batches(spec: ModelSpec, size: int, steps: int, seed: int = 0) -> list[Batch]:
    """Return random batches for so many steps, the first drawn from `seed`."""
    return [
        Batch(*spec.random_batch(size, seed=seed + step), spec.random_side(size, step)) for step in range(steps)
    ]


def run(
    one: Implementation,
    spec: ModelSpec,
    starts: Sequence[State],
    batches: Sequence[Batch],
    dtype: Any,
    resync: bool,
) -> list[StepRecord]:
    """Return the records of one implementation, in the working precision."""
    trainer = one.build(spec, np.dtype(dtype))
    records = []
    with np.errstate(all="ignore"):  # an overflow is found in the records, and named there
        for index, batch in enumerate(batches):
            if index == 0 or resync:
                trainer.load(starts[index].astype(dtype))
            x, y, side = batch.astype(dtype)
            records.append(trainer.step(x, y, side) if side else trainer.step(x, y))
    return records


def squashed_twice(spec: ModelSpec) -> list[str]:
    """Name a last layer that the loss, which takes logits, applies once more: legal, and seldom meant."""
    last = spec.layers[-1]
    softmax = isinstance(last, Softmax) and isinstance(spec.loss, CrossEntropy)
    sigmoid = isinstance(last, Sigmoid) and isinstance(spec.loss, BinaryCrossEntropyWithLogits)
    if not (softmax or sigmoid):
        return []
    return [f"{last.name}: the loss takes logits and applies a {'softmax' if softmax else 'sigmoid'} of its own"]


def saturations(spec: ModelSpec, expectation: Expectation, batches: Sequence[Batch], dtype: Any) -> list[str]:
    """Name the layers where the common form of a derivative has lost its digits, and who is right."""
    notes = []
    for path, layer, before in _with_inputs(spec.layers):
        if not (isinstance(layer, Elementwise) and layer.saturates):
            continue
        lost = total = 0
        for record, (x, *_) in zip(expectation.records, batches, strict=True):
            z = (record.outputs[before] if before else x).astype(dtype)
            with np.errstate(all="ignore"):
                exact = layer.derivative(z.astype(np.float64), layer.value(z.astype(np.float64)))
                common = layer.common_derivative(z, layer.common_value(z))
            flat = np.abs(exact) < SATURATED * np.finfo(dtype).eps
            lost += int(np.sum(flat & (np.abs(common - exact) > 0.5 * np.abs(exact))))
            total += z.size
        if lost:
            notes.append(
                f"{path}: {lost} of {total} units saturate in {np.dtype(dtype)}; most "
                f"implementations return a slope without a correct digit there ({layer.saturates})"
            )
    return notes


def _with_inputs(layers: Sequence[Layer], prefix: str = "", before: str = "") -> Iterator[tuple[str, Layer, str]]:
    """Yield path and layer of all layers, within blocks too, and the path of the layer whose output each takes.

    The first of a block takes what the block takes; the first of all takes the network's input, which has no path.
    """
    for layer in layers:
        path = f"{prefix}{layer.name}"
        yield path, layer, before
        if isinstance(layer, Composite):
            for name, within in layer.chains().items():
                yield from _with_inputs(within, f"{path}.{name}." if name else f"{path}.", before)
        before = path


def _expectation(
    spec: ModelSpec,
    start: State,
    batches: Sequence[Batch] | None,
    steps: int,
    size: int,
    dtype: Any,
    resync: bool,
) -> tuple[Expectation, Sequence[Batch]]:
    """Return what is expected; random data is redrawn while a unit lies within rounding of a kink."""
    if batches is not None:
        return expect(spec, start, batches, dtype, resync=resync), batches
    for attempt in range(REDRAWS):
        drawn = random_batches(spec, size, steps, seed=attempt * steps)
        expectation = expect(spec, start, drawn, dtype, resync=resync)
        if not expectation.doubtful:
            break
    return expectation, drawn


def _gather(
    wanted: Sequence[str | Implementation] | None, progress: Progress
) -> tuple[list[Implementation], dict[str, str]]:
    """Load the implementations; those whose framework is missing are returned with the reason."""
    found: list[Implementation] = []
    missing: dict[str, str] = {}
    for one in implementation.names() if wanted is None else wanted:
        if not isinstance(one, str):
            found.append(one)
            continue
        progress(f"loading {one}")
        try:
            found.append(implementation.load(one))
        except MissingFramework as error:
            missing[one] = str(error)
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadInput(f"implementations: expected each name once, found {', '.join(twice)} again")
    if not found and not missing:
        raise BadInput("implementations: expected at least one, found none")
    return found, missing
