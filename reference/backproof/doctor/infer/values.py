"""Finding an array among all that were seen: whatever its name, its orientation or its shape."""

import ast
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from backproof.doctor.recording import SCALAR, Recording
from backproof.fields import Array

TOLERANCE = {np.dtype(np.float32): 2e-4, np.dtype(np.float16): 1e-2}
"""How far, relative to the largest entry, a value may be from what it is taken for: rounding, and no more."""

LOOKS = 400
"""How many sights of an array are gone through."""

FINE, COARSE = 1e-9, 2e-4


def rows(array: Array) -> Array:
    """Return an array as observations × features: what has one axis is one observation."""
    squeezed = array.reshape(array.shape[0], -1) if array.ndim > 2 else array
    return squeezed if squeezed.ndim == 2 else squeezed.reshape(1, -1)


def tolerance(*arrays: Array) -> float:
    """Return the relative tolerance for the coarsest of the arrays."""
    return max(TOLERANCE.get(array.dtype, FINE) for array in arrays)


def equal(a: Array, b: Array) -> bool:
    """Return whether two arrays of one shape are equal to rounding."""
    if a.size == 0:
        return False
    with np.errstate(all="ignore"):
        scale = np.abs(a).max()
        return bool(np.abs(np.subtract(a, b, dtype=np.float64)).max() <= tolerance(a, b) * scale)


def matches(content: Array, wanted: Array) -> str | None:
    """Return how a content holds `wanted` (N, F): "as is", "flipped" (F, N), or None.

    What has a single row or column has no orientation, and counts as it is.
    """
    if content.size != wanted.size:
        return None
    if min(wanted.shape) == 1:
        return (
            "as is"
            if max(content.shape, default=1) == content.size and equal(wanted.ravel(), content.ravel())
            else None
        )
    squeezed = content.squeeze() if content.ndim > 2 else content
    if squeezed.shape == wanted.shape and equal(wanted, squeezed):
        return "as is"
    if squeezed.shape == wanted.shape[::-1] and equal(wanted, squeezed.T):
        return "flipped"
    return None


class Values:
    """All contents and numbers of a recording, to be looked up by value."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.contents = recording.contents
        by_size: dict[int, list[int]] = {}
        for number, content in enumerate(self.contents):
            by_size.setdefault(content.size, []).append(number)
        self._by_size: dict[int, tuple[Array, Array]] = {}
        for size, numbers in by_size.items():
            with np.errstate(all="ignore"):
                norms = np.array([np.linalg.norm(self.contents[n].ravel().astype(np.float64)) for n in numbers])
            order = np.argsort(norms)
            self._by_size[size] = norms[order], np.array(numbers)[order]

    @cached_property
    def _numbers(self) -> tuple[Array, Array]:
        """The single numbers in increasing order, and when they were seen."""
        times = np.flatnonzero(self.recording.event_contents == SCALAR)
        order = np.argsort(self.recording.event_numbers[times], kind="stable")
        return self.recording.event_numbers[times][order], times[order]

    def find(self, wanted: Array) -> Iterator[tuple[int, bool]]:
        """Yield the contents that hold `wanted` (N, F), and whether flipped."""
        norms, numbers = self._by_size.get(wanted.size, (np.zeros(0), np.zeros(0, int)))
        with np.errstate(all="ignore"):
            norm = np.linalg.norm(wanted.ravel().astype(np.float64))
        if not np.isfinite(norm):
            return
        low, high = np.searchsorted(norms, [norm * (1 - COARSE) - 1e-300, norm * (1 + COARSE) + 1e-300])
        for number in numbers[low:high]:
            how = matches(self.contents[number], wanted)
            if how:
                yield int(number), how == "flipped"

    def number(self, wanted: float, start: int = 0, stop: int | None = None) -> list[int]:
        """Return the times from `start` until before `stop` at which a single number was seen, in order."""
        values, times = self._numbers
        margin = FINE * abs(wanted) + 1e-300
        low, high = np.searchsorted(values, [wanted - margin, wanted + margin])
        found = np.sort(times[low:high])
        within = np.searchsorted(found, [start, len(self.recording) if stop is None else stop])
        return [int(t) for t in found[within[0] : within[1]]]

    def first(self, content: int, start: int = 0, stop: int | None = None) -> int | None:
        """Return the first time from `start` until before `stop` at which a content was seen."""
        times = self.recording.of_content.get(content, np.zeros(0, int))
        position = int(np.searchsorted(times, start))
        if position < len(times) and (stop is None or times[position] < stop):
            return int(times[position])
        return None

    def seen(self, wanted: Array, start: int = 0, stop: int | None = None) -> tuple[int, int, bool] | None:
        """Return (time, content, flipped) of the first sight of `wanted` (N, F), or None.

        A single number counts where `wanted` has one entry: its content is SCALAR.
        """
        found = [
            (time, content, flipped)
            for content, flipped in self.find(wanted)
            if (time := self.first(content, start, stop)) is not None
        ]
        if wanted.size == 1:
            found += [(time, SCALAR, False) for time in self.number(float(wanted.ravel()[0]), start, stop)[:1]]
        return min(found, default=None)

    def latest(self, site: int, before: int) -> int | None:
        """Return the last time before `before` at which a site was evaluated."""
        times = self.recording.of_site.get(site)
        if times is None:
            return None
        position = int(np.searchsorted(times, before)) - 1
        return int(times[position]) if position >= 0 else None

    def array(self, time: int) -> Array:
        """Return what an event yielded, a single number as an array of one."""
        content = int(self.recording.event_contents[time])
        if content == SCALAR:
            return np.array([self.recording.event_numbers[time]])
        return self.contents[content]

    def operands(self, time: int) -> Sequence[int]:
        """Return when the operands of an event were evaluated, in the order of the text."""
        site = int(self.recording.event_sites[time])
        found = [self.latest(child, time) for child in self.recording.children.get(site, [])]
        return [t for t in found if t is not None]

    def users(self, time: int) -> int | None:
        """Return when the expression around an event was evaluated with it, or None."""
        parent = self.recording.sites[int(self.recording.event_sites[time])].parent
        if parent is None or parent not in self.recording.of_site:
            return None
        times = self.recording.of_site[parent]
        position = int(np.searchsorted(times, time))
        return int(times[position]) if position < len(times) else None

    def stepped_from(self, content: int) -> list[int]:
        """Return when something was added to an array, or taken from it, as an update does, in order."""
        found = []
        for time in self.recording.of_content[content][:LOOKS]:
            user = self.users(int(time))
            if user is None:
                continue
            site = self.recording.sites[int(self.recording.event_sites[user])]
            first = self.operands(user)[:1] == [int(time)]
            if site.kind == "BinOp" and first and self.array(user).shape == self.contents[content].shape:
                found += [user] if type(_operator(site.text)) in (ast.Add, ast.Sub) else []
        return found


def _operator(text: str) -> ast.operator | None:
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return node.op if isinstance(node, ast.BinOp) else None
