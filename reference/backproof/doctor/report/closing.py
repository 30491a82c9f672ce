"""What the report does not say, and what to do next."""

from collections.abc import Iterator

from backproof.doctor.consultation import ITERATIONS, Consultation
from backproof.doctor.diagnosis import Diagnosis
from backproof.doctor.report import sentences as say
from backproof.doctor.report.blocks import code
from backproof.doctor.watch import Watched


def unchecked(consultation: Consultation) -> list[str]:
    """Return what this report does not say anything about."""
    points = []
    diagnosis, reading = consultation.diagnosis, consultation.reading
    if diagnosis is not None and reading is not None:
        steps = len({one.step for one in diagnosis.judged})
        points.append(
            f"The first {steps} training steps were compared; later ones were not."
            if steps > 1
            else "One training step was compared; later ones were not."
        )
        if untold := tensors(diagnosis, "cannot tell"):
            points.append(
                f"Nothing is said of {say.joined(untold)}: rounding alone could explain any difference there."
            )
        if consultation.examination is None and diagnosis.answer != "right":
            points.append("How the training goes was not examined: the gradient comes first.")
        elif consultation.examination is None:
            points.append(say.sentence(consultation.stopped or "how the training goes was not examined"))
        elif consultation.iterations is None:
            points.append(
                f"How many updates the script makes: {ITERATIONS:,} were assumed. Say it with `--iterations`."
            )
        points += [say.sentence(note) for note in diagnosis.notes]
        points.append("Whether inputs and labels belong together, and how the script measures its success.")
    return points


def advice(consultation: Consultation) -> list[str]:
    """Return what to do next."""
    again = f"Run {code(f'backproof doctor {consultation.script}')} again"
    diagnosis, reading, examination = consultation.diagnosis, consultation.reading, consultation.examination
    if diagnosis is None or reading is None:
        return [
            *_before(consultation.watched),
            f"{again} and name the arrays as the code does: {code('--weights W1,W2 --inputs X --targets y')}.",
        ]
    points = [
        f"If {finding.what} is not {code(finding.value)}, say so with {code(finding.flag)}."
        for finding in reading.findings
        if finding.flag and finding.sure != "sure"
    ]
    points += [f"This reading fits as well: {say.sentence(rival)}" for rival in reading.rivals]
    if diagnosis.answer == "wrong" and diagnosis.named:
        points.append(f"Correct it. {again}: one mistake can hide another.")
    elif diagnosis.answer == "wrong":
        points.append(
            "Compare the first wrong tensor with a worked calculation: `backproof trace net.json` writes out "
            "every step. The network as a spec is in the report's JSON, under `network`."
        )
    elif examination is not None and not examination.learns:
        points += [
            f"Try {one.change}: {one.outcome}."
            for remark in sorted(examination.remarks, key=lambda remark: not remark.cause)
            for one in remark.experiments
            if one.helps
        ][:3]
    return points


def _before(watched: Watched | None) -> Iterator[str]:
    """Yield what keeps a script from being seen whole."""
    if watched is not None and "EOFError" in watched.error:
        yield "Give it what it asks for with `--stdin answers.txt`."
    elif watched is not None and watched.ended == "raised":
        yield "Let the script run without an error, as far as one training step at least."
    if watched is not None and watched.ended == "stopped: time limit":
        yield "Give it more time with `--time-limit`, or fewer data."


def tensors(diagnosis: Diagnosis, wanted: str) -> list[str]:
    """Return the tensors with an answer, each once, as code."""
    return list(dict.fromkeys(code(one.name) for one in diagnosis.judged if one.answer == wanted))
