"""The page of figures that the doctor's bench writes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from doctor_truth import Read


@dataclass(frozen=True)
class Row:
    """How one case went.

    `place` says whether the lines that were shown are those of the mistakes, `reads` what was inferred, `matched`
    whether every array that was handed over was taken for what it is.
    """

    name: str
    grade: str
    wanted: str
    found: str
    seconds: float
    note: str = ""
    double: bool = False
    place: bool | None = None
    corrected: bool | None = None
    reads: list[Read] = field(default_factory=list)
    matched: bool | None = None


WRONG = {
    "exact": "named exactly",
    "equal": "named after others as simple",
    "first three": "among the first three",
    "as simple": "another as simple alone",
    "otherwise": "more mistakes",
    "unnamed": "called wrong, unnamed",
    "cannot tell": "cannot tell",
    "missed": "missed",
    "not read": "not read",
}
SOUND = {"right": "right", "accused": "accused", "cannot tell": "cannot tell", "not read": "not read"}


def page(rows: Sequence[Row]) -> str:
    """Return the page."""
    parts = [*_head(), *_wrong(rows), *_right(rows), *_reads(rows), *_seconds(rows), *_others(rows)]
    return "\n".join(parts) + "\n"


def _head() -> Iterator[str]:
    yield "# The doctor on its bench"
    yield ""
    yield (
        "Scripts as people write them, without this project's code (`doctor_scripts/right` and `wrong`), and "
        "mistakes of the catalogue made in networks of dense layers, handed to `backproof.diagnose` under names "
        "that say nothing, in any order and layout, in steps that round otherwise than the reference. Some "
        "mistakes no number can tell apart (a factor 2 too many, an update applied twice): where another one "
        "yields the same numbers, the mistake made may be named after it, or not at all. A case counts as exact "
        "only if the layers are right, too. `nox -s doctor` writes this page."
    )


def _of(rows: Sequence[Row], *folders: str) -> list[Row]:
    return [row for row in rows if row.name.partition("/")[0] in folders]


def _table(head: Sequence[str], body: Sequence[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "| --- " * len(head) + "|"
    for line in body:
        yield f"| {' | '.join(map(str, line))} |"


def _wrong(rows: Sequence[Row]) -> Iterator[str]:
    yield from ("", "## Wrong backprops", "")
    scripts = _of(rows, "wrong")
    groups = {
        "scripts, one mistake": [row for row in scripts if not row.double],
        "scripts, two mistakes": [row for row in scripts if row.double],
        "mutations, one mistake": _of(rows, "single"),
        "mutations, two mistakes": _of(rows, "pair"),
    }
    body = []
    for group, own in groups.items():
        counts = Counter(row.grade for row in own)
        body.append([group, len(own), *(_share(counts[grade], len(own)) for grade in WRONG)])
    yield from _table(["", "cases", *WRONG.values()], body)
    exact = [row for row in scripts if row.place is not None]
    if exact:
        yield ""
        yield (
            f"Of the {len(exact)} scripts whose mistake is named exactly, {sum(bool(r.place) for r in exact)} are "
            f"shown the line it is made in, {sum(bool(r.corrected) for r in exact)} with a correction."
        )


def _share(count: int, of: int) -> str:
    return f"{count} ({count / of:.0%})" if count else "0"


def _right(rows: Sequence[Row]) -> Iterator[str]:
    yield from ("", "## Right backprops", "")
    body = []
    for group, folder in (("scripts", "right"), ("networks handed over", "sound")):
        own = _of(rows, folder)
        counts = Counter(row.grade for row in own)
        body.append([group, len(own), *(_share(counts[grade], len(own)) for grade in SOUND)])
    yield from _table(["", "cases", *SOUND.values()], body)
    matched = [row.matched for row in _of(rows, "sound", "single", "pair") if row.matched is not None]
    if matched:
        yield ""
        yield f"Every array was taken for what it is in {sum(matched)} of {len(matched)} of the cases handed over."


def _reads(rows: Sequence[Row]) -> Iterator[str]:
    yield from ("", "## What is read from the scripts, without flags", "")
    body, whole = [], []
    for folder in ("right", "wrong"):
        own = _of(rows, folder)
        reads = [read for row in own for read in row.reads]
        for what in dict.fromkeys(read.what for read in reads):
            some = [read for read in reads if read.what == what]
            wrong = [read for read in some if not read.right]
            sure = sum(read.sure for read in wrong)
            found = _share(len(some) - len(wrong), len(own))
            body.append([folder, what, found, len(wrong), sure, len(own) - len(some)])
        all_right = sum(bool(row.reads) and all(read.right for read in row.reads) for row in own)
        whole.append(f"{_share(all_right, len(own))} of the {len(own)} {folder} scripts")
    yield from _table(["scripts", "", "found rightly", "otherwise", "of these called sure", "not read"], body)
    yield ""
    yield f"All of it is found rightly in {' and '.join(whole)}."


def _seconds(rows: Sequence[Row]) -> Iterator[str]:
    yield from ("", "## Seconds", "")
    body = []
    for group, folders in {
        "scripts": ("right", "wrong"),
        "arrays handed over": ("single", "pair", "sound"),
    }.items():
        if own := _of(rows, *folders):
            longest = max(own, key=lambda row: row.seconds)
            middle = median(row.seconds for row in own)
            body.append([group, f"{middle:.1f}", f"{longest.seconds:.1f} ({longest.name})"])
    yield from _table(["", "median", "largest"], body)
    yield ""
    yield "Wall-clock time with two cases at once, on two cores; how the training goes was not examined."


def _others(rows: Sequence[Row]) -> Iterator[str]:
    yield from ("", "## Whatever is not exact", "")
    body = []
    for row in rows:
        if row.grade not in ("exact", "right"):
            body.append([row.name, row.grade, row.wanted, _cell(row.found), _cell(row.note)])
        misread = [read for read in row.reads if not read.right]
        body += [
            [row.name, f"{read.what}, {'sure' if read.sure else 'unsure'}", read.wanted, read.found, ""]
            for read in misread
        ]
    yield from _table(["case", "", "it is", "said", ""], body)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())[:300]
