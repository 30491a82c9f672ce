"""The sentences of the report. Tensors and lines of code stand in backticks."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from backproof.doctor.consultation import Consultation
from backproof.doctor.diagnosis import Correction, Diagnosis, Explanation, Judged, Made
from backproof.doctor.examination import Remark, Run
from backproof.doctor.report.blocks import code
from backproof.losses import Loss
from backproof.optimizers import Optimizer
from backproof.report.summary import number
from backproof.trace.textbook import first
from backproof.verdict import K

_OVER = {
    "batch_mean": " / B, with B observations",
    "mean": " / n, with n terms",
    "weighted_mean": " / n, with n the sum of their weights",
}


def answer(consultation: Consultation) -> str:
    """Return the answer in one sentence."""
    diagnosis, examination = consultation.diagnosis, consultation.examination
    if diagnosis is None:
        return f"No network could be read from the script: {sentence(consultation.stopped or 'it was not run')}"
    if diagnosis.answer == "wrong":
        return _wrong(diagnosis)
    if diagnosis.answer == "cannot tell":
        return "Whether the backprop is right cannot be told: " + sentence(
            diagnosis.notes[0] if diagnosis.notes else "rounding alone could explain every difference there is"
        )
    if examination is None:
        return "The gradient is right. How the training goes was not examined."
    if examination.learns:
        return f"The gradient is right, and the network learns: {fall(examination.run)}."
    causes = [remark for remark in examination.remarks if remark.cause]
    held = (
        f"what holds it back is {joined([kind(remark) for remark in causes])}" if causes else "no cause was found"
    )
    return f"The gradient is right, but the network hardly learns: {held}."


def _wrong(diagnosis: Diagnosis) -> str:
    named, wrong = diagnosis.named, diagnosis.first_wrong
    if named is not None:
        count = "two mistakes: " if len(named.mistakes) == 2 else "" if len(named.mistakes) == 1 else "mistakes: "
        return f"The backprop is wrong: {count}{mistakes(named)}."
    where = f" The first wrong tensor is {code(wrong.name)}." if wrong else ""
    pattern = f" {sentence(diagnosis.pattern.sentence)}" if diagnosis.pattern else ""
    return f"The backprop is wrong, but nothing in the catalogue explains it.{where}{pattern}"


def mistakes(explanation: Explanation) -> str:
    """Return the mistakes of an explanation, each with its place."""
    return joined([f"{made.mistake.name}{place(made)}" for made in explanation.mistakes])


def place(made: Made) -> str:
    """Return ` at `sigmoid1``, ` in the loss`, or nothing."""
    if made.site is not None:
        return f", at {code(made.layer)}"
    return f", in the {made.layer}" if made.layer in ("loss", "optimizer") else ""


def position(made: Made, diagnosis: Diagnosis) -> str:
    """Return where a mistake is made, in words."""
    if made.site is None:
        return f"the {made.layer}" if made.layer in ("loss", "optimizer") else "no single layer"
    return f"{code(made.layer)}, layer {made.site + 1} of {len(diagnosis.spec.layers)}"


def confidence(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield how well the explanation fits, and what else would."""
    named = diagnosis.named
    if named is None:
        return
    yield (
        "With this put into the reference, its numbers are those of the script to rounding: the largest "
        f"difference is {number(named.distance)} noise floors, and up to {K:g} are rounding."
    )
    fitting = [one for one in diagnosis.explanations if one.fits and one is not named]
    if fitting:
        yield (
            "These explanations fit as well, and the numbers cannot choose between them: "
            f"{'; '.join(mistakes(one) for one in fitting)}."
        )
    nearest = min((one for one in diagnosis.explanations if not one.fits), key=lambda e: e.distance, default=None)
    if nearest is not None:
        times = nearest.distance / max(named.distance, 1.0)
        yield f"The next candidate ({mistakes(nearest)}) is {number(times)} times farther off."


def location(correction: Correction) -> str:
    """Return `script.py:12`."""
    return code(f"{Path(correction.file).name}:{correction.line}")


def off_by(judged: Judged) -> str:
    """Return how far a tensor is off, as a share of its largest entry."""
    return share(judged.error) if judged.answer != "cannot tell" else "–"


def share(value: float) -> str:
    """Return a relative error: in per cent where that is readable, else as a number."""
    return f"{number(100 * value)} %" if 1e-4 <= value < 100 else number(value)


def loss_formula(loss: Loss) -> str:
    """Return a loss with its terms: C = ½ Σ ℓ, ℓ = (a − y)²."""
    factor = {1.0: "", 0.5: "½ "}.get(loss.factor, f"{loss.factor:g} · ")
    terms = first(loss).partition(";")[0].rstrip(".")
    return f"{code(loss.kind)}: C = {factor}Σ ℓ{_OVER.get(loss.reduction, '')}; {terms}"


def optimizer_rule(optimizer: Optimizer) -> str:
    """Return an optimizer with its settings that are not the default ones, and its rule."""
    settings = ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in optimizer.model_dump(mode="json", exclude_defaults=True).items()
        if name != "type" and not isinstance(value, dict | list)
    )
    return f"{code(optimizer.kind)}{f' with {settings}' * bool(settings)}; {first(optimizer).rstrip('.')}"


def fall(run: Run) -> str:
    """Return how the loss of a run goes from its first to its last value."""
    losses, last = run.losses, int(run.iterations[-1])
    if run.diverged is not None:
        return f"numbers overflow at iteration {run.diverged:,}"
    reached = "" if run.accuracy is None else f", with {number(100 * run.accuracy)} % of the targets met"
    return f"the loss goes from {number(losses[0])} to {number(losses[-1])} in {last:,} iterations{reached}"


def kind(remark: Remark) -> str:
    """Return a remark's kind with its article."""
    article = {"plateau": "a ", "unreachable target": "an ", "rate too small": "a ", "rate too large": "a "}
    return article.get(remark.kind, "") + remark.kind


def standing(remark: Remark) -> str:
    """Return what a remark is, in a word."""
    return "cause" if remark.cause else "not the cause" if remark.refuted else "seen"


def unchecked(consultation: Consultation) -> list[str]:
    """Return what this report does not say anything about."""
    points = []
    diagnosis, reading = consultation.diagnosis, consultation.reading
    if diagnosis is not None and reading is not None:
        steps = len(reading.steps)
        points.append(
            f"The first {steps} training steps were compared; later ones were not."
            if steps > 1
            else "One training step was compared; later ones were not."
        )
        if untold := tensors(diagnosis, "cannot tell"):
            points.append(
                f"Rounding alone could explain any difference in {joined(untold)}: nothing is said of it."
            )
        if consultation.examination is None and diagnosis.answer != "right":
            points.append("How the training goes was not examined: the gradient comes first.")
        elif consultation.examination is None:
            points.append(sentence(consultation.stopped or "how the training goes was not examined"))
        points += [sentence(note) for note in diagnosis.notes]
        points.append(
            "Whether the data are what they should be (order, labels), and how the script measures success."
        )
    return points


def advice(consultation: Consultation) -> list[str]:
    """Return what to do next."""
    again = f"Run {code(f'backproof doctor {consultation.script}')} again"
    diagnosis, reading, examination = consultation.diagnosis, consultation.reading, consultation.examination
    if diagnosis is None or reading is None:
        return [
            f"{again} and name the arrays as the code does: {code('--weights W1,W2 --inputs X --targets y')}.",
            "Where the code keeps no arrays of numbers, give the network with `--spec net.yaml`.",
        ]
    points = [
        f"If {finding.what} is not {code(finding.value)}, say so with {code(finding.flag)}."
        for finding in reading.findings
        if finding.flag and finding.sure != "sure"
    ]
    points += [f"This reading fits as well: {sentence(rival)}" for rival in reading.rivals]
    if diagnosis.answer == "wrong" and diagnosis.named:
        points.append(f"Correct it. {again}: one mistake can hide another.")
    elif diagnosis.answer == "wrong":
        points.append(
            "Compare the first wrong tensor with a worked calculation: `backproof trace net.json` writes out "
            "every step. The network as a spec is in the report's JSON, under `network`."
        )
    elif examination is not None and not examination.learns:
        points += [
            f"Try this: {sentence(one.change)} {sentence(one.outcome)}"
            for remark in examination.remarks
            if remark.cause
            for one in remark.experiments
            if one.helps
        ][:3]
    return points


def tensors(diagnosis: Diagnosis, wanted: str) -> list[str]:
    """Return the tensors with an answer, each once, as code."""
    return list(dict.fromkeys(code(one.name) for one in diagnosis.judged if one.answer == wanted))


def joined(parts: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`; parts with commas are parted by semicolons."""
    if len(parts) < 2:
        return "".join(parts)
    comma = "; " if any("," in part for part in parts) else ", "
    if comma == "; ":
        return comma.join(parts[:-1]) + "; and " + parts[-1]
    return comma.join(parts[:-1]) + " and " + parts[-1]


def sentence(words: str) -> str:
    """Return words that end in a full stop."""
    words = words.strip()
    return words if words.endswith((".", "!", "?")) else f"{words}."
