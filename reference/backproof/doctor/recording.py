"""What was seen while somebody's script ran: the value of every expression, in the order of evaluation."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from backproof.fields import Array

SCALAR = -1
"""In place of a content: the value is a single number."""

DTYPES = ("float64", "float32", "float16", "int64", "bool")
"""How an array's numbers were kept in the script; every integer counts as int64."""


@dataclass(frozen=True)
class Site:
    """One expression of the code, or one name, attribute or entry that a statement assigns (`kind` "store").

    `kind` is the name of its class in the module `ast` (Name, Attribute, Subscript, BinOp, Call, …). `parent` is
    the number of the site of the nearest recorded expression around it, None at the top of its statement. `line`
    to `last_line` is the statement's place in the file.
    """

    file: str
    function: str
    line: int
    last_line: int
    kind: str
    text: str
    parent: int | None = None


@dataclass(frozen=True)
class Event:
    """One evaluation: which site, and what it yielded: the number of a content, or a single number."""

    time: int
    site: int
    content: int
    number: float


@dataclass(frozen=True)
class Recording:
    """Sites, events in the order of time, and the contents: each distinct array once.

    `sites[k]`, `contents[k]` are the site and array number k. The event at time t is `event(t)`; the arrays
    `event_sites` (int32), `event_contents` (int32, SCALAR for a single number) and `event_numbers` (float64, NaN
    where it is an array) hold the same by column. Rectangular lists and tuples of numbers count as arrays.
    """

    sites: tuple[Site, ...]
    contents: tuple[Array, ...]
    event_sites: Array
    event_contents: Array
    event_numbers: Array

    def __len__(self) -> int:
        return len(self.event_sites)

    def event(self, time: int) -> Event:
        """Return one event."""
        return Event(
            time, int(self.event_sites[time]), int(self.event_contents[time]), float(self.event_numbers[time])
        )

    def events(self, start: int = 0, stop: int | None = None) -> Iterator[Event]:
        """Yield the events from time `start` until before `stop`."""
        return map(self.event, range(start, len(self) if stop is None else stop))

    @cached_property
    def of_content(self) -> dict[int, Array]:
        """The times at which each content was seen, by content."""
        order = np.argsort(self.event_contents, kind="stable")
        found, starts = np.unique(self.event_contents[order], return_index=True)
        times = np.split(order, starts[1:])
        return {int(content): own for content, own in zip(found, times, strict=True) if content != SCALAR}

    @cached_property
    def of_site(self) -> dict[int, Array]:
        """The times at which each site was evaluated, by site."""
        order = np.argsort(self.event_sites, kind="stable")
        found, starts = np.unique(self.event_sites[order], return_index=True)
        return {int(s): own for s, own in zip(found, np.split(order, starts[1:]), strict=True)}

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """The sites directly within each site, in the order of the text."""
        found: dict[int, list[int]] = {}
        for number, site in enumerate(self.sites):
            if site.parent is not None:
                found.setdefault(site.parent, []).append(number)
        return found


def save(path: Path, recording: Recording) -> None:
    """Write a recording: one .npz, the contents end to end in one array."""
    pack(
        path,
        recording.sites,
        recording.contents,
        recording.event_sites,
        recording.event_contents,
        recording.event_numbers,
    )


def pack(
    path: Path,
    sites: Sequence[Site],
    contents: Sequence[Array],
    event_sites: Any,
    event_contents: Any,
    event_numbers: Any,
) -> None:
    """Write the parts of a recording."""
    flat = [np.asarray(content, np.float64).ravel() for content in contents]
    with open(path, "wb") as file:
        np.savez(
            file,
            sites=np.frombuffer(json.dumps([asdict(site) for site in sites]).encode(), np.uint8),
            numbers=np.concatenate([*flat, np.zeros(0)]),
            shapes=np.frombuffer(json.dumps([content.shape for content in contents]).encode(), np.uint8),
            dtypes=np.array([DTYPES.index(str(content.dtype)) for content in contents], np.uint8),
            event_sites=np.asarray(event_sites, np.int32),
            event_contents=np.asarray(event_contents, np.int32),
            event_numbers=np.asarray(event_numbers, np.float64),
        )


def load(path: Path) -> Recording:
    """Read what `save` or `pack` wrote."""
    with np.load(path, allow_pickle=False) as file:
        shapes = [tuple(shape) for shape in json.loads(bytes(file["shapes"]))]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        pieces = np.split(file["numbers"], ends[:-1]) if shapes else []
        contents = [
            piece.reshape(shape).astype(DTYPES[code])
            for piece, shape, code in zip(pieces, shapes, file["dtypes"], strict=True)
        ]
        return Recording(
            tuple(Site(**site) for site in json.loads(bytes(file["sites"]))),
            tuple(contents),
            file["event_sites"],
            file["event_contents"],
            file["event_numbers"],
        )
