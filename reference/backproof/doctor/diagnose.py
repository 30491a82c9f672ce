"""Somebody's own backprop to a diagnosis: which tensors are right, and which mistake explains those that are not."""

from collections.abc import Mapping, Sequence

from backproof.doctor.diagnosis import Answer, Diagnosis, Judged, Match
from backproof.doctor.evidence import Evidence
from backproof.doctor.reading import Observed, Source
from backproof.doctor.search import Search
from backproof.spec import ModelSpec

STEPS = 3
"""How many training steps are judged."""

SECONDS = 20.0
"""How long mistakes are looked for."""


def diagnose_steps(
    spec: ModelSpec,
    steps: Sequence[Observed],
    sources: Mapping[str, Source] | None = None,
    *,
    mapping: Sequence[Match] = (),
    seconds: float = SECONDS,
) -> Diagnosis:
    """Judge training steps that were observed, in canonical names, and name the mistake that explains them.

    Outputs, gradients and updates are judged as far as they were seen, each step from the user's own weights
    before it. Where no gradient was seen and the optimizer is plain gradient descent, g = −Δ/η is judged.

    Parameters
    ----------
    sources
        Where the tensors stand in the user's code.
    mapping
        What the user's arrays turned out to be, for the diagnosis to report.
    seconds
        How long to look for mistakes; a note says where that was not enough.

    Raises
    ------
    BadInput
        If a step lacks a parameter, has arrays that do not fit the spec, or none starts from finite weights.
    """
    evidence = Evidence(spec, steps[:STEPS])
    judged = evidence.judged()
    answer = _answer(judged)
    if answer != "wrong":
        return Diagnosis(answer, spec, tuple(mapping), judged)
    search = Search(evidence, seconds)
    explanations = search.explanations()
    notes = ("the search for mistakes was cut short",) if search.cut_short else ()
    return Diagnosis(answer, spec, tuple(mapping), judged, explanations, notes=notes)


def _answer(judged: Sequence[Judged]) -> Answer:
    """Wrong if anything is; right if something is and nothing is wrong."""
    answers = {one.answer for one in judged}
    return "wrong" if "wrong" in answers else "right" if "right" in answers else "cannot tell"
