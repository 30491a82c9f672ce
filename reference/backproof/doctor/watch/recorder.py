"""What the values that pass by turn into: events and contents, within limits."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from struct import Struct
from typing import Any

import numpy as np

from backproof.doctor.recording import SCALAR, Site, pack
from backproof.doctor.watch.instrument import Instrumented
from backproof.doctor.watch.values import HUGE, KEPT, NUMBERS, SMALL, fingerprint, is_data, kept, rectangle
from backproof.fields import Array

EVENT = Struct("iid")
COLUMNS = np.dtype([("site", "i4"), ("content", "i4"), ("number", "f8")])

LARGEST = 10**300
"""The largest integer that counts as a number: beyond, it would be no float."""

SHORT = 256
"""Numbers in a list up to which it is recorded as a whole whenever one of its entries is."""

LONG = 4096
"""Numbers in a list that take as long to look through as an event may."""


@dataclass(frozen=True)
class Limits:
    """How much is recorded.

    `content_bytes` of contents (each number counts 8), of which one site adds no more than `site_bytes`, and
    `huge_bytes` of arrays above 32 MiB, which make way for newer ones, and of which no transpose is kept.
    `events`; `scalars` and `arrays` of one site. When the events are used up, a site still gets its first
    `young`, so that what comes late is seen too. Enough was seen when every update (w = w − …) has been made
    `updates` times and no part of the code has run for the first time for `calm` seconds, or for `patience`
    seconds if some updates are rare.
    """

    content_bytes: int = 200_000_000
    site_bytes: int = 25_000_000
    huge_bytes: int = 400_000_000
    events: int = 3_000_000
    scalars: int = 300_000
    arrays: int = 3_000
    young: int = 2_000
    updates: int = 60
    calm: float = 3.0
    patience: float = 10.0


class Recorder:
    """Keeps what passes through the identity function, from whichever thread."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.sites: list[Site] = []
        self.updates: set[int] = set()
        self.indexed: dict[int, int] = {}
        self.resting: dict[int, int] = {}
        """How many more evaluations of a site to pass over."""
        self.counts: list[int] = []
        self.events = bytearray()  # each packed as EVENT and added at once, so that threads do not mix
        self.contents: list[Array | None] = []
        self.known: dict[Any, int] = {}
        self.huge: dict[int, float] = {}
        """When each huge content was last seen."""
        self.bytes, self.huge_bytes = 0, 0
        self.bytes_of: list[int] = []
        self.crowded = False
        """Some content had no room."""
        self.last_new = time.monotonic()
        self.lock = threading.Lock()
        self.scalars, self.arrays = limits.scalars, limits.arrays
        self.handlers: dict[Any, Callable[[int, Any], None] | None] = dict.fromkeys(NUMBERS, self._number)
        self.handlers |= {int: self._integer, list: self._list, tuple: self._list, np.ndarray: self._array}

    def identity(self) -> Callable[[int, Any], Any]:
        """Return the function that instrumented code passes each site's value through."""
        handlers, learn = self.handlers, self._learn

        def seen(site: int, value: Any) -> Any:
            handler = handlers.get(type(value), learn)
            if handler is not None:
                try:  # noqa: SIM105  suppress() would take as long as the rest
                    handler(site, value)
                except Exception:  # whatever it is, it is not the script's affair
                    pass
            return value

        return seen

    def add(self, made: Instrumented) -> None:
        """Take in the sites of one more file."""
        self.counts += [0] * len(made.sites)
        self.bytes_of += [0] * len(made.sites)
        self.sites += made.sites
        self.updates |= made.updates
        self.indexed |= made.indexed

    def tend(self) -> bool:
        """Hold the limits, and tell whether enough was seen."""
        full = self.crowded
        if len(self.events) >= EVENT.size * self.limits.events:
            full, self.scalars, self.arrays = True, self.limits.young, self.limits.young
        made = [self.counts[site] for site in tuple(self.updates)]
        quiet = time.monotonic() - self.last_new
        if full or (made and min(made) >= self.limits.updates):
            return quiet > self.limits.calm
        return max(made, default=0) >= self.limits.updates and quiet > self.limits.patience

    def save(self, path: Path) -> None:
        """Write the recording, as far as it has come."""
        events = np.frombuffer(bytes(self.events), COLUMNS)
        contents = list(self.contents)  # only now: each event's content is there
        there = np.array([content is not None for content in contents] + [True])  # the last is that of SCALAR
        number_of = np.append(np.cumsum(there[:-1]) - 1, SCALAR)
        events = events[there[events["content"]]]
        temporary = path.with_suffix(".part")
        pack(
            temporary,
            self.sites,
            [content for content in contents if content is not None],
            events["site"],
            number_of[events["content"]],
            events["number"],
        )
        temporary.replace(path)

    def _learn(self, site: int, value: Any) -> None:
        """Decide on a type seen for the first time."""
        self.handlers[type(value)] = handler = self._array if isinstance(value, np.ndarray) else None
        if handler is not None:
            handler(site, value)

    def _event(self, site: int, content: int, number: float) -> None:
        if not self.counts[site]:
            self.last_new = time.monotonic()
        self.counts[site] += 1
        self.events.extend(EVENT.pack(site, content, number))

    def _number(self, site: int, value: Any) -> None:
        if self.counts[site] < self.scalars:
            self._event(site, SCALAR, value)

    def _integer(self, site: int, value: int) -> None:
        if -LARGEST < value < LARGEST:
            if not self.counts[site]:
                self.updates.discard(site)  # it counts something
            self._number(site, value)

    def _array(self, site: int, value: Array) -> None:
        if self.counts[site] >= self.arrays or not is_data(value):
            return
        if value.ndim:
            self._content(site, np.asarray(value))
        elif value.dtype.kind != "b":
            self._number(site, value.item())

    def _list(self, site: int, value: list[Any] | tuple[Any, ...]) -> None:
        if self.counts[site] >= self.arrays or not value:
            return
        if self.resting.get(site):
            self.resting[site] -= 1
            return
        numbers = rectangle(value)
        if numbers is not None:
            self._content(site, numbers)
            self.counts[site] += numbers.size // LONG  # so that long lists do not take all the time
            if numbers.size > SHORT and site in self.indexed:
                self._rest(site, prod(numbers.shape[: self.indexed[site]]))

    def _rest(self, site: int, entries: int) -> None:
        """Pass over a list that is gone through entry by entry until that starts anew, or is done with."""
        assigned = self.sites[site].kind == "store" and site not in self.resting
        self.resting[site] = max(0, entries - 1 - assigned)

    def _content(self, site: int, value: Array) -> None:
        key = fingerprint(value)
        content = self.known.get(key)
        if content is None:
            with self.lock:
                content = self._add(site, value, key)
            if content is None:
                self.counts[site] = self.arrays  # never look again
                return
        if content in self.huge:
            self.huge[content] = time.monotonic()
        self._event(site, content, np.nan)

    def _add(self, site: int, value: Array, key: Any) -> int | None:
        """Return the number of a content that may be new, None if there is no room for it."""
        if value.nbytes <= SMALL and value.dtype in KEPT:
            copy, plain = np.frombuffer(key[0], value.dtype).reshape(value.shape), key
        else:
            copy = kept(np.array(value, order="C"))
            plain = fingerprint(copy)
            if plain in self.known:  # it was seen with another dtype, or in another order
                self.known[key] = self.known[plain]
                return self.known[key]
        size = 8 * copy.size
        content = len(self.contents)
        if size > HUGE:
            if fingerprint(copy.T) in self.known or not self._room(size):
                return None
            self.huge[content] = time.monotonic()
            self.huge_bytes += size
        else:
            self.crowded = self.crowded or self.bytes + size > self.limits.content_bytes
            if self.crowded or self.bytes_of[site] + size > max(self.limits.site_bytes, size):
                return None
            self.bytes_of[site] += size
            self.bytes += size
        self.contents.append(copy)
        self.known[plain] = self.known[key] = content
        return content

    def _room(self, size: int) -> bool:
        """Make room for a huge array, in place of those not seen since the code last did something new.

        What led to a script's data makes way for the data, which are seen in every step.
        """
        for content in sorted(self.huge, key=self.huge.__getitem__):
            if self.huge_bytes + size <= self.limits.huge_bytes or self.huge[content] >= self.last_new:
                break
            gone = self.contents[content]
            assert gone is not None
            del self.huge[content]
            self.contents[content] = None
            self.huge_bytes -= 8 * gone.size
            self.known = {key: number for key, number in self.known.items() if number != content}
        return self.huge_bytes + size <= self.limits.huge_bytes
