"""A campaign: thousands of random cases, on many processes, that can be killed and taken up again.

What is done stands in `journal.jsonl`, one line per case, written the moment it is known. Case n is the same on
every machine and in any order, so that a campaign taken up again, or spread over others, finds the same.
"""

import itertools
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from backproof.disk import reason
from backproof.errors import BadInput
from backproof.files import write_data, write_spec
from backproof.fuzz.case import VARIANTS, Case, Outcome, fingerprint, random_case, run
from backproof.fuzz.pools import died
from backproof.fuzz.shrink import shrink
from backproof.report.console import hushed

FORMAT = "backproof fuzz 1"

Unit = tuple[int, list[int], tuple[str, ...]]
"""What a worker does at a time: seed, cases of one network, whose programs it compiles once, implementations."""

Result = tuple[Outcome, Case | None]
"""What a case came to, and the smallest case like it if it is the first finding of its network."""


@dataclass
class Summary:
    """What a campaign has seen so far; `resumed` of its cases were seen by an earlier run of it."""

    cases: int = 0
    resumed: int = 0
    seconds: float = 0.0
    structures: set[str] = field(default_factory=set)
    judged: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    worst: dict[str, float] = field(default_factory=dict)
    findings: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count a case."""
        self.cases += 1
        self.structures.add(outcome.structure)
        self.judged.update(outcome.judged)
        self.untold.update(outcome.untold)
        for dtype, ratio in outcome.worst.items():
            self.worst[dtype] = max(ratio, self.worst.get(dtype, 0.0))
        if outcome.finding:
            self.findings.append(outcome)
            self.findings.sort(key=lambda finding: finding.number)

    @property
    def per_minute(self) -> float:
        """Cases per minute, of those run now."""
        return 60.0 * (self.cases - self.resumed) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Campaign:
    """The random cases 0, 1, 2, ... of a seed, in the named implementations; `folder` keeps what is known."""

    seed: int
    folder: Path
    implementations: tuple[str, ...]

    def run(
        self,
        cases: int | None = None,
        seconds: float | None = None,
        executor: Executor | None = None,
        workers: int = 1,
        progress: Callable[[Summary], None] = lambda summary: None,
    ) -> Summary:
        """Run cases until so many are done or the time is up; those that the journal has are not run again.

        `executor` runs them elsewhere, on so many `workers`; without one they run here, one by one.

        Raises
        ------
        BadInput
            If the folder holds another campaign, or cannot be written.
        """
        summary, done = Summary(), set()
        with self._journal() as (journal, outcomes):
            for outcome in outcomes:
                done.add(outcome.number)
                if cases is None or outcome.number < cases:
                    summary.add(outcome)
            summary.resumed = summary.cases
            start = time.monotonic()
            for outcome, smallest in _results(self._units(cases, done, start, seconds), executor, workers):
                if smallest is not None:
                    self._keep(smallest)
                journal.write(json.dumps(asdict(outcome)) + "\n")
                journal.flush()
                summary.add(outcome)
                summary.seconds = time.monotonic() - start
                progress(summary)
        return summary

    def finding(self, number: int) -> Path:
        """Return where the smallest network of a finding is kept; its data are beside it, as .npz."""
        return self.folder / "findings" / f"case-{number:06}.json"

    def _units(self, cases: int | None, done: set[int], start: float, seconds: float | None) -> Iterator[Unit]:
        for first in itertools.count(0, VARIANTS):
            if (cases is not None and first >= cases) or (
                seconds is not None and time.monotonic() - start >= seconds
            ):
                return
            last = first + VARIANTS if cases is None else min(first + VARIANTS, cases)
            if todo := [number for number in range(first, last) if number not in done]:
                yield self.seed, todo, self.implementations

    def _keep(self, case: Case) -> None:
        path = self.finding(case.number)
        path.parent.mkdir(exist_ok=True)
        write_data(case.data.x, case.data.y, path.with_suffix(".npz"), case.data.side)
        write_spec(case.spec, path)

    @contextmanager
    def _journal(self) -> Iterator[tuple[TextIO, list[Outcome]]]:
        """Open the journal behind its last whole line; yield it with what it holds."""
        path = self.folder / "journal.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = path.open("a+", encoding="utf-8", newline="\n")
        except OSError as error:
            raise BadInput(f"{path}: cannot be written: {reason(error)}") from None
        with file:
            file.seek(0)
            whole = file.read().rpartition("\n")[0]
            outcomes = self._read(path, whole.split("\n")) if whole else []
            file.truncate(len(whole.encode()) + 1 if whole else 0)  # a line that a killed run left unfinished
            if not whole:
                file.write(json.dumps(self._header()) + "\n")
            yield file, outcomes

    def _read(self, path: Path, lines: list[str]) -> list[Outcome]:
        try:
            if (found := json.loads(lines[0])) != self._header():
                raise BadInput(f"{path}: expected the journal of {self._header()}, found that of {found}")
            return [Outcome(**json.loads(line)) for line in lines[1:]]
        except (json.JSONDecodeError, TypeError) as error:
            raise BadInput(f"{path}: expected the journal of a campaign: {error}") from None

    def _header(self) -> dict[str, Any]:
        return {"format": FORMAT, "seed": self.seed, "implementations": list(self.implementations)}


def do(seed: int, numbers: Sequence[int], implementations: Sequence[str]) -> Iterator[Result]:
    """Run some cases of one network."""
    found = False
    for number in numbers:
        outcome = run(case := random_case(seed, number), implementations)
        smallest = None
        if outcome.finding and not found:
            smallest = shrink(case, lambda smaller: bool(run(smaller, implementations).finding))
            outcome = replace(outcome, steps=smallest.steps, batch_size=smallest.batch_size)
            found = True
        yield outcome, smallest


_ONE_AT_A_TIME = Lock()
"""A Dask worker may have several threads, but a process has only one default dtype of Keras."""


def do_elsewhere(*unit: Any) -> list[Result]:
    """Run some cases of one network in a worker process, without what the frameworks say there."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _ONE_AT_A_TIME, hushed():
        return list(do(*unit))


def _results(units: Iterator[Unit], executor: Executor | None, workers: int) -> Iterator[Result]:
    if executor is None:
        for unit in units:
            yield from do(*unit)
        return
    running: dict[Future[list[Result]], Unit] = {}
    suspects: list[Unit] = []
    while True:
        # A process that dies takes others with it: to see whose fault it was, they run again one by one.
        accused = suspects.pop() if suspects and not running else None
        if accused is not None:
            running[executor.submit(do_elsewhere, *accused)] = accused
        elif not suspects:
            # Two for each worker, so that nobody waits, and hardly more is begun than the time allows.
            for unit in itertools.islice(units, 2 * workers - len(running)):
                running[executor.submit(do_elsewhere, *unit)] = unit
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            seed, numbers, implementations = unit = running.pop(future)
            try:
                yield from future.result()
            except Exception as error:
                if not died(error):
                    raise
                if unit is accused:
                    yield _fatal(random_case(seed, numbers[0]))
                else:
                    suspects += [(seed, [number], implementations) for number in numbers]


def _fatal(case: Case) -> Result:
    """Return the finding that a case kills the process it runs in; nobody shrinks it, for each try would."""
    finding = "the process died"
    return Outcome(case.number, fingerprint(case.spec), {}, {}, {}, finding, case.steps, case.batch_size), case
