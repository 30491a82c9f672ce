"""Starts the process in which a script is watched, and sees to it that nothing of it stays behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from backproof.disk import read_bytes
from backproof.doctor.recording import Recording, load
from backproof.doctor.watch.recorder import Limits
from backproof.errors import BadInput

Ended = Literal["finished", "raised", "exited", "stopped: time limit", "stopped: enough seen", "died"]

GRACE = 5.0
"""Seconds after the time limit in which the script's process must begin to end."""

WRITING = 30.0
"""Seconds that writing the recording may take."""

NOTHING = Recording((), (), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0))

SOURCE_LIMIT = 10_000_000
HEADLESS = {
    "MPLBACKEND": "Agg",
    "QT_QPA_PLATFORM": "offscreen",
    "SDL_VIDEODRIVER": "dummy",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""What keeps windows shut, and the script's folder clean."""


@dataclass(frozen=True)
class Watched:
    """A script's run: what was recorded, and how it ended.

    `error` is the traceback as the user would see it, or what `sys.exit` was given. `exit_code` is None where the
    run was stopped, and −n where signal n ended it. Of the output the first and last 16 KiB are kept.
    """

    recording: Recording
    ended: Ended
    exit_code: int | None
    error: str
    output_head: str
    output_tail: str
    notes: tuple[str, ...] = ()


def watch(
    script: Path,
    arguments: Sequence[str] = (),
    time_limit: float = 20.0,
    *,
    folder: Path | None = None,
    answers: str = "",
    limits: Limits | None = None,
) -> Watched:
    """Run a script, as `python script.py` would, and record it.

    It runs in `folder`, else in the current directory; where it fails there for want of a file that lies beside
    the script, it runs once more beside it. `answers` is its standard input.

    Raises
    ------
    BadInput
        If the script cannot be read, or is not a Python program.
    """
    check(script)
    limits = limits or Limits()
    watched, missing = _run(script, arguments, time_limit, folder or Path.cwd(), answers, limits)
    beside = [name for name in missing if not os.path.isabs(name) and (script.parent / name).is_file()]
    if folder is None and beside and not script.parent.samefile("."):
        watched, _ = _run(script, arguments, time_limit, script.parent, answers, limits)
        return replace(watched, notes=(*watched.notes, f"{beside[0]} lies beside the script, so it was run there"))
    return watched


def check(script: Path) -> None:
    """Raise BadInput unless `script` is a Python program."""
    source = read_bytes(script, SOURCE_LIMIT, BadInput)
    if script.suffix == ".ipynb" or (source.lstrip().startswith(b"{") and b'"nbformat"' in source):
        raise BadInput(f"{script}: expected a Python script, found a notebook: save it as .py first")
    if not source.strip():
        raise BadInput(f"{script}: expected a Python script, found nothing but blanks")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, str(script), "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f" in line {error.lineno}" if error.lineno else ""
        raise BadInput(f"{script}: expected Python {sys.version_info[0]}, found{place}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise BadInput(f"{script}: expected Python, found: {error}") from None


def _run(
    script: Path, arguments: Sequence[str], time_limit: float, folder: Path, answers: str, limits: Limits
) -> tuple[Watched, list[str]]:
    """Return what was watched, and what may be the name of the file for want of which the script ended."""
    with tempfile.TemporaryDirectory(prefix="backproof-", ignore_cleanup_errors=True) as name:
        results = Path(name)
        (results / "answers").write_text(answers, encoding="utf-8")
        settings = {
            "script": str(script.resolve()),
            "given": str(script),
            "arguments": list(arguments),
            "results": str(results),
            "time_limit": time_limit,
            "limits": asdict(limits),
        }
        environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")} | HEADLESS
        with (results / "answers").open("rb") as stdin:
            process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("start.py")), json.dumps(settings)],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        assert process.stdout is not None
        output = _Output(process.stdout)
        ended = False
        try:
            ended = _wait(process, time_limit + GRACE)
            if not ended and (results / "closing").exists():
                ended = _wait(process, WRITING)
        finally:
            _kill_group(process)
            process.wait()
            output.finish()
        return _watched(results, process.returncode, output, overdue=not ended)


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Tell whether the process ends in this time."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.returncode is not None


def _kill_group(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()


def _watched(results: Path, code: int, output: "_Output", overdue: bool) -> tuple[Watched, list[str]]:
    ending: dict[str, Any] = {
        "ended": "stopped: time limit" if overdue else "died",
        "exit_code": code,
        "notes": [],
    }
    if (results / "ending.json").exists():
        ending = json.loads((results / "ending.json").read_text())
    notes = list(ending["notes"])
    if overdue:
        notes.append("the script did not let go of Python when the time was up: its last seconds are not recorded")
    elif ending["ended"] == "died":
        names = {number.value: number.name for number in signal.Signals}
        notes.append(f"the script's process ended by {names.get(-code, f'exit code {code}')}")
    if ending.get("kind") == "EOFError":
        notes.append("the script asks for input, and found none: give it on standard input")
    recording = results / "recording.npz"
    watched = Watched(
        load(recording) if recording.exists() else NOTHING,
        ending["ended"],
        None if ending["ended"].startswith("stopped") else ending["exit_code"],
        ending.get("error", ""),
        output.head.decode(errors="replace"),
        output.tail.decode(errors="replace"),
        tuple(notes),
    )
    return watched, ending.get("missing", [])


class _Output:
    """Reads all that a process prints, and keeps the beginning and the end."""

    KEPT = 1 << 14

    def __init__(self, stream: IO[bytes]):
        self.stream = stream
        self.head = self.tail = b""
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while chunk := os.read(self.stream.fileno(), 1 << 16):
            room = self.KEPT - len(self.head)
            self.head += chunk[:room]
            self.tail = (self.tail + chunk[room:])[-self.KEPT :]

    def finish(self) -> None:
        """Wait for the last of it; a process that left the group may hold the stream open for ever."""
        self.thread.join(2.0)
        if not self.thread.is_alive():
            self.stream.close()
