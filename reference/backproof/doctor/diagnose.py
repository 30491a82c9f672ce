"""Somebody's own backprop to a diagnosis: which tensors are right, and which mistake explains the others."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from backproof.doctor.diagnosis import Answer, Diagnosis, Explanation, Judged, Match
from backproof.doctor.evidence import Evidence
from backproof.doctor.mapping import Reading, batches, canonical, named, readings
from backproof.doctor.patterns import describe
from backproof.doctor.reading import Observed, Source
from backproof.doctor.search import MOST, Search
from backproof.errors import BadInput, DataError, WeightsError
from backproof.fields import Array
from backproof.spec import Batch, ModelSpec
from backproof.step import Network
from backproof.verdict import K

STEPS = 3
"""How many training steps are judged."""

SECONDS = 20.0
"""How long mistakes are looked for."""


def diagnose_steps(
    spec: ModelSpec,
    steps: Sequence[Observed],
    sources: Mapping[str, Source] = MappingProxyType({}),
    *,
    seconds: float = SECONDS,
    most: int = MOST,
) -> Diagnosis:
    """Judge training steps that were observed, in canonical names, and name the mistake that explains them.

    Outputs, gradients and updates are judged as far as they were seen, each step from the user's own weights
    before it. Where no gradient was seen and the optimizer is plain gradient descent, g = −Δ/η is judged.

    Parameters
    ----------
    sources
        Where the tensors stand in the user's code: which of the user's names the diagnosis reports for them.
    seconds
        How long to look for mistakes; a note says where that was not enough.
    most
        How many different mistakes at once to look for.

    Raises
    ------
    BadInput
        If a step lacks a parameter, has arrays that do not fit the spec, or none starts from finite weights.
    """
    evidence = Evidence(spec, steps[:STEPS])
    judged, mapping = evidence.judged(), _mapped(spec, sources)
    answer = _answer(judged)
    if answer != "wrong":
        return Diagnosis(answer, spec, mapping, judged)
    search = Search(evidence, seconds, most)
    explanations, notes = search.explanations(), []
    if not _explained(explanations) and spec.optimizer.slot_names():
        delayed = Search(Evidence(spec, [_idle(steps[0]), *steps][:STEPS]), seconds, most)
        if _explained(found := delayed.explanations()):
            explanations, notes = (
                found,
                ["the first step changes no weight, and only what it leaves shows in others"],
            )
    if search.cut_short:
        notes.append("the search for mistakes was cut short")
    wrong = next(seen for seen, one in zip(evidence.seen, judged, strict=True) if one.answer == "wrong")
    pattern = None if _explained(explanations) else describe(evidence, wrong)
    return Diagnosis(answer, spec, mapping, judged, explanations, pattern, notes=tuple(notes))


def _explained(explanations: Sequence[Explanation]) -> bool:
    return any(one.fits for one in explanations)


def _idle(first: Observed) -> Observed:
    """Return a step before the first that changes nothing: nobody sees it, but velocities begin with it."""
    return replace(first, after=first.before, gradients={}, outputs={})


def _mapped(spec: ModelSpec, sources: Mapping[str, Source]) -> tuple[Match, ...]:
    """Return the user's names for parameters and gradients."""
    names = [*spec.parameters, *(f"d {name}" for name in spec.parameters)]
    return tuple(
        Match(own.text, name, own.flipped, float(own.sign)) for name in names if (own := sources.get(name))
    )


def diagnose(
    spec: ModelSpec,
    weights: Any,
    batch: Any,
    *,
    gradients: Any = None,
    step: Callable[[Any, Any, Any], Any] | None = None,
    steps: int = STEPS,
    seconds: float = SECONDS,
) -> Diagnosis:
    """Judge somebody's gradients, or training steps, against a spec, and name the mistake that explains them.

    Which of the arrays is which parameter, and whether it lies transposed, is found by shape, and by value where
    shapes leave a choice; the diagnosis reports it in `mapping`.

    Parameters
    ----------
    weights
        Arrays in a dict or a list, in any order: matrices (in, out), or all (out, in); biases flat, as a row or
        as a column, or as the first or last row or column of their layer's matrix.
    batch
        Inputs and targets (x, y), observations as rows or as columns.
    gradients
        ∂C/∂w in a dict or a list, as the weights may be; not necessarily of all of them.
    step
        `step(weights, x, y)` does one training step, and returns the new weights, or changes those it was given.
        It is called `steps` times with copies, of the weights first and then of its own.

    Raises
    ------
    BadInput
        If neither gradients nor a step is given, if arrays cannot be the spec's, or if observations may be rows
        as well as columns and the numbers do not tell.
    """
    if gradients is None and step is None:
        raise BadInput("diagnose: expected gradients or a step, found neither")
    arrays = named(weights, "weights")
    theirs = None if gradients is None else named(gradients, "gradients")
    history = [] if step is None else _watched(step, weights, batch, steps)
    attempts = [
        _attempt(spec, batch_read, reading, arrays, theirs, history)
        for batch_read in batches(spec, batch)
        for reading in readings(spec, arrays, "weights")
    ]
    most = max(attempt.right for attempt in attempts)
    best = [attempt for attempt in attempts if attempt.right == most][:ATTEMPTS]
    chosen, diagnosis = _sensible(spec, best, seconds)
    if diagnosis.answer == "wrong" and diagnosis.named is None and any(o.batch is not chosen.batch for o in best):
        raise DataError("batch: observations may be rows as well as columns, and the numbers do not tell")
    return replace(diagnosis, mapping=_matches(chosen, spec, arrays, theirs, len(attempts) > 1))


def _sensible(spec: ModelSpec, attempts: "Sequence[_Attempt]", seconds: float) -> "tuple[_Attempt, Diagnosis]":
    """Return the reading that is right, or explained by the fewest mistakes; else the first."""
    found: list[tuple[_Attempt, Diagnosis]] = []
    for most in range(MOST + 1):
        found = []
        for one in attempts:
            share = seconds / len(attempts) / MOST
            found.append((one, diagnose_steps(spec, one.steps, seconds=share, most=most)))
            if found[-1][1].answer == "right" or found[-1][1].named is not None:
                return found[-1]
    return found[0]


ATTEMPTS = 8
"""How many readings of the user's arrays that make as much sense as others are searched for mistakes."""


@dataclass(frozen=True)
class _Attempt:
    """One reading of everything that the user gave, and how many tensors it makes right at first sight."""

    batch: Batch
    weights: Reading
    gradients: Reading
    steps: list[Observed]
    right: int


def _attempt(
    spec: ModelSpec,
    batch: Batch,
    reading: Reading,
    arrays: Mapping[str, Array],
    theirs: Mapping[str, Array] | None,
    history: Sequence[tuple[Mapping[str, Array], Mapping[str, Array]]],
) -> _Attempt:
    """Return a reading of weights and batch, with that reading of the gradients which makes most of them right."""
    before = canonical(spec, reading, arrays)
    steps = [
        Observed(batch.x, batch.y, canonical(spec, reading, one), canonical(spec, reading, other))
        for one, other in history
    ] or [Observed(batch.x, batch.y, before, {})]
    network = Network(spec)
    with np.errstate(all="ignore"):
        record = network.step(network.initial_state(np.float64, before), *batch)
    after = {name: steps[0].after[name] - before[name] for name in steps[0].after}
    right = sum(_near(update, record.updates[name]) for name, update in after.items())
    if theirs is None:
        return _Attempt(batch, reading, {}, steps, right)
    options = readings(spec, theirs, "gradients", complete=False)
    mirror = dict(zip(theirs, reading.values(), strict=False))
    if len(theirs) == len(reading) and mirror in options:
        options = [mirror, *options]
    counts = [
        sum(_near(g, record.gradients[name]) for name, g in canonical(spec, one, theirs).items())
        for one in options
    ]
    best = options[int(np.argmax(counts))]
    steps[0] = replace(steps[0], gradients=canonical(spec, best, theirs))
    return _Attempt(batch, reading, best, steps, right + max(counts))


def _near(found: Array, right: Array) -> bool:
    """Return whether more than half of the digits agree: enough to choose between readings of the same arrays."""
    kind = found.dtype if found.dtype.kind == "f" else np.dtype(np.float64)
    return bool(np.abs(found - right).max() <= np.sqrt(np.finfo(kind).eps) * np.abs(right).max())


def _watched(
    step: Callable[[Any, Any, Any], Any], weights: Any, batch: Any, steps: int
) -> list[tuple[dict[str, Array], dict[str, Array]]]:
    """Return the weights before and after each of some steps."""
    history = []
    for _ in range(steps):
        before, given = named(weights, "weights"), deepcopy(weights)
        x, y = deepcopy(batch)
        returned = step(given, x, y)
        weights = deepcopy(given if returned is None else returned)
        after = named(weights, "step")
        if {n: w.size for n, w in after.items()} != {n: w.size for n, w in before.items()}:
            raise WeightsError("step: expected the new weights in the form of the old, found another")
        history.append((before, after))
    return history


def _matches(
    one: _Attempt,
    spec: ModelSpec,
    arrays: Mapping[str, Array],
    theirs: Mapping[str, Array] | None,
    several: bool,
) -> tuple[Match, ...]:
    """Return what each of the user's arrays turned out to be."""
    found = [
        Match(user, name, place.transposed, squarely=several)
        for user, place in one.weights.items()
        for name in place.names
    ]
    if theirs is not None:
        right = Evidence(spec, one.steps[:1])
        factors = {
            seen.name: _factor(seen.found, seen.of(right.records[0]), seen.floor.value) for seen in right.seen
        }
        found += [
            Match(user, f"d {name}", place.transposed, factors.get(f"d {name}", 1.0), several)
            for user, place in one.gradients.items()
            for name in place.names
        ]
    return tuple(found)


def _factor(found: Array, right: Array, floor: float) -> float:
    """Return c where an array is c times the right one to rounding; 1 where there is no such number."""
    square = float((right * right).sum())
    c = float((found * right).sum()) / square if square else 1.0
    off = np.abs(found - c * right).max()
    return c if np.abs(found - right).max() > K * floor and off <= K * floor * max(1.0, abs(c)) else 1.0


def _answer(judged: Sequence[Judged]) -> Answer:
    """Wrong if anything is; right if something is and nothing is wrong."""
    answers = {one.answer for one in judged}
    return "wrong" if "wrong" in answers else "right" if "right" in answers else "cannot tell"
