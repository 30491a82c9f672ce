"""What is in scope at one place of the code at one time: names, attributes and entries, and their values."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from backproof.doctor.correct.source import Source
from backproof.doctor.infer.values import Values
from backproof.doctor.recording import SCALAR, Site

ATOMS = ("store", "Name", "Attribute", "Subscript")

LATER = 12
"""How many entries of a list are looked at."""

TOGETHER = 20
"""Within how many events the parts of one statement are evaluated, where it calls nothing."""


@dataclass(frozen=True)
class Frame:
    """Values by the text of their expressions; `atoms` are those that a correction may use, the latest first."""

    known: dict[str, Any]
    atoms: tuple[str, ...]


class Scope:
    """The frames of one recording."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.recording = values.recording
        self.names: dict[str, set[str]] = {}
        for site in self.recording.sites:
            self.names.setdefault(site.function, set()).add(site.text)
        self.by_file: dict[str, list[int]] = {}
        for number, site in enumerate(self.recording.sites):
            if number in self.recording.of_site:
                self.by_file.setdefault(site.file, []).append(number)

    def frame(self, source: Source, number: int, time: int, window: tuple[int, int]) -> Frame:
        """Return what is known where a site is evaluated at a time, within the window of a step.

        Of the statement itself every part counts; of what was seen before, the atoms that are in scope.
        """
        place, (begun, ended) = self.recording.sites[number], window
        turn = len(self._between(number, begun, time))
        seen: dict[str, tuple[bool, int]] = {}
        known: dict[str, Any] = {}
        for other in self.by_file[place.file]:
            site = self.recording.sites[other]
            if not (
                (reaches(site, place) or self._entry_of_argument(site, place))
                and (site.kind in ATOMS or _alike(site, place))
            ):
                continue
            if _alike(site, place) and site.kind != "store":
                when = self._together(other, time)
            elif not fixed(site.text):
                known |= self._entries(site, other, begun, time, ended)
                continue
            else:
                when = self._latest(site, other, place, turn, begun, time)
            if when is not None:
                # A local name hides a global one, however old it is.
                rank = site.function == place.function or not site.text.isidentifier(), when
                seen[site.text] = max(rank, seen.get(site.text, rank))
        for text, when in self._written_out(source, place, time):
            seen[text] = max((True, when), seen.get(text, (True, when)))
        known |= {text: self._value(when) for text, (_, when) in seen.items()}
        atoms = [text for text in sorted(seen, key=lambda text: seen[text], reverse=True) if fixed(text)]
        return Frame(known, tuple(atoms))

    def _entry_of_argument(self, site: Site, place: Site) -> bool:
        """Return whether a site is an entry, seen elsewhere, of what has the same name here."""
        base = site.text.partition("[")[0]
        return base != site.text and base in self.names[place.function] and fixed(site.text)

    def _between(self, number: int, begun: int, time: int) -> list[int]:
        times = self.recording.of_site[number]
        return [int(t) for t in times[np.searchsorted(times, begun) : np.searchsorted(times, time)]]

    def _together(self, number: int, time: int) -> int | None:
        """Return when a part of a statement was evaluated: it may come after the part that is looked at."""
        times = self.recording.of_site[number]
        position = int(np.searchsorted(times, time + 1))
        before = int(times[position - 1]) if position else None
        after = int(times[position]) if position < len(times) else None
        if after is not None and (before is None or after - time < min(TOGETHER, time - before)):
            return after
        return before

    def _latest(self, site: Site, number: int, place: Site, turn: int, begun: int, time: int) -> int | None:
        """Return when something was last seen by this object: on the way back, the last layer comes first."""
        if turn and site.text.startswith("self.") and site.function != place.function:
            own = self._between(number, begun, time)
            if len(own) > turn:
                return own[-1 - turn]
        return self.values.latest(number, time)

    def _entries(self, site: Site, number: int, begun: int, time: int, ended: int) -> dict[str, Any]:
        """Return the entries of a list seen under an index that varies: as last seen, else as seen next."""
        base, _, index = site.text.removesuffix("]").partition("[")
        found: dict[str, Any] = {}
        if site.kind not in ("Subscript", "store") or not index or "[" in index or not fixed(base):
            return found
        later = self._between(number, time, ended)[:LATER] if site.kind == "Subscript" else []
        for when in (*reversed(later), *self._between(number, begun, time)[-LATER:]):
            value = self._index(index, site, when)
            if value is not None:
                found[f"{base}[{value}]"] = self._value(when)
        return found

    def _index(self, index: str, site: Site, when: int) -> int | None:
        """Return the value that an index such as `l` or `l + 1` had."""
        found = None
        for number in self.by_file[site.file]:
            other = self.recording.sites[number]
            if other.text == index and other.function == site.function:
                at = self.values.latest(number, when)
                found = at if at is not None and (found is None or at > found) else found
        value = None if found is None else self._value(found)
        return value if isinstance(value, int) and value >= 0 else None

    def _written_out(self, source: Source, place: Site, time: int) -> Iterator[tuple[str, int]]:
        """Yield the entries of dicts written out, {"A1": A1}, by their names at a place, and when seen."""
        here = [s.text for s in self.recording.sites if s.function == place.function and "['" in s.text]
        used = {text.partition("['")[0]: text.partition("['")[2].partition("'")[0] for text in here}
        for keys in source.dicts:
            for base, key in used.items():
                if key not in keys or not fixed(base):
                    continue
                for name, value in keys.items():
                    when = self._on_line(ast.unparse(value), value.lineno, place.file, time)
                    if when is not None:
                        yield f"{base}['{name}']", when

    def _on_line(self, text: str, line: int, file: str, time: int) -> int | None:
        found = [
            self.values.latest(number, time)
            for number in self.by_file[file]
            if self.recording.sites[number].text == text
            and self.recording.sites[number].line <= line <= self.recording.sites[number].last_line
        ]
        return max((when for when in found if when is not None), default=None)

    def _value(self, time: int) -> Any:
        content = int(self.recording.event_contents[time])
        if content == SCALAR:
            number = float(self.recording.event_numbers[time])
            return int(number) if number.is_integer() and abs(number) < 1e9 else number
        return self.recording.contents[content]


def _alike(site: Site, place: Site) -> bool:
    """Return whether two sites belong to one statement."""
    return (site.function, site.line) == (place.function, place.line)


def reaches(site: Site, place: Site) -> bool:
    """Return whether what stands at a site is in scope at a place, unless a name there hides it."""
    if site.function == place.function:
        return True
    if site.text.startswith("self."):
        return site.function.rpartition(".")[0] == place.function.rpartition(".")[0]
    return site.function == "<module>"


@cache
def fixed(text: str) -> bool:
    """Return whether a text is a name, or an attribute or entry whose index is written out."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(attr="T" | "shape" | "size"):
                return False
            case ast.Attribute(value=value):
                node = value
            case ast.Subscript(value=value, slice=ast.Constant() | ast.UnaryOp(operand=ast.Constant())):
                node = value
            case _:
                return False
    return True
