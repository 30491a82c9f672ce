"""From a consultation to the page that tells of it, section by section."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from backproof.doctor.consultation import Consultation
from backproof.doctor.diagnosis import Diagnosis, Judged
from backproof.doctor.reading import Reading, Source
from backproof.doctor.report import sentences as say
from backproof.doctor.report.blocks import (
    Block,
    Change,
    Facts,
    Listing,
    Page,
    Paragraph,
    Section,
    Table,
    Verbatim,
    code,
)
from backproof.doctor.report.closing import advice, unchecked
from backproof.doctor.report.deltas import called_gradient, deltas
from backproof.doctor.report.training import training
from backproof.layers import Layer
from backproof.report.summary import number
from backproof.trace.textbook import rule
from backproof.verdict import K

LINES_OF_ERROR = 12
"""Of a traceback, the last ones: they say what and where."""

_GRAVITY = {"right": 0, "cannot tell": 1, "wrong": 2}


def page(consultation: Consultation) -> Page:
    """Return the report on one script."""
    sections = [
        Section(title, blocks)
        for title, blocks in (
            ("The mistake", tuple(_mistake(consultation))),
            ("How the training goes", tuple(training(consultation))),
            ("What the script was taken for", tuple(_network(consultation.reading))),
            ("Your names and the names used here", tuple(_names(consultation))),
            ("Tensor by tensor", tuple(_tensors(consultation.diagnosis))),
            ("How the script ran", tuple(_watched(consultation))),
            ("Not checked", tuple(_listing(unchecked(consultation)))),
            ("What to do next", tuple(_listing(advice(consultation)))),
        )
        if blocks
    ]
    return Page(Path(consultation.script).name, consultation.outcome, say.answer(consultation), tuple(sections))


def _listing(points: list[str]) -> Iterator[Block]:
    if points:
        yield Listing(tuple(points))


def _mistake(consultation: Consultation) -> Iterator[Block]:
    """Yield the lines, the formulas, where it shows first, and how sure it is."""
    diagnosis = consultation.diagnosis
    if diagnosis is None or diagnosis.answer != "wrong":
        return
    for correction in sorted(diagnosis.corrections, key=lambda one: (one.file, one.line)):
        yield Change(f"in {say.location(correction)}", correction.written, correction.corrected, code=True)
    for mistake, made in say.by_name(diagnosis.named).items() if diagnosis.named else ():
        yield Change(f"{mistake.name}{say.position(made, diagnosis)}", mistake.wrong, mistake.right)
    if diagnosis.first_wrong is not None:
        yield _first_wrong(diagnosis.first_wrong, diagnosis, consultation.reading)
    nearest = min(diagnosis.explanations, key=lambda one: one.distance, default=None)
    if diagnosis.named is None and nearest is not None:
        yield Paragraph(
            f"Nearest in the catalogue, but no explanation: {say.mistakes(nearest)}. It leaves a difference "
            f"of {number(nearest.distance)} noise floors, where {K:g} would be rounding."
        )
    for words in say.confidence(diagnosis):
        yield Paragraph(words)


def _first_wrong(first: Judged, diagnosis: Diagnosis, reading: Reading | None) -> Facts:
    rows = [("first wrong tensor", f"{code(first.name)}, {first.phase}, step {first.step + 1}")]
    source = reading.sources.get(first.name.removeprefix("Δ ")) if reading else None
    if source is not None:
        rows.append(("in your code", f"{code(source.text)}, {say.location(source)}"))
    rows.append(("off by", f"{say.off_by(first)} of its largest entry"))
    if diagnosis.pattern is not None or diagnosis.named is None:
        rows.append(("pattern", diagnosis.pattern.sentence if diagnosis.pattern else "none that is simple"))
    return Facts(tuple(rows))


def _network(reading: Reading | None) -> Iterator[Block]:
    """Yield the network, and what each part of it was inferred from."""
    if reading is None:
        return
    spec = reading.spec
    rows = tuple(
        (code(str(layer.name)), _size(layer, before, after), _source(reading, str(layer.name)))
        for layer, before, after in zip(spec.layers, spec.shapes, spec.shapes[1:], strict=False)
    )
    yield Table(("layer", "numbers in → out", "output in your code"), rows)
    yield Facts(
        (
            ("loss", say.loss_formula(spec.loss)),
            ("optimizer", say.optimizer_settings(spec.optimizer)),
            ("its rule", " ".join(rule(spec.optimizer))),
            ("convention", _CONVENTIONS[reading.convention]),
            ("observations", f"{len(reading.x):,} known, {reading.batch_size:,} in a step"),
        )
    )
    yield Table(
        ("what", "inferred", "how sure", "how it was told"),
        tuple((one.what, one.value, one.sure, one.how) for one in reading.findings),
    )
    if reading.rivals:
        yield Paragraph("Other readings fit as well:")
        yield Listing(reading.rivals)


_CONVENTIONS = {
    "row": "row: observations are rows, Z = A W + b",
    "column": "column: observations are columns, Z = W A + b",
    "augmented": "augmented: the bias is a row of W, and inputs carry a leading 1",
    "index": "index: one observation at a time, with sums over indices",
}


def _size(layer: Layer, before: tuple[int, ...], after: tuple[int, ...]) -> str:
    bias = "" if getattr(layer, "bias", True) else ", no bias"
    return f"{' × '.join(map(str, before))} → {' × '.join(map(str, after))}{bias}"


def _source(reading: Reading, name: str) -> str:
    source = reading.sources.get(name)
    return "" if source is None else f"{code(source.text)}, line {source.line}"


class Named(NamedTuple):
    """One of the user's arrays: what it is here, where it stands, how it differs, and its shape here."""

    name: str
    source: Source
    transposed: bool
    factor: float
    shape: tuple[int, ...] | None


def names(consultation: Consultation) -> Iterator[Named]:
    """Yield the user's arrays in the order of calculation: first as they are read, then as they were matched."""
    reading, diagnosis = consultation.reading, consultation.diagnosis
    if reading is None:
        return
    matches = {match.name: match for match in diagnosis.mapping} if diagnosis is not None else {}
    shapes = _shapes(reading)
    for name, source in reading.sources.items():
        match = matches.get(name)
        factor = match.factor if match else float(source.sign)
        flipped = source.flipped or (match is not None and match.transposed)
        yield Named(name, source, flipped, factor, shapes.get(name))
    for delta in deltas(reading):
        yield Named(f"δ {delta.layer}", delta.source, delta.source.flipped, delta.factor, delta.shape)


def _names(consultation: Consultation) -> Iterator[Block]:
    """Yield which of the user's arrays is which tensor, and how it differs from it."""
    found = list(names(consultation))
    rows = tuple(
        (code(one.source.text), str(one.source.line), code(one.name), _shape(one), _differs(one)) for one in found
    )
    if rows:
        yield Table(("yours", "line", "here", "shape here", "how yours differs"), rows, numeric=(1,))
    deltas = [one for one in found if one.name.startswith("δ ")]
    if deltas:
        yield Paragraph("δ is ∂C/∂z, with z the output of a dense layer: a row for each observation.", "note")
    if misnamed := [one for one in deltas if called_gradient(one.source.text)]:
        yield Paragraph(_misnamed(misnamed))


def _misnamed(found: list[Named]) -> str:
    """Return what arrays are that are called the gradients of weights."""
    arrays = say.joined([code(one.source.text) for one in found])
    are, gradients = ("are", "gradients of weights") if len(found) > 1 else ("is", "the gradient of a weight")
    negative = all(one.factor < 0 for one in found)
    what = "−δ, the negative of δ" if negative else "δ"
    added = " What is added to a weight to descend is minus that." if negative else ""
    return (
        f"In spite of the name, {arrays} {are} not {gradients}, but {what}. "
        f"The gradient of a weight is xᵀδ, with x what its layer takes.{added}"
    )


def _shapes(reading: Reading) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the tensors of a step, by canonical name."""
    step = reading.steps[0] if reading.steps else None
    found = {"x": reading.x, "y": reading.y}
    if step is not None:
        found |= dict(step.before) | {f"d {n}": g for n, g in step.gradients.items()} | dict(step.outputs)
        found |= {f"d {name}": array for name, array in step.before.items() if f"d {name}" not in found}
    return {name: array.shape for name, array in found.items()}


def _shape(one: Named) -> str:
    return "" if one.shape is None else " × ".join(map(str, one.shape)) or "one number"


def _differs(one: Named) -> str:
    times = {1.0: "", -1.0: "the negative"}.get(one.factor, f"times {one.factor:.4g}")
    return ", ".join(part for part in ("transposed" * one.transposed, times) if part)


def _tensors(diagnosis: Diagnosis | None) -> Iterator[Block]:
    """Yield one row per tensor: the gravest of all steps."""
    if diagnosis is None or not diagnosis.judged:
        return
    found: dict[tuple[str, str], list[Judged]] = {}
    for one in diagnosis.judged:
        found.setdefault((one.phase, one.name), []).append(one)
    rows = []
    for (phase, name), every in found.items():
        worst = max(every, key=lambda one: (_GRAVITY[one.answer], one.error if one.error == one.error else np.inf))
        wrong = [str(one.step + 1) for one in every if one.answer == "wrong"]
        rows.append((code(name), phase, worst.answer, say.off_by(worst), ", ".join(wrong)))
    yield Table(("tensor", "phase", "answer", "off by", "wrong in step"), tuple(rows), numeric=(3,))
    yield Paragraph("“Off by” is the largest difference, as a share of the tensor's largest entry.", "note")


def _watched(consultation: Consultation) -> Iterator[Block]:
    """Yield how the script itself ended, and why no network was found in it."""
    if consultation.diagnosis is None and consultation.stopped:
        yield Paragraph(say.sentence(consultation.stopped))
    watched = consultation.watched
    if watched is None:
        return
    if say.ending(watched) not in say.answer(consultation):
        yield Paragraph(say.ending(watched))
    for note in watched.notes:
        yield Paragraph(say.sentence(note))
    if watched.error.strip():
        yield Verbatim(tuple(say.traceback(watched.error))[-LINES_OF_ERROR:])
