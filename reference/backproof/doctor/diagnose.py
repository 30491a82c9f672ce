"""Somebody's own backprop to a diagnosis: which tensors are right, and which mistake explains the others."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from types import MappingProxyType
from typing import Any

from backproof.doctor.attempts import Attempt, Given, history
from backproof.doctor.diagnosis import Answer, Diagnosis, Explanation, Judged, Match
from backproof.doctor.evidence import Evidence, evidences
from backproof.doctor.mapping import batches
from backproof.doctor.patterns import describe
from backproof.doctor.reading import Observed, Source
from backproof.doctor.search import MOST, Search
from backproof.errors import BadInput, DataError
from backproof.files import as_spec
from backproof.spec import ModelSpec

STEPS = 3
"""How many training steps are judged."""

SECONDS = 10.0
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
    options = evidences(spec, steps[:STEPS])
    limits = range(1, most + 1) if len(options) > 1 else [most]
    for limit in limits:
        share = seconds / len(options) / len(limits)
        simplest = min((_diagnosed(one, steps, share, limit) for one in options), key=_simplicity)
        if simplest.answer != "wrong" or simplest.named is not None:
            break
    return replace(simplest, mapping=_mapped(spec, sources))


def _simplicity(diagnosis: Diagnosis) -> tuple[bool, int]:
    """Return what is smallest for what is right, then for what the fewest different mistakes explain."""
    named = diagnosis.named
    mistakes = {one.mistake.name for one in named.mistakes} if named is not None else ()
    return diagnosis.answer == "wrong" and named is None, len(mistakes)


def _diagnosed(evidence: Evidence, steps: Sequence[Observed], seconds: float, most: int) -> Diagnosis:
    """Return the diagnosis of some steps, read in one way."""
    spec, judged = evidence.spec, evidence.judged()
    answer = _answer(judged)
    if answer != "wrong":
        return Diagnosis(answer, spec, (), judged)
    search = Search(evidence, seconds, most)
    explanations, notes = search.explanations(), []
    if not _explained(explanations) and spec.optimizer.slot_names():
        later = Evidence(spec, [_idle(steps[0]), *steps][:STEPS], evidence.penalised)
        if _explained(found := Search(later, seconds, most=1).explanations()):
            explanations, notes = (
                found,
                ["the first step changes no weight, and only what it leaves shows in others"],
            )
    if search.cut_short:
        notes.append("the search for mistakes was cut short")
    wrong = next(seen for seen, one in zip(evidence.seen, judged, strict=True) if one.answer == "wrong")
    pattern = None if _explained(explanations) else describe(evidence, wrong)
    return Diagnosis(answer, spec, (), judged, explanations, pattern, notes=tuple(notes))


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
    spec: ModelSpec | Mapping[str, Any] | str | os.PathLike[str],
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
    spec
        The network as it is meant: a spec, a dict of one, or the path of its file.
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
    meant = as_spec(spec)
    if gradients is None and step is None:
        raise BadInput("diagnose: expected gradients or a step, found neither")
    given = Given.of(meant, weights, gradients, [] if step is None else history(step, weights, batch, steps))
    end = monotonic() + seconds
    attempts, late = given.attempts(batches(meant, batch), 0.75 * seconds)
    chosen, diagnosis = _sensible(meant, attempts, end)
    turned = {id(one.batch) for one in attempts} != {id(chosen.batch)}
    if diagnosis.answer == "wrong" and diagnosis.named is None and turned:
        raise DataError("batch: observations may be rows as well as columns, and the numbers do not tell")
    late = late and diagnosis.answer == "wrong" and diagnosis.named is None
    doubts = ["there was no time to try everything that the arrays may be"] if late else []
    notes = (*diagnosis.notes, *given.notes(chosen), *doubts)
    return replace(diagnosis, mapping=given.matches(chosen), notes=notes)


def _sensible(spec: ModelSpec, attempts: Sequence[Attempt], end: float) -> tuple[Attempt, Diagnosis]:
    """Return the reading that is right, or explained by the fewest mistakes; else the first."""
    if len(attempts) == 1:
        return attempts[0], diagnose_steps(spec, attempts[0].steps, seconds=max(0.0, end - monotonic()))
    for one in attempts:
        if _answer(evidences(spec, one.steps[:STEPS])[0].judged()) == "right":
            return one, diagnose_steps(spec, one.steps)
    first: Diagnosis | None = None
    for most in range(1, MOST + 1):
        for number, one in enumerate(attempts):
            left = end - monotonic()
            if first is not None and left < 0.0:
                break
            share = left / (len(attempts) - number)
            found = diagnose_steps(spec, one.steps, seconds=max(0.0, share), most=most)
            if found.named is not None:
                return one, found
            first = found if first is None or (number == 0 and most > 1) else first
    assert first is not None
    return attempts[0], first


def _answer(judged: Sequence[Judged]) -> Answer:
    """Wrong if anything is; right if something is and nothing is wrong."""
    answers = {one.answer for one in judged}
    return "wrong" if "wrong" in answers else "right" if "right" in answers else "cannot tell"
