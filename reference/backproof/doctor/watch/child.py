"""Runs somebody's script with the recorder in place. `start` hands over to it."""

import atexit
import builtins
import json
import os
import signal
import sys
import threading
import time
import traceback
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from backproof.doctor.watch.instrument import SEEN, instrument
from backproof.doctor.watch.recorder import Limits, Recorder

LEAVE, SLEEP, CLOCK = os._exit, time.sleep, time.monotonic
"""As they are before the script may change them."""

SNAPSHOTS = (1.0, 4.0, 16.0)
"""Seconds after which the recording is written, in case that the script is killed or never lets go of Python."""

QUICKLY = 50_000_000
"""Bytes of contents that are written fast enough not to keep anybody waiting."""

INSTALLED = {"site-packages", "dist-packages"}

WAITING = {
    "matplotlib": ["use"],
    "matplotlib.pyplot": ["show", "pause"],
    "tkinter": ["Misc.mainloop", "mainloop"],
}
"""What would open a window, or wait until one is closed."""

SPAWNING = {"multiprocessing.popen_spawn_posix", "multiprocessing.popen_forkserver"}
"""Imported when a process is started so; one that is forked is noticed as such."""

FORKED = "the script started processes of its own: what they calculate was not watched"


class Session:
    """One run of one script: what it is recorded with, how it ends, and where both are written."""

    def __init__(self, script: Path, results: Path, time_limit: float, limits: Limits):
        self.script, self.results = script, results
        self.recorder = Recorder(limits)
        self.started, self.time_limit = CLOCK(), time_limit
        self.parent, self.process = os.getppid(), os.getpid()
        self.lock, self.reading = threading.Lock(), threading.Lock()
        self.closed = False
        self.ending: dict[str, Any] = {"ended": "finished", "exit_code": 0}
        self.notes: list[str] = []

    def code(self, path: Path) -> CodeType:
        """Return a file's code, instrumented."""
        file = os.path.relpath(path, self.script.parent)
        source = path.read_bytes()
        with self.reading:
            try:
                made = instrument(source, str(path), file, len(self.recorder.sites))
            except RecursionError:
                self.note(f"{file} nests too deeply to be watched")
                return compile(source, path, "exec", dont_inherit=True)
            self.recorder.add(made)
            return made.code

    def note(self, note: str) -> None:
        """Say something about the run, once."""
        if note not in self.notes:
            self.notes.append(note)

    def close(self) -> None:
        """Write the recording and how the script ended, once."""
        if os.getpid() != self.process:
            return
        with self.lock:
            if self.closed:
                return
            self.closed = True
            if SPAWNING & set(sys.modules):
                self.note(FORKED)
            (self.results / "closing").touch()
            _pass()
            self.recorder.save(self.results / "recording.npz")
            part = self.results / "ending.part"
            part.write_text(json.dumps(self.ending | {"notes": self.notes}))
            part.replace(self.results / "ending.json")

    def leave(self, ended: str, code: int) -> None:
        """End the process from whichever thread, so that no `except` or `finally` of the script can keep it."""
        try:
            if os.getpid() == self.process:
                if not self.closed:
                    self.ending = {"ended": ended, "exit_code": code}
                self.close()
                if ended.startswith("stopped"):  # os._exit as such flushes nothing
                    flushing = threading.Thread(target=_flush, daemon=True)  # the script may hold the lock
                    flushing.start()
                    flushing.join(0.5)
        finally:
            LEAVE(code)

    def guard(self) -> None:
        """Watch the time, the recorder's limits, and that whoever started this is still there."""
        snapshots = list(SNAPSHOTS)
        while not self.closed:
            SLEEP(0.05)
            if os.getppid() != self.parent:
                os.killpg(0, signal.SIGKILL)
            passed = CLOCK() - self.started
            if passed > self.time_limit:
                self.leave("stopped: time limit", 0)
            if self.recorder.tend():
                self.leave("stopped: enough seen", 0)
            if snapshots and passed > snapshots[0]:
                snapshots.pop(0)
                with self.lock:
                    if not self.closed and self.recorder.bytes + self.recorder.huge_bytes <= QUICKLY:
                        self.recorder.save(self.results / "recording.npz")

    def run(self) -> None:
        """Run the script as `python script.py` does."""
        main = ModuleType("__main__")
        main.__dict__.update(__file__=str(self.script), __builtins__=__builtins__, __cached__=None)
        main.__dict__.update(__annotations__={})
        code = self.code(self.script)
        sys.modules["__main__"] = main
        try:
            exec(code, main.__dict__)
        except SystemExit as error:
            said = error.code
            number = said if isinstance(said, int) else int(said is not None)
            self.ending = {
                "ended": "exited",
                "exit_code": number,
                "error": "" if said == number else str(said or ""),
            }
            raise
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next  # without this file
            self.ending = {"ended": "raised", "exit_code": 1, "error": "".join(traceback.format_exception(error))}
            self.ending |= {"kind": type(error).__name__, "missing": _missing(error)}
            sys.excepthook(type(error), error, error.__traceback__)
            sys.exit(1)


class Finder(MetaPathFinder):
    """Finds what Python's own finder finds: with our loader for what is the user's own, or would wait."""

    def __init__(self, session: Session):
        self.session = session

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return a module's spec where its loader is to be ours."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.origin is None:
            return None
        origin = Path(spec.origin).resolve()
        if name in WAITING:
            spec.loader = _Patient(name, spec.origin)
        elif origin.is_relative_to(self.session.script.parent) and not INSTALLED & set(origin.parts):
            spec.loader = _Own(name, spec.origin)
            spec.loader.session = self.session
        return spec


class _Own(SourceFileLoader):
    session: Session

    def get_code(self, fullname: str) -> CodeType:
        return self.session.code(Path(self.path))  # never from, nor to, a cache


class _Patient(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        for name in WAITING[module.__name__]:
            owner, _, attribute = name.rpartition(".")
            setattr(getattr(module, owner) if owner else module, attribute, lambda *_, **__: None)


def _missing(error: BaseException) -> list[str]:
    """Return what may be the file that is not there: some libraries name it in the message only."""
    if not isinstance(error, FileNotFoundError):
        return []
    return [str(name) for name in (error.filename, *str(error).split()) if name]


def _pass() -> None:
    """Let values pass from now on; in a process that the script starts, from the beginning."""
    setattr(builtins, SEEN, lambda site, value: value)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def main(already: frozenset[str]) -> None:
    """Run the script that the arguments name; `already` are the modules that Python itself starts with."""
    settings = json.loads(sys.argv[1])
    script = Path(settings["script"])
    session = Session(script, Path(settings["results"]), settings["time_limit"], Limits(**settings["limits"]))
    sys.argv = [settings["given"], *settings["arguments"]]
    sys.path[0] = str(script.parent)
    for name in {path.stem for path in script.parent.iterdir()} & (set(sys.modules) - already):
        del sys.modules[name]  # the script means its own
    sys.meta_path.insert(sys.meta_path.index(PathFinder), Finder(session))
    atexit.register(session.close)
    os._exit = lambda status: session.leave("exited", status)  # type: ignore[assignment, return-value]
    os.register_at_fork(after_in_parent=lambda: session.note(FORKED), after_in_child=_pass)
    threading.excepthook = _telling(session, threading.excepthook)
    setattr(builtins, SEEN, session.recorder.identity())
    threading.Thread(target=session.guard, daemon=True).start()
    session.run()


def _telling(session: Session, hook: Any) -> Any:
    def tell(raised: threading.ExceptHookArgs) -> None:
        session.note(f"a thread of the script raised {raised.exc_type.__name__}: {raised.exc_value}")
        hook(raised)

    return tell
