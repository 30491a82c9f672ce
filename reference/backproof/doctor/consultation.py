"""One script from beginning to end: watched, read, judged, and where the gradient is right, examined."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Literal

import numpy as np

from backproof.check import Progress
from backproof.doctor.diagnosis import Diagnosis
from backproof.doctor.examination import Examination
from backproof.doctor.hints import Hints
from backproof.doctor.reading import Finding, Reading
from backproof.doctor.watch import Watched
from backproof.errors import BadInput

Outcome = Literal["right and learning", "wrong", "right, not learning", "right", "cannot tell", "not read"]
"""`right` alone where no training run was examined; `not read` where no network was found in the script."""


ITERATIONS = 1000
"""Over so many updates a training is examined where nothing tells how many the script makes."""


@dataclass
class Consultation:
    """Everything that one report needs. What comes later is absent where `stopped` says, in words, why.

    `iterations` is how many updates the script makes, as far as its loops tell. `seconds` is the time that each
    part took: watch, infer, diagnose, correct, examine.
    """

    script: str
    watched: Watched | None = None
    reading: Reading | None = None
    diagnosis: Diagnosis | None = None
    examination: Examination | None = None
    stopped: str | None = None
    iterations: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """What was guessed about the script. Numbers that nothing explains may mean that a guess is wrong."""
        findings = self.reading.findings if self.reading else ()
        return tuple(finding for finding in findings if finding.sure == "guess")

    @property
    def outcome(self) -> Outcome:
        """The answer in a word."""
        if self.diagnosis is None:
            return "not read"
        if self.diagnosis.answer == "wrong" and self.diagnosis.named is None and self.doubts:
            return "cannot tell"
        if self.diagnosis.answer != "right":
            return self.diagnosis.answer
        if self.examination is None:
            return "cannot tell" if self.diagnosis.untold else "right"
        return "right and learning" if self.examination.learns else "right, not learning"


def consult(
    script: Path,
    arguments: Sequence[str] = (),
    hints: Hints | None = None,
    *,
    time_limit: float = 20.0,
    iterations: int | None = None,
    answers: str = "",
    examining: bool = True,
    patience: float = 10.0,
    progress: Progress = lambda message: None,
) -> Consultation:
    """Run a script, find its network, judge its gradients, and where they are right, examine its training.

    `answers` is the script's standard input. The training is examined over so many `iterations`, if absent as many
    as the script's loops make, by experiments that take `patience` seconds; what these cut off is said.

    Raises
    ------
    BadInput
        If the script cannot be read, or a hint cannot be meant.
    """
    from backproof.doctor.correct import corrections
    from backproof.doctor.diagnose import diagnose_steps
    from backproof.doctor.examine import examine
    from backproof.doctor.infer import Unreadable, infer
    from backproof.doctor.iterations import iterations as told
    from backproof.doctor.watch import watch

    result = Consultation(str(script))

    @contextmanager
    def timed(part: str, doing: str) -> Iterator[None]:
        progress(doing)
        start = perf_counter()
        try:
            yield
        finally:
            result.seconds[part] = perf_counter() - start

    with timed("watch", "running the script"):
        result.watched = watch(script, arguments, time_limit=time_limit, answers=answers)
    try:
        with timed("infer", "looking for the network"):
            reading = infer(result.watched.recording, hints)
            result.reading = reading = _updated(reading) if result.watched.ended == "raised" else reading
    except Unreadable as error:
        result.stopped = str(error)
        return result
    try:
        with timed("diagnose", "comparing with the reference"):
            result.diagnosis = diagnose_steps(reading.spec, reading.steps, reading.sources)
        if result.diagnosis.named is not None:
            with timed("correct", "looking for the line"):
                lines = corrections(reading, result.diagnosis.named, script.parent)
            result.diagnosis = replace(result.diagnosis, corrections=lines)
        if result.diagnosis.answer != "right":
            return result
        if not examining:
            result.stopped = "how the training goes was not examined, as asked for"
            return result
        result.iterations = iterations or told(script.read_bytes(), reading)
        weights = reading.steps[0].before
        with timed("examine", "training again, with one thing changed at a time"):
            result.examination = examine(
                reading.spec,
                weights,
                reading.x,
                reading.y,
                batch_size=reading.batch_size,
                iterations=result.iterations or ITERATIONS,
                dtype=np.result_type(*weights.values()),
                seconds=patience,
            )
    except BadInput as error:  # the script's arrays are what the reference cannot take: overflown, say
        result.stopped = str(error)
    return result


def _updated(reading: Reading) -> Reading:
    """Return the reading of a script that raised an error, without the weights that its last update left out."""
    *earlier, last = reading.steps
    after = {name: w for name, w in last.after.items() if not np.array_equal(w, last.before[name])}
    return replace(reading, steps=(*earlier, replace(last, after=after))) if after else reading
