"""How the training goes: what was seen, the experiments, the loss and the slopes."""

from collections.abc import Iterator

import numpy as np

from backproof.doctor.consultation import Consultation
from backproof.doctor.examination import Examination, Run
from backproof.doctor.examine.saturation import BOUND, STEEPEST
from backproof.doctor.report import sentences as say
from backproof.doctor.report.blocks import Block, Curve, LossFigure, Paragraph, SlopesFigure, Strip, Table
from backproof.spec import ModelSpec

MOST_CURVES = 4
"""So many runs can be told apart in one figure."""


def training(consultation: Consultation) -> Iterator[Block]:
    """Yield what was seen in the run, and the experiments that tell causes from bystanders."""
    examination, reading = consultation.examination, consultation.reading
    if examination is None or reading is None:
        return
    yield Paragraph(f"As it stands: {say.fall(examination.run)}.")
    for remark in examination.remarks:
        yield Paragraph(say.sentence(remark.sentence), label=say.standing(remark).capitalize())
        if remark.experiments:
            yield Table(
                ("the same run with", "result", "helps"),
                tuple((one.change, one.outcome, "yes" if one.helps else "no") for one in remark.experiments),
            )
    if len(examination.run.losses) > 1:
        yield LossFigure(
            "Loss by iteration" + " (plateaus are marked)" * bool(examination.plateaus),
            tuple(_curves(examination)),
            examination.plateaus,
        )
    if examination.slopes:
        yield SlopesFigure(
            "Slopes f′(z) by layer, at the start and after the run. A slope below a tenth of the largest possible "
            "one, which is marked, hands back hardly anything",
            tuple(strips(examination, reading.spec)),
        )


def strips(examination: Examination, spec: ModelSpec) -> Iterator[Strip]:
    """Yield the slopes of each activation, with a tenth of its largest slope."""
    layers = {path: layer for path, layer, _ in spec.walk}
    for label, slopes in examination.slopes.items():
        steepest = STEEPEST.get(type(layers[label.removesuffix(" after")]), 1.0)
        yield Strip(label, np.abs(slopes), BOUND * steepest)


def _curves(examination: Examination) -> Iterator[Curve]:
    """Yield the run itself; the run continued, on which plateaus are seen; and experiments, helpful ones first."""
    yield _curve("as it stands", examination.run)
    experiments = [(remark.kind, one) for remark in examination.remarks for one in remark.experiments]
    experiments.sort(key=lambda made: (made[0] != "plateau", not made[1].helps))
    for _, one in experiments[: MOST_CURVES - 1]:
        yield _curve(one.change, one.run)


def _curve(label: str, run: Run) -> Curve:
    return Curve(label, np.asarray(run.iterations), np.asarray(run.losses))
