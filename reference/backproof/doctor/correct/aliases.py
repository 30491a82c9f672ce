"""Arrays that changed without being assigned: two names for one array, and entries assigned in place."""

import ast
from collections.abc import Iterator

import numpy as np

from backproof.doctor.correct.sightings import Sightings
from backproof.doctor.correct.source import Source
from backproof.doctor.diagnosis import Correction
from backproof.doctor.recording import Site


def shared(source: Source, sightings: Sightings, site: Site, node: ast.expr, time: int) -> Correction | None:
    """Return the line `old = w` as `old = w.copy()`, where `old` has changed with w by the time it is used.

    Only of a part of the expression `node`, which stands at `site`.
    """
    for part in ast.walk(node):
        if not isinstance(part, ast.Name):
            continue
        stored = last_seen(sightings, site, part.id, "store", time)
        used = last_seen(sightings, site, part.id, "Name", time)
        if stored is None or used is None or used <= stored:
            continue
        line = sightings.recording.sites[int(sightings.recording.event_sites[stored])].line
        statement = source.statements.get(line)
        match statement:
            case ast.Assign(targets=[ast.Name()], value=ast.Name() | ast.Attribute() | ast.Subscript() as value):
                before, after = sightings.values.array(stored), sightings.values.array(used)
                plain = not (isinstance(value, ast.Attribute) and value.attr == "T")
                if plain and before.shape == after.shape and not np.array_equal(before, after):
                    written = source.lines[line - 1].strip()
                    return Correction(site.file, line, written, f"{written}.copy()")
    return None


def last_seen(sightings: Sightings, place: Site, name: str, kind: str, time: int) -> int | None:
    """Return when a name was last seen in a function, assigned (`store`) or used (`Name`)."""
    found = [
        sightings.values.latest(number, time)
        for number, site in enumerate(sightings.recording.sites)
        if (site.function, site.file, site.text, site.kind) == (place.function, place.file, name, kind)
    ]
    return max((when for when in found if when is not None), default=None)


def entries_assigned(source: Source, sightings: Sightings, site: Site) -> Iterator[tuple[ast.expr, int]]:
    """Yield statements such as `d[z <= 0] = 0` that change what is seen at a site, as where(z <= 0, 0, d).

    With each its line; only those after the name was assigned as a whole, the last one first.
    """
    numpy = next((name for name, module in source.modules.items() if module == "numpy"), None)
    places = [
        other.line
        for other in sightings.recording.sites
        if (other.function, other.text, other.kind) == (site.function, site.text, "store")
        and other.line < site.line
    ]
    if numpy is None or not places:
        return
    for line in range(site.line - 1, max(places), -1):
        match source.statements.get(line):
            case ast.Assign(targets=[ast.Subscript(value=base, slice=mask)], value=value):
                if ast.unparse(base) == site.text:
                    where = ast.Attribute(ast.Name(numpy, ast.Load()), "where", ast.Load())
                    yield ast.Call(where, [mask, value, ast.parse(site.text, mode="eval").body], []), line
