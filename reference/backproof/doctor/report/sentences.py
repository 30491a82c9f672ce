"""The sentences of the report. Tensors and lines of code stand in backticks."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from backproof.doctor.consultation import Consultation
from backproof.doctor.diagnosis import Correction, Diagnosis, Explanation, Judged, Made
from backproof.doctor.examination import Examination, Remark, Run
from backproof.doctor.reading import Source
from backproof.doctor.report.blocks import code
from backproof.doctor.watch import Watched
from backproof.losses import Loss
from backproof.mistakes import Mistake
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
    """Return the answer in one sentence, and another one where the script itself failed."""
    watched = consultation.watched
    failed = watched is not None and consultation.diagnosis is not None and watched.ended in ("raised", "died")
    return f"{_answer(consultation)} {ending(watched)}" if watched and failed else _answer(consultation)


def _answer(consultation: Consultation) -> str:
    diagnosis, examination = consultation.diagnosis, consultation.examination
    if diagnosis is None:
        return _unread(consultation)
    if diagnosis.answer == "wrong" and consultation.outcome == "cannot tell":
        guesses = joined([f"the {doubt.what} ({doubt.value})" for doubt in consultation.doubts])
        return (
            "Either the backprop is wrong in a way that nothing in the catalogue explains, or the script was "
            f"misread: {guesses} had to be guessed."
        )
    if diagnosis.answer == "wrong":
        return _wrong(diagnosis)
    if diagnosis.answer == "cannot tell":
        return "Whether the backprop is right cannot be told: " + sentence(
            diagnosis.notes[0] if diagnosis.notes else "rounding alone could explain every difference there is"
        )
    right = "The gradient is right"
    if diagnosis.untold:
        lost = joined(list(diagnosis.untold))
        right += f" as far as can be told (of {lost} nothing can: there it vanishes but for rounding)"
    if examination is None:
        return f"{right}. How the training goes was not examined."
    if examination.learns:
        return f"{right}, and the network learns: {fall(examination.run)}."
    return f"{right}, but the network hardly learns; {held_back(examination)}."


_HELD_BACK = {
    "symmetry": "the symmetry of its units",
    "plateau": "a plateau",
    "divergence": "that it diverges",
    "rate too small": "a rate that is too small",
    "rate too large": "a rate that is too large",
    "unreachable target": "a target out of its reach",
    "lost updates": "updates that are lost to rounding",
}


def held_back(examination: Examination) -> str:
    """Return the causes, and an experiment that helps."""
    causes = [remark for remark in examination.remarks if remark.cause]
    names = joined([_HELD_BACK.get(one.kind, one.kind) for one in causes])
    said = f"what holds it back is {names}" if causes else "no experiment found one cause"
    shown = next(
        (one for remark in causes or examination.remarks for one in remark.experiments if one.helps), None
    )
    return f"{said}. With {shown.change}: {shown.outcome}" if shown else said


def _unread(consultation: Consultation) -> str:
    watched = consultation.watched
    if watched is not None and watched.ended in ("raised", "exited", "died", "stopped: time limit"):
        return f"No network could be read from the script. {ending(watched)}"
    why, _, _ = (consultation.stopped or "it was not run").partition("\n")
    return f"No network could be read from the script: {sentence(why)}"


def traceback(error: str) -> Iterator[str]:
    """Yield the lines of a traceback, without those of installed packages."""
    theirs = False
    for line in error.strip().splitlines():
        if line.startswith('  File "'):
            theirs = "site-packages" in line or "dist-packages" in line
        elif not line.startswith("    "):
            theirs = False
        if not theirs:
            yield line


def ending(watched: Watched) -> str:
    """Return how a script ended."""
    last = code(watched.error.strip().splitlines()[-1].rstrip(".")) if watched.error.strip() else "an error"
    return {
        "finished": "The script ran to its end.",
        "raised": f"The script raised {last}.",
        "exited": f"The script ended itself with status {watched.exit_code}.",
        "stopped: time limit": "The script was stopped at the time limit (`--time-limit`).",
        "stopped: enough seen": "The script was stopped when enough of it had been seen.",
        "died": "The script's process died.",
    }[watched.ended]


_COUNTS = {2: "two", 3: "three", 4: "four"}


def _wrong(diagnosis: Diagnosis) -> str:
    named, wrong, pattern = diagnosis.named, diagnosis.first_wrong, diagnosis.pattern
    if named is not None:
        count, lines = len(by_name(named)), [one.line for one in diagnosis.corrections]
        found = "is wrong" if count == 1 else f"has {_COUNTS.get(count, count)} mistakes"
        return (
            f"The backprop {found}: {mistakes(named)}{f' (line {lines[0]})' if count == len(lines) == 1 else ''}."
        )
    where = f" The first wrong tensor is {code(wrong.name)}." if wrong else ""
    relation = f" {sentence(pattern.sentence)}" if pattern is not None and pattern.kind != "none" else ""
    return f"The backprop is wrong, but nothing in the catalogue explains it.{where}{relation}"


def by_name(explanation: Explanation) -> dict[Mistake, list[Made]]:
    """Return where each mistake of an explanation is made: the same one may be made at several layers."""
    found: dict[Mistake, list[Made]] = {}
    for made in explanation.mistakes:
        found.setdefault(made.mistake, []).append(made)
    return found


def mistakes(explanation: Explanation) -> str:
    """Return the mistakes of an explanation, each with its places."""
    return joined([f"{mistake.name}{_places(made)}" for mistake, made in by_name(explanation).items()])


def _places(made: Sequence[Made]) -> str:
    """Return `, at `sigmoid1``, `, in the loss`, or nothing."""
    layers = [code(one.layer) for one in made if one.site is not None]
    parts = [one.layer for one in made if one.site is None and one.layer in _PARTS]
    return f", at {joined(layers)}" if layers else f", in the {parts[0]}" if parts else ""


_PARTS = ("loss", "optimizer")


def position(made: Sequence[Made], diagnosis: Diagnosis) -> str:
    """Return where a mistake is made, in words: `, in `sigmoid1` (layer 2 of 4)`."""
    of = len(diagnosis.spec.layers)
    layers = [f"{code(one.layer)} (layer {one.site + 1} of {of})" for one in made if one.site is not None]
    return f", in {joined(layers)}" if layers else _places(made)


def confidence(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield how well the explanation fits, and what else would."""
    named = diagnosis.named
    if named is None:
        return
    yield (
        "With this put into the reference, it gives the numbers of the script to rounding. The largest difference "
        f"left is {number(named.distance)} times the noise floor (what rounding does to a right calculation); "
        f"{K:g} are allowed."
    )
    fitting = [one for one in diagnosis.explanations if one.fits and one is not named]
    if fitting:
        yield (
            "These explanations fit as well, and the numbers cannot choose between them: "
            f"{'; or: '.join(mistakes(one) for one in fitting)}."
        )
    nearest = min((one for one in diagnosis.explanations if not one.fits), key=lambda e: e.distance, default=None)
    if nearest is not None:
        times = nearest.distance / max(named.distance, 1.0)
        yield f"The next candidate ({mistakes(nearest)}) is {number(times)} times farther off."


def location(place: Correction | Source) -> str:
    """Return `script.py:12`."""
    return code(f"{Path(place.file).name}:{place.line}")


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


def optimizer_settings(optimizer: Optimizer) -> str:
    """Return an optimizer with its own settings, and those that all have where they are not the usual ones."""
    usual = {name: field.default for name, field in Optimizer.model_fields.items()}
    settings = [
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {str(value).lower()}"
        for name, value in optimizer.model_dump().items()
        if name != "type" and value is not None and not (name in usual and usual[name] == value)
    ]
    return f"{code(optimizer.kind)}: {', '.join(settings)}"


def fall(run: Run) -> str:
    """Return how the loss of a run goes from its first to its last value."""
    losses, last = run.losses, int(run.iterations[-1])
    if run.diverged is not None:
        return f"numbers overflow at iteration {run.diverged:,}"
    reached = "" if run.accuracy is None else f", with {number(100 * run.accuracy)} % of the targets met"
    return f"the loss goes from {number(losses[0])} to {number(losses[-1])} in {last:,} iterations{reached}"


def standing(remark: Remark) -> str:
    """Return what a remark is, in a word."""
    return "cause" if remark.cause else "not the cause" if remark.refuted else "seen"


def joined(parts: Sequence[str]) -> str:
    """Return `a`, `a and b`, or `a, b and c`; parts with commas are parted by semicolons."""
    if len(parts) < 2:
        return "".join(parts)
    comma = "; " if any("," in part for part in parts) else ", "
    if comma == "; ":
        return comma.join(parts[:-1]) + "; and " + parts[-1]
    return comma.join(parts[:-1]) + " and " + parts[-1]


def sentence(words: str) -> str:
    """Return words that begin with a capital, unless with what may be a name, and end in a full stop."""
    words = words.strip()
    if re.match(r"[a-z]+(?:[ ,:]|$)", words) and not re.match(r"[b-z] ", words):
        words = words[:1].upper() + words[1:]
    return words if words.endswith((".", "!", "?")) else f"{words}."
