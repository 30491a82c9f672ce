"""Writes DOCTOR.md: how well the doctor does on scripts as people write them, and on mistakes made by mutation.

    python parity_tests/doctor_bench.py [--only NAME ...] [--keep FILE] [--seed 0]

A case is called by its folder and name (`wrong/spiral`, `single/17`); `--only` runs those whose names begin so,
and prints the page without writing it. With `--keep` each result is kept in a file as soon as it is there, and
taken from it the next time.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

import backproof
import doctor_mutations as mutations
from backproof.disk import replacing
from backproof.doctor.consultation import Consultation, consult
from backproof.doctor.diagnosis import Diagnosis
from backproof.errors import BadInput
from doctor_page import Row, page
from doctor_truth import Read, Truth, compare, different, grade, named, said, truths

PAGE = Path(__file__).with_name("DOCTOR.md")
JOBS = 2
SINGLES = 2
"""How often each mistake of the catalogue is made."""
PAIRS = 100
RIGHT = 50


def cases() -> Iterator[str]:
    """Yield the names of all cases."""
    for folder in ("right", "wrong"):
        yield from (f"{folder}/{name}" for name in truths(folder))
    yield from (f"single/{number}" for number in range(SINGLES * len(mutations.possible())))
    yield from (f"pair/{number}" for number in range(PAIRS))
    yield from (f"sound/{number}" for number in range(RIGHT))


def run(name: str, seed: int) -> Row | None:
    """Run one case; None where a mistake is such that it shows in no network of the kind drawn."""
    folder, _, rest = name.partition("/")
    if folder in ("right", "wrong"):
        return _script(name, truths(folder)[rest])
    number = int(rest)
    if folder == "single":
        possible = mutations.possible()
        case = mutations.single(possible[number % len(possible)], seed + number // len(possible))
    else:
        case = (mutations.pair if folder == "pair" else mutations.right)(seed * PAIRS + number)
    return None if case is None else _mutation(name, case)


def _script(name: str, truth: Truth) -> Row:
    start = time.perf_counter()
    wanted = said(truth.mistakes)
    double = different(truth.mistakes) > 1
    try:
        result = consult(truth.path, examining=False)
    except Exception as error:  # a doctor that breaks down is a result, too
        return Row(name, "not read", wanted, f"{type(error).__name__}: {error}", _since(start), double=double)
    seconds = _since(start)
    reads = list(compare(truth, result.reading)) if result.reading else []
    if result.diagnosis is None:
        return Row(name, "not read", wanted, result.stopped or "", seconds, double=double, reads=reads)
    diagnosis = result.diagnosis
    how = _grade(diagnosis, truth, result)
    lines = {one.line for one in diagnosis.corrections}
    return Row(
        name,
        how,
        wanted,
        _found(diagnosis),
        seconds,
        "; ".join(f"{one.what} guessed" for one in result.doubts),
        double,
        truth.lines <= lines if how == "exact" else None,
        all(one.corrected for one in diagnosis.corrections) and bool(lines) if how == "exact" else None,
        reads,
    )


def _grade(diagnosis: Diagnosis, truth: Truth, result: Consultation) -> str:
    if result.outcome == "cannot tell":
        return "cannot tell"
    if truth.mistakes:
        return grade(diagnosis.answer, diagnosis.explanations, truth.mistakes)
    return "right" if diagnosis.answer == "right" else "accused"


def _mutation(name: str, case: mutations.Case) -> Row:
    start = time.perf_counter()
    wanted, double = said(case.mistakes), different(case.mistakes) > 1
    step = case.step() if case.after else None
    try:
        diagnosis = backproof.diagnose(case.spec, case.weights, case.batch, gradients=case.gradients, step=step)
    except BadInput as error:
        return Row(name, "not read", wanted, str(error), _since(start), case.layout, double)
    how: str = grade(diagnosis.answer, diagnosis.explanations, case.mistakes)
    if not case.mistakes:
        how = {"right": "right", "wrong": "accused", "cannot tell": "cannot tell"}[diagnosis.answer]
    matched = {(one.user, one.name) for one in diagnosis.mapping} == case.matches
    note = f"{case.layout}; {'; '.join(diagnosis.notes)}"
    return Row(name, how, wanted, _found(diagnosis), _since(start), note, double, matched=matched)


def _found(diagnosis: Diagnosis) -> str:
    """Return what was said, in a line."""
    if diagnosis.named is not None:
        return said(named(diagnosis.named.mistakes))
    first = diagnosis.first_wrong
    told = [] if first is None else [f"{first.name} in step {first.step + 1}"]
    return ": ".join([diagnosis.answer, *told, *([diagnosis.pattern.sentence] if diagnosis.pattern else [])])


def _since(start: float) -> float:
    return time.perf_counter() - start


def results(names: Sequence[str], seed: int, kept: Path | None) -> list[Row]:
    """Run cases in two processes, and return how they went, in their order."""
    rows: dict[str, Row | None] = {}
    for line in kept.read_text().splitlines() if kept and kept.exists() else ():
        one = json.loads(line)
        rows[one["name"]] = Row(**one | {"reads": [Read(**read) for read in one["reads"]]})
    with ProcessPoolExecutor(JOBS) as pool:
        under_way = {pool.submit(run, name, seed): name for name in names if name not in rows}
        for done in as_completed(under_way):
            row = rows[under_way[done]] = done.result()
            if row is None:
                continue
            if kept:
                with kept.open("a") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
            print(f"{row.name:28} {row.grade:12} {row.seconds:6.1f} s  {row.wanted} | {row.found}", flush=True)
    return [row for name in names if (row := rows.get(name))]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    names = [n for n in cases() if not chosen.only or n.startswith(tuple(chosen.only))]
    text = page(results(names, chosen.seed, chosen.keep))
    if chosen.only:
        print(text)
        return
    with replacing(PAGE) as file:
        file.write(text.encode())


if __name__ == "__main__":
    main()
