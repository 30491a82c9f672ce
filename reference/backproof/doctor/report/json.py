"""The report as JSON: for scripts, and for whatever draws its own page.

Keys, all always there (null or empty where a part is absent); numbers that are not finite are null; steps and
lines count from 1:

- `format`: 1; a change that breaks readers raises it
- `script`, `outcome` (`right and learning`, `wrong`, `right, not learning`, `right`, `cannot tell`, `not read`),
  `answer` (the sentence), `stopped` (why a part is absent), `seconds` by part
- `ended` and `error` of the script's run, `updates` (how many it makes in all)
- `mistakes`: of the simplest explanation that fits: `name`, `layer`, `site` (position from 0), `written`, `right`
- `explanations`: `mistakes` (names), `distance` in noise floors, `fits`
- `corrections`: `file`, `line`, `written`, `corrected`
- `first_wrong`: `step`, `phase`, `tensor`, `error`, `ratio`; `pattern`: `kind`, `sentence`
- `network`: the spec as `read_spec` takes it; `convention`, `batch_size`, `observations`
- `findings`: `what`, `value`, `how`, `sure`, `flag`; `rivals`: sentences
- `names`: `name` (`δ dense1` is ∂C/∂z of a layer), `text`, `file`, `line`, `transposed`, `factor`
- `tensors`: one per tensor and step: `step`, `phase`, `tensor`, `answer`, `error`, `ratio`
- `run`: `iterations`, `losses`, `accuracy`, `diverged`, `learns`, `plateaus`
- `remarks`: `kind`, `sentence`, `measured`, `cause`, `refuted`, `experiments`: `change`, `outcome`, `helps`, `run`
- `slopes`: by layer `least`, `median`, `largest`, `bound`, `share_below` it
- `unchecked`, `advice`: sentences
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from backproof.doctor.consultation import Consultation
from backproof.doctor.diagnosis import Diagnosis, Judged
from backproof.doctor.examination import Run
from backproof.doctor.reading import Reading
from backproof.doctor.report import sentences as say
from backproof.doctor.report.blocks import Strip
from backproof.doctor.report.closing import advice, unchecked
from backproof.doctor.report.pages import names
from backproof.doctor.report.training import strips

FORMAT = 1


def to_json(consultation: Consultation) -> dict[str, Any]:
    """Return a consultation as data for `json.dumps`, with the keys above."""
    watched = consultation.watched
    return {
        "format": FORMAT,
        "script": consultation.script,
        "outcome": consultation.outcome,
        "answer": say.answer(consultation),
        "stopped": consultation.stopped,
        "updates": consultation.iterations,
        "seconds": {part: _finite(time) for part, time in consultation.seconds.items()},
        "ended": watched.ended if watched else None,
        "error": watched.error if watched else None,
        **_diagnosis(consultation.diagnosis),
        **_reading(consultation.reading),
        "names": [
            {
                "name": one.name,
                "text": one.source.text,
                "file": one.source.file,
                "line": one.source.line,
                "transposed": one.transposed,
                "factor": _finite(one.factor),
            }
            for one in names(consultation)
        ],
        **_examination(consultation),
        "unchecked": unchecked(consultation),
        "advice": advice(consultation),
    }


def _diagnosis(diagnosis: Diagnosis | None) -> dict[str, Any]:
    if diagnosis is None:
        nothing: dict[str, Any] = {"mistakes": [], "explanations": [], "corrections": []}
        return nothing | {"first_wrong": None, "pattern": None, "tensors": []}
    named, first, pattern = diagnosis.named, diagnosis.first_wrong, diagnosis.pattern
    return {
        "mistakes": [
            {
                "name": made.mistake.name,
                "layer": made.layer,
                "site": made.site,
                "written": made.mistake.wrong,
                "right": made.mistake.right,
            }
            for made in (named.mistakes if named else ())
        ],
        "explanations": [
            {
                "mistakes": [made.mistake.name for made in one.mistakes],
                "layers": [made.layer for made in one.mistakes],
                "distance": _finite(one.distance),
                "fits": one.fits,
            }
            for one in diagnosis.explanations
        ],
        "corrections": [
            {"file": one.file, "line": one.line, "written": one.written, "corrected": one.corrected}
            for one in diagnosis.corrections
        ],
        "first_wrong": _judged(first) if first else None,
        "pattern": {"kind": pattern.kind, "sentence": pattern.sentence} if pattern else None,
        "tensors": [_judged(one) for one in diagnosis.judged],
    }


def _judged(one: Judged) -> dict[str, Any]:
    return {
        "step": one.step + 1,
        "phase": one.phase,
        "tensor": one.name,
        "answer": one.answer,
        "error": _finite(one.error),
        "ratio": _finite(one.ratio),
    }


def _reading(reading: Reading | None) -> dict[str, Any]:
    keys = ("network", "convention", "batch_size", "observations")
    if reading is None:
        return dict.fromkeys(keys) | {"findings": [], "rivals": []}
    values = (reading.spec.model_dump(mode="json"), reading.convention, reading.batch_size, len(reading.x))
    return dict(zip(keys, values, strict=True)) | {
        "findings": [
            {"what": one.what, "value": one.value, "how": one.how, "sure": one.sure, "flag": one.flag}
            for one in reading.findings
        ],
        "rivals": list(reading.rivals),
    }


def _examination(consultation: Consultation) -> dict[str, Any]:
    examination, reading = consultation.examination, consultation.reading
    if examination is None or reading is None:
        return {"run": None, "remarks": [], "slopes": {}}
    return {
        "run": _run(examination.run)
        | {"learns": examination.learns, "plateaus": [[int(n) for n in ends] for ends in examination.plateaus]},
        "remarks": [
            {
                "kind": remark.kind,
                "sentence": remark.sentence,
                "measured": {name: _finite(value) for name, value in remark.measured.items()},
                "cause": remark.cause,
                "refuted": remark.refuted,
                "experiments": [
                    {"change": one.change, "outcome": one.outcome, "helps": one.helps, "run": _run(one.run)}
                    for one in remark.experiments
                ],
            }
            for remark in examination.remarks
        ],
        "slopes": {strip.label: _slopes(strip) for strip in strips(examination, reading.spec)},
    }


def _slopes(strip: Strip) -> dict[str, Any]:
    return {
        "least": _finite(strip.slopes.min()),
        "median": _finite(np.median(strip.slopes)),
        "largest": _finite(strip.slopes.max()),
        "bound": strip.bound,
        "share_below": strip.share_below,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "iterations": [int(n) for n in run.iterations],
        "losses": _all_finite(run.losses),
        "accuracy": None if run.accuracy is None else _finite(run.accuracy),
        "diverged": run.diverged,
    }


def _all_finite(values: Iterable[float]) -> list[float | None]:
    return [_finite(value) for value in values]


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
