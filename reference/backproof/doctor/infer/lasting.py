"""Which statements update what lasts, as weights do, and which add to a sum that begins anew each time."""

from collections.abc import Mapping, Sequence

import numpy as np

from backproof.doctor.infer.values import Values
from backproof.doctor.recording import Site
from backproof.fields import Array

OFTEN = 1000
"""A sum is begun anew at least once in as many additions."""


def updated(values: Values) -> dict[str, list[int]]:
    """Return what is updated and lasts (w += …, w = w + …), by its text, and the places that do so."""
    all_statements = statements(values)
    kept = lasting(values, all_statements)
    seen = values.recording.of_site
    found: dict[str, list[int]] = {}
    for place, (before, _) in all_statements.items():
        failed = place not in seen and before in seen  # the update itself raised an error
        if place in kept or failed:
            found.setdefault(values.recording.sites[place].text, []).append(place)
    return found


def update_times(values: Values) -> Array:
    """Return when what lasts was updated, in order."""
    places = lasting(values, statements(values))
    return np.sort(np.concatenate([np.zeros(0, int), *(values.recording.of_site[n] for n in places)]))


def statements(values: Values) -> dict[int, tuple[int | None, int | None]]:
    """Return for every place that stores: where s is read before s += …, and where the right side stands."""
    sites = values.recording.sites
    found: dict[int, tuple[int | None, int | None]] = {}
    for number, site in enumerate(sites):
        if site.kind != "store":
            continue
        tops = []
        position = number - 1
        while position >= 0 and sites[position].kind == "store" and sites[position].line == site.line:
            position -= 1
        while position >= 0 and sites[position].kind != "store" and sites[position].line == site.line:
            if sites[position].parent is None:
                tops.append(position)
            position -= 1
        tops.reverse()
        if len(tops) == 2 and sites[tops[0]].text == site.text:
            found[number] = tops[0], tops[1]
        else:
            found[number] = None, tops[-1] if tops else None
    return found


def lasting(values: Values, statements: Mapping[int, tuple[int | None, int | None]]) -> set[int]:
    """Return the places that update what lasts (w += …, w = w + …), not a sum that begins anew each time."""
    recording = values.recording
    updates: dict[str, list[int]] = {}
    resets: dict[str, list[int]] = {}
    for number, (before, right) in statements.items():
        site = recording.sites[number]
        if number not in recording.of_site:
            continue
        if before is not None or (right is not None and _within(values, right, site.text)):
            updates.setdefault(site.text, []).append(number)
        elif not entry_of(recording.sites, number):
            resets.setdefault(site.text, []).append(number)
    found = set()
    for text, places in updates.items():
        times = np.concatenate([recording.of_site[n] for n in places])
        again = [recording.of_site[n] for n in resets.get(text, []) + resets.get(base(text), [])]
        later = sum(int(np.sum(own > times.min())) for own in again)
        if later * OFTEN < len(times):
            found.update(places)
    return found


def _within(values: Values, site: int, text: str) -> bool:
    """Return whether an expression reads a name, attribute or entry."""
    return values.recording.sites[site].text == text or any(
        _within(values, child, text) for child in values.recording.children.get(site, [])
    )


def entry_of(sites: Sequence[Site], number: int) -> bool:
    """Return whether a place is looked at only since one of its entries was assigned."""
    before = sites[number - 1] if number else None
    return (
        before is not None
        and before.kind == "store"
        and before.line == sites[number].line
        and base(before.text) == sites[number].text
        and before.text != sites[number].text
    )


def base(text: str) -> str:
    return text.split("[", 1)[0]
