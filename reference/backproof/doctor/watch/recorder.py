"""What the values that pass by turn into: events and contents, within limits."""

import builtins
import hashlib
import os
import threading
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from backproof.doctor.recording import SCALAR, Site, pack
from backproof.doctor.watch.instrument import SEEN
from backproof.fields import Array

SMALL = 1 << 15
"""Bytes up to which an array is known by its bytes themselves; above it by their hash, to copy nothing twice."""

HUGE = 1 << 25
"""Bytes above which an array is known by a sample of it: hashing it at every evaluation would take too long."""

PYTHON_NUMBERS = (float, int)
LISTABLE = {float, int, bool, *(np.dtype(code).type for code in "efdbhilqBHILQ?")}
KEPT = {"float64": "d", "float32": "f", "float16": "e", "int64": "q", "bool": "?"}
LARGEST = 1e300


@dataclass(frozen=True)
class Limits:
    """How much is recorded: bytes of contents (as float64), events, events of one site, bytes that one site adds.

    When the events are used up, a site still gets its first `young` events, so that what comes late is seen too.
    Enough was seen when an update has been made `updates` times and nothing new has happened for `calm` seconds.
    """

    content_bytes: int = 300_000_000
    site_bytes: int = 100_000_000
    events: int = 3_000_000
    scalars: int = 300_000
    arrays: int = 3_000
    young: int = 2_000
    updates: int = 60
    calm: float = 3.0


class Recorder:
    """Keeps what passes through `seen`; each thread may call it."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.sites: list[Site] = []
        self.updates: set[int] = set()
        self.counts: list[int] = []
        self.added = array("q")
        self.events = array(
            "d"
        )  # site, content, number; site, content, number; …: one list, so that threads do not mix
        self.contents: list[Array] = []
        self.known: dict[Any, int] = {}
        self.content_bytes = 0
        self.crowded = False
        """Some content had no room."""
        self.last_new = time.monotonic()
        self.lock = threading.Lock()
        self.scalars, self.arrays = limits.scalars, limits.arrays
        self.handlers: dict[Any, Callable[[int, Any], None] | None] = {list: self._list, tuple: self._list}
        self.handlers[np.ndarray] = self._array
        for kind in (*PYTHON_NUMBERS, *(np.dtype(code).type for code in "efdbhilqBHILQ")):
            self.handlers[kind] = self._number

    def start(self) -> None:
        """Put the identity function where instrumented code finds it; in a child process it does nothing."""
        setattr(builtins, SEEN, self._seen())
        os.register_at_fork(after_in_child=self.stop)

    def stop(self) -> None:
        """Let values pass from now on."""
        setattr(builtins, SEEN, lambda site, value: value)

    def add(self, sites: list[Site], updates: set[int]) -> None:
        """Take in the sites of one more file."""
        self.counts += [0] * len(sites)
        self.added.extend([0] * len(sites))
        self.sites += sites
        self.updates |= updates

    def tend(self) -> bool:
        """Hold the limits, and tell whether enough was seen."""
        full = self.crowded
        if len(self.events) >= 3 * self.limits.events:
            full, self.scalars, self.arrays = True, self.limits.young, self.limits.young
        return self._enough(full) and time.monotonic() - self.last_new > self.limits.calm

    def _enough(self, full: bool) -> bool:
        return full or any(self.counts[site] >= self.limits.updates for site in self.updates)

    def save(self, path: Path) -> None:
        """Write the recording, as far as it has come."""
        events = np.frombuffer(self.events.tobytes()).reshape(-1, 3)  # a copy: other threads may still append
        number = np.where(events[:, 1] == SCALAR, events[:, 2], np.nan)
        contents = self.contents[: int(events[:, 1].max(initial=SCALAR)) + 1]
        temporary = path.with_suffix(".part")
        pack(temporary, self.sites, contents, events[:, 0], events[:, 1], number)
        temporary.replace(path)

    def _seen(self) -> Callable[[int, Any], Any]:
        """Return the identity function. It runs at every expression: locals only, and nothing that can fail."""
        handlers, learn = self.handlers, self._learn

        def seen(site: int, value: Any) -> Any:
            handler = handlers.get(type(value), learn)
            if handler is not None:
                try:
                    handler(site, value)
                except Exception:  # whatever it is, it is not the script's affair
                    handlers[type(value)] = None
            return value

        return seen

    def _learn(self, site: int, value: Any) -> None:
        kind = type(value)
        self.handlers[kind] = self._array if issubclass(kind, np.ndarray) else None
        if issubclass(kind, np.ndarray):
            self._array(site, value)

    def _count(self, site: int) -> None:
        if not self.counts[site]:
            self.last_new = time.monotonic()
        self.counts[site] += 1

    def _number(self, site: int, value: Any) -> None:
        if self.counts[site] < self.scalars and not (abs(value) > LARGEST and type(value) is int):
            self._count(site)
            self.events.extend((site, SCALAR, value))

    def _array(self, site: int, value: Array) -> None:
        if self.counts[site] >= self.arrays or value.ndim > 4 or value.dtype.kind not in "fiub" or not value.size:
            return
        if value.ndim == 0:
            if value.dtype.kind != "b":
                self._number(site, value.item())
            return
        value = np.asarray(value)
        if value.dtype.name not in KEPT and value.nbytes <= SMALL:
            value = _kept(value)
        if value.nbytes <= SMALL:
            fingerprint: bytes = value.tobytes()
        elif value.nbytes <= HUGE:
            fingerprint = hashlib.sha1(np.ascontiguousarray(value).data, usedforsecurity=False).digest()
        else:
            fingerprint = value[tuple(slice(None, None, max(1, n // 97)) for n in value.shape)].tobytes()
        self._content(site, (fingerprint, value.shape, value.dtype.char), value)

    def _list(self, site: int, value: list[Any] | tuple[Any, ...]) -> None:
        if self.counts[site] >= self.arrays or not value:
            return
        shape: tuple[int, ...] = ()
        flat: Any = value
        while type(flat[0]) in (list, tuple):
            width = len(flat[0])
            if (
                not width
                or len(shape) == 2
                or any(type(row) not in (list, tuple) or len(row) != width for row in flat)
            ):
                return
            shape = (*shape, len(flat) if not shape else len(flat) // shape[-1])
            flat = list(chain.from_iterable(flat))
        if type(flat[0]) not in LISTABLE or not LISTABLE.issuperset(map(type, flat)):
            return
        numbers = _kept(np.array(flat))
        numbers = numbers.reshape(_shape(value))
        self._content(site, (numbers.tobytes(), numbers.shape, numbers.dtype.char), numbers)
        self.counts[site] += (
            len(flat) // 4096
        )  # a list is turned into an array at each evaluation, which takes time

    def _content(self, site: int, key: Any, value: Array) -> None:
        content = self.known.get(key)
        if content is None:
            with self.lock:
                size = 8 * value.size
                if self.content_bytes + size > self.limits.content_bytes:
                    self.crowded = True
                    return
                if self.added[site] + size > self.limits.site_bytes and self.added[site]:
                    return
                self.added[site] += size
                self.content_bytes += size
                self.contents.append(_kept(np.array(value, order="C")))
                content = self.known[key] = len(self.contents) - 1
        self._count(site)
        self.events.extend((site, content, 0.0))


def _shape(value: Any) -> tuple[int, ...]:
    shape = []
    while type(value) in (list, tuple):
        shape.append(len(value))
        value = value[0]
    return tuple(shape)


def _kept(value: Array) -> Array:
    """Return numbers in one of the dtypes that a recording knows."""
    if value.dtype.name in KEPT:
        return value
    return value.astype(np.float64 if value.dtype.kind == "f" else np.int64)
