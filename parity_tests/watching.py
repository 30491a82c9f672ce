"""Recording a few lines of code within the test's own process."""

import builtins
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from backproof.doctor.recording import SCALAR, Recording, load
from backproof.doctor.watch.instrument import SEEN, instrument
from backproof.doctor.watch.recorder import Limits, Recorder


def recorder_of(
    source: str, limits: Limits | None = None, path: Path = Path("net.py")
) -> tuple[Recorder, Callable[[], None]]:
    """Return a recorder, and what runs `source` with it in this process."""
    recorder = Recorder(limits or Limits())
    made = instrument(textwrap.dedent(source).encode(), str(path), path.name)
    recorder.add(made)

    def run() -> None:
        setattr(builtins, SEEN, recorder.identity())
        try:
            exec(made.code, {"__name__": "__main__", "np": np, "__file__": str(path)})
        finally:
            delattr(builtins, SEEN)

    return recorder, run


def record(source: str, tmp_path: Path, limits: Limits | None = None) -> Recording:
    recorder, run = recorder_of(source, limits)
    run()
    recorder.save(tmp_path / "recording.npz")
    return load(tmp_path / "recording.npz")


def values(recording: Recording, text: str, line: int | None = None) -> list[Any]:
    """Return what an expression yielded, in the order of time."""
    found = [k for k, s in enumerate(recording.sites) if s.text == text and line in (None, s.line)]
    return [
        e.number if e.content == SCALAR else recording.contents[e.content]
        for e in recording.events()
        if e.site in found
    ]
