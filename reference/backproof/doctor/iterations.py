"""How many updates a script is going to make: read off its loops, for it is not always watched to its end."""

import ast
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np

from backproof.doctor.reading import Reading
from backproof.doctor.recording import Recording

MOST = 1000
"""So many updates are enough to tell how they are spread over the loops."""


def iterations(source: str | bytes, reading: Reading) -> int | None:
    """Return how many updates the script makes in all, None where no loop over a `range` tells.

    A loop is about the updates if each turn makes at least one. Its turns, times the updates of one turn, are all
    updates; of loops within loops the outermost counts them all.
    """
    recording = reading.recording
    changes = [] if recording is None else _changes(recording, reading)
    if recording is None or len(changes) < 2:
        return None
    total = 0.0
    for turns, begun in sorted(_loops(source, recording), key=lambda loop: loop[1][0], reverse=True):
        within = [time for time in begun if time <= changes[-1]]
        each = _updates_of_a_turn(within, changes)
        if (len(within) == 1 and turns > 1) or (len(within) == 2 and each):
            each = max(each, total)  # too few turns to count; loops that began later are taken to be within
        total = max(total, turns * each)
    return round(total) or None


def _changes(recording: Recording, reading: Reading) -> list[int]:
    """Return the times at which a weight was first seen with its next value."""
    found: list[int] = []
    places = [
        (source.text, source.line) for name, source in reading.sources.items() if name in reading.spec.parameters
    ]
    for number, site in enumerate(recording.sites):
        if site.kind != "store" and number in recording.of_site:
            layers = places.count((site.text, site.line))  # that take turns at the same place
            times = recording.of_site[number][: 4 * MOST * layers : layers] if layers else np.zeros(0, int)
            contents = recording.event_contents[times]
            found = max(found, times[1:][contents[1:] != contents[:-1]].tolist(), key=len)
    return found[:MOST]


def _loops(source: str | bytes, recording: Recording) -> Iterator[tuple[float, Sequence[int]]]:
    """Yield for each loop over a range of known length its turns, and the times at which those seen began."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.For) or not isinstance(node.target, ast.Name):
            continue
        turns = _turns(node.iter, recording)
        for number, site in enumerate(recording.sites):
            stored = (site.kind, site.text, site.line) == ("store", node.target.id, node.lineno)
            if turns and stored and number in recording.of_site:
                yield turns, recording.of_site[number].tolist()


def _turns(call: ast.expr, recording: Recording) -> float | None:
    """Return the length of `range(…)`, whose arguments are numbers or were seen as such."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != "range":
        return None
    numbers = [_value(argument, recording) for argument in call.args]
    known = [int(number) for number in numbers if number is not None]
    if not known or len(known) < len(numbers) or (len(known) == 3 and not known[2]):
        return None
    return float(len(range(*known)))


def _value(node: ast.expr, recording: Recording) -> float | None:
    if isinstance(node, ast.Constant):
        return float(node.value) if isinstance(node.value, int | float) else None
    for number, site in enumerate(recording.sites):
        if site.text == ast.unparse(node) and site.line == node.lineno and number in recording.of_site:
            value = float(recording.event_numbers[recording.of_site[number][0]])
            return value if np.isfinite(value) else None
    return None


def _updates_of_a_turn(begun: Sequence[int], changes: Sequence[int]) -> float:
    """Return how many changes a turn makes, on average over whole turns; 0 where most turns make none.

    A change is seen when the weight is next used, in the following turn: the first turn does not count if there
    are others.
    """
    counts = np.diff([bisect_left(changes, time) for time in begun])
    counts = counts[1:] if counts.size > 1 else counts
    return float(counts.mean()) if counts.size and np.mean(counts > 0) > 0.5 else 0.0
