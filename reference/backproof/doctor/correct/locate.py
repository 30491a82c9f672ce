"""Where a mistake is made: the first place in the code that yields a tensor as the mistaken network has it."""

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal

import numpy as np

from backproof.doctor.correct.aliases import entries_assigned, shared
from backproof.doctor.correct.repair import Repair, cases, nodes
from backproof.doctor.correct.runs import Difference, differences, traces
from backproof.doctor.correct.scope import Scope
from backproof.doctor.correct.sightings import Sighting, Sightings, in_order
from backproof.doctor.correct.source import Sources
from backproof.doctor.diagnosis import Correction, Explanation, Made
from backproof.doctor.reading import Reading
from backproof.fields import Array

STEPS = 2
"""How many steps a correction must be right for."""

PLACES = 8
"""How many places of one tensor are looked at."""

TENSORS = 3
"""How many of the tensors that a mistake changes are looked at."""

WRONG_ARGUMENT = {
    "derivative taken of a instead of z",
    "short form of the derivative fed the pre-activation",
    "derivative taken of the incoming gradient",
}
"""Mistakes in what a function is called with: its definition is right."""

STALE = "error passed through already updated weights"

SECONDS = 4.0
"""How long a correction of one mistake is looked for."""


class Finder:
    """The search for the lines of one explanation's mistakes."""

    def __init__(self, reading: Reading, explanation: Explanation, sightings: Sightings, sources: Sources) -> None:
        self.reading, self.sightings, self.sources = reading, sightings, sources
        self.scope = Scope(sightings.values)
        steps = reading.steps[: min(STEPS, len(sightings.windows))]
        several = len(steps[0].x) > 1
        self.changes: dict[Made, list[Change]] = {}
        for made in explanation.mistakes:
            others = [one for one in explanation.mistakes if one is not made]
            found = self.changes[made] = []
            # Code that goes through the observations one by one has the tensors of one observation.
            for rows in (slice(None), slice(0, 1)) if several else (slice(None),):
                wrong = traces(reading.spec, steps, explanation.mistakes, rows)
                right = traces(reading.spec, steps, others, rows)
                changed = [one for one in differences(wrong, right) if not self._unmoved(one)]
                found += [Change(one, _origin(one, right[0]), k) for k, one in enumerate(changed)]

    def corrections(self, made: Made) -> Iterator[Correction]:
        """Yield the lines of a mistake, corrected where that is possible.

        That is one line, unless several tensors go wrong each for itself: the gradients of one layer's weight and
        bias, or all gradients, where the mistake is made as late as there, or all updates.
        """
        end = monotonic() + SECONDS
        changes = self.changes[made]
        names = list(dict.fromkeys(one.difference.name for one in changes))
        gradients = [name for name in names if name.startswith("d ")]
        first = names[0] if names else ""
        if first.startswith("d "):
            layer = first.partition(".")[0]
            yield from self._each(made, [[n, n[2:]] for n in gradients if n.startswith(layer)], end)
        elif first in self.reading.spec.parameters:
            yield from self._each(made, [[name] for name in names], end)
        else:
            found, name = self._of(made, names[:TENSORS], end)
            if name.startswith("d "):
                yield from self._each(made, [[n] for n in gradients], end)
            elif found is not None:
                yield found

    def _each(self, made: Made, groups: Sequence[Sequence[str]], end: float) -> list[Correction]:
        """Return the lines of several tensors; corrected only if all are, since one of them alone is no help."""
        found: list[Correction | None] = []
        kinds: dict[int, str] = {}
        for names in groups:
            # Where weights are updated entry by entry, the bias's gradient is seen there, too, as a factor.
            kind = names[0].rpartition(".")[2]
            taken = {line for line, other in kinds.items() if other != kind}
            one = self._of(made, names, end, taken)[0]
            if one is None or one.corrected is None:
                one = self._of(made, names, end)[0] or one
            found.append(one)
            if one is not None:
                kinds.setdefault(one.line, kind)
        lines = [one for one in found if one is not None]
        if len(lines) == len(found) and all(one.corrected for one in lines):
            return lines
        return [replace(one, corrected=None) for one in lines]

    def _of(
        self, made: Made, names: Sequence[str], end: float, taken: Collection[int] = ()
    ) -> tuple[Correction | None, str]:
        """Return the line where one of some tensors goes wrong, none of those taken, and which one."""
        changes = [one for one in self.changes[made] if one.difference.name in names]
        found = self._among(made, changes, end, taken)
        if found[0] is None or found[0].corrected is None:
            pairs = [(one, one.difference.entries()) for one in changes]
            single = [replace(one, difference=first, also=tuple(rest)) for one, (first, *rest) in pairs]
            entry = self._among(made, single, end, taken)
            if found[0] is None or (entry[0] is not None and entry[0].corrected is not None):
                return entry
        return found

    def _among(
        self, made: Made, changes: "Sequence[Change]", end: float, taken: Collection[int]
    ) -> tuple[Correction | None, str]:
        located: tuple[Correction | None, str] = None, ""
        surely = False
        for change in changes:
            for sighting in (one for one in self._places(change) if self.sightings.site(one).line not in taken):
                found = self._at(made, change, sighting, end)
                if found is not None and found.corrected is not None:
                    return found, change.difference.name
                if found is not None and not surely:
                    surely = change.origin != "elsewhere"
                    if surely or located[0] is None:
                        located = found, change.difference.name
                if monotonic() > end:
                    break
        return located

    def _unmoved(self, difference: Difference) -> bool:
        """Return whether a parameter keeps its value: nothing was calculated that could be seen."""
        before = self.reading.steps[0].before.get(difference.name)
        return before is not None and bool(np.array_equal(before, difference.wrong[0]))

    def _places(self, change: "Change") -> Sequence[Sighting]:
        """Return where a wrong tensor was seen, the likeliest place first."""
        difference = change.difference
        updated = difference.name in self.reading.spec.parameters
        factors = [1.0] if updated else self.sightings.usual if difference.factor is not None else None
        found = [one for one in self.sightings.of(difference.wrong[0], 0, factors) if self._kept(one)]
        if updated or change.origin != "here":
            found = [one for one in found if self.sightings.site(one).kind not in ("Name", "Attribute")]
        if updated:
            found = [one for one in found if not self._read(one)]
        places = in_order(found, last=change.origin == "passed on")
        if change.origin == "elsewhere":
            stores = [one for one in places if self.sightings.site(one).kind == "store"]
            places = [*stores[1:], *stores[:1], *(one for one in places if one not in stores)]
        places.sort(key=lambda one: self._unlikely(one, change))
        return places[:PLACES]

    def _read(self, sighting: Sighting) -> bool:
        """Return whether a value is only read there, or handed on under another name."""
        site = self.sightings.site(sighting)
        source = self.sources.of(site.file)
        value = getattr(source.statements.get(site.line), "value", None) if source else None
        plain = isinstance(value, ast.Name | ast.Attribute | ast.Subscript)
        return site.kind == "Subscript" or (
            plain and not isinstance(source and source.statements[site.line], ast.AugAssign)
        )

    def _unlikely(self, sighting: Sighting, change: "Change") -> tuple[bool, bool, bool]:
        """Return what speaks against a place: a name in use, no statement of its own, another factor than ±1."""
        site = self.sightings.site(sighting)
        source = self.sources.of(site.file)
        statement = source.statements.get(site.line) if source else None
        whole = isinstance(statement, ast.Assign | ast.Return) and (site.kind == "store" or site.parent is None)
        scaled = not np.isclose(abs(sighting.factor), 1.0)
        return site.kind == "Name", change.origin != "here" and not whole, scaled

    def _kept(self, sighting: Sighting) -> bool:
        """Return whether an array is kept, not boiled down to a number at once, as for the loss."""
        recording, number = self.sightings.recording, sighting.site
        size = self.sightings.values.array(sighting.time).size
        while (parent := recording.sites[number].parent) is not None:
            number = parent
        times = recording.of_site.get(number)
        if size == 1 or times is None or number == sighting.site:
            return True
        later = times[np.searchsorted(times, sighting.time) :]
        return len(later) == 0 or self.sightings.values.array(int(later[0])).size > 1

    def _at(self, made: Made, change: "Change", sighting: Sighting, end: float) -> Correction | None:
        site = self.sightings.site(sighting)
        source = self.sources.of(site.file)
        if source is None:
            return None
        difference = change.difference
        tried = cases(self.sightings, self.scope, source, difference, sighting)
        for other, changes in self.changes.items():
            if other.mistake is made.mistake and other is not made:
                # Where layers share a line, it is to be right for all of them.
                for same in (one for one in changes if one.position == change.position):
                    tried += cases(self.sightings, self.scope, source, same.difference, sighting)
        for entry in change.also:
            tried += cases(self.sightings, self.scope, source, entry, sighting)
        scaled = difference.factor is not None
        for node in nodes(source, self.sightings, sighting):
            if (
                made.mistake.name == STALE
                and (line := shared(source, self.sightings, site, node, sighting.time)) is not None
            ):
                return line
            repair = Repair(source, self.reading, site.file, node, tried, scaled, self._everywhere(made), end)
            found = repair.correction()
            if found is not None:
                return found
        for node, number in entries_assigned(source, self.sightings, site):
            tried = cases(self.sightings, self.scope, source, difference, sighting, unassigned=True)
            found = Repair(source, self.reading, site.file, node, tried, scaled, False, end).correction()
            return found or Correction(site.file, number, source.lines[number - 1].strip(), None)
        return Correction(site.file, site.line, source.lines[site.line - 1].strip(), None)

    def _everywhere(self, made: Made) -> bool:
        """Return whether a mistake is made in every layer of its kind: then it may be in what these share."""
        if made.mistake.name in WRONG_ARGUMENT:
            return False
        layers = self.reading.spec.layers
        sites = {one.site for one in self.changes if one.mistake is made.mistake}
        return made.site is None or all(
            k in sites for k, layer in enumerate(layers) if type(layer) is type(layers[made.site])
        )


Origin = Literal["here", "passed on", "elsewhere"]


@dataclass(frozen=True)
class Change:
    """What a mistake changes; `position` is 0 for the first thing, and counts what follows from it.

    `origin` says where the wrong tensor comes from: it is calculated in place of the right one; or it is the one
    before, passed on as it is; or the right network calculates the same, too, for something else.
    """

    difference: Difference
    origin: Origin
    position: int
    also: tuple[Difference, ...] = ()
    """Other entries of the tensor, for which the same line is to be right."""


def _origin(difference: Difference, right: Mapping[str, Array]) -> Origin:
    names = list(right)
    gradients = [name for name in names[: names.index(difference.name)] if name.startswith("∂")]
    wrong = difference.wrong[0]
    if gradients and np.array_equal(wrong, right[gradients[-1]]):
        return "passed on"
    return "elsewhere" if any(np.array_equal(wrong, other) for other in right.values()) else "here"
