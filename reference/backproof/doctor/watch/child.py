"""Runs somebody's script with the recorder in place. `start` hands over to it."""

import atexit
import json
import os
import sys
import threading
import time
import traceback
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from backproof.doctor.watch.instrument import instrument
from backproof.doctor.watch.recorder import Limits, Recorder

LEAVE, SLEEP = os._exit, time.sleep

INSTALLED = {"site-packages", "dist-packages"}


class Session:
    """One run of one script: what it is recorded with, how it ends, and where both are written."""

    def __init__(self, script: Path, results: Path, time_limit: float, limits: Limits):
        self.script, self.results = script, results
        self.recorder = Recorder(limits)
        self.deadline = time.monotonic() + time_limit
        self.parent, self.process = os.getppid(), os.getpid()
        self.lock = threading.Lock()
        self.closed = False
        self.ending: dict[str, Any] = {"ended": "finished", "exit_code": 0}

    def code(self, path: Path) -> CodeType:
        """Return a file's code, instrumented."""
        file = os.path.relpath(path, self.script.parent)
        made = instrument(path.read_bytes(), str(path), file, len(self.recorder.sites))
        self.recorder.add(made.sites, made.updates)
        return made.code

    def close(self) -> None:
        """Write the recording and how the script ended, once."""
        with self.lock:
            if self.closed or os.getpid() != self.process:
                return
            self.closed = True
            self.recorder.stop()
            self.recorder.save(self.results / "recording.npz")
            part = self.results / "ending.part"
            part.write_text(json.dumps(self.ending))
            part.replace(self.results / "ending.json")

    def leave(self, ended: str, code: int) -> None:
        """End the process from whichever thread, so that no `except` or `finally` of the script can keep it."""
        if os.getpid() == self.process:
            self.ending = {"ended": ended, "exit_code": code}
            self.close()
            flushing = threading.Thread(target=_flush, daemon=True)  # the script may hold the stream's lock
            flushing.start()
            flushing.join(0.5)
        LEAVE(code)

    def guard(self) -> None:
        """Watch the time, the recorder's limits, and that whoever started this is still there."""
        while True:
            SLEEP(0.05)
            if os.getppid() != self.parent:
                os.killpg(0, 9)
            if time.monotonic() > self.deadline:
                self.leave("stopped: time limit", 0)
            if self.recorder.tend():
                self.leave("stopped: enough seen", 0)

    def run(self) -> None:
        """Run the script as `python script.py` does."""
        main = ModuleType("__main__")
        main.__dict__.update(__file__=str(self.script), __builtins__=__builtins__, __annotations__={})
        code = self.code(self.script)
        sys.modules["__main__"] = main
        self.recorder.start()
        try:
            exec(code, main.__dict__)
        except SystemExit as error:
            self.ending = {"ended": "exited", "exit_code": _exit_code(error), "error": _said(error)}
            raise
        except BaseException as error:
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            self.ending = {"ended": "raised", "exit_code": 1, "error": "".join(traceback.format_exception(error))}
            self.ending["kind"] = type(error).__name__
            if isinstance(error, OSError) and isinstance(error.filename, str):
                self.ending["missing"] = error.filename
            sys.excepthook(type(error), error, error.__traceback__)
            sys.exit(1)


class Finder(MetaPathFinder):
    """Finds the modules of the script's folder, to instrument them too, and takes the waiting out of windows."""

    def __init__(self, session: Session):
        self.session = session

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Return the spec that Python itself would find, with our loader where the file is the user's own."""
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or spec.origin is None:
            return None
        if name in WAITING:
            spec.loader = _Patient(name, spec.origin)
            return spec
        origin = Path(spec.origin).resolve()
        if not origin.is_relative_to(self.session.script.parent) or INSTALLED & set(origin.parts):
            return None
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


WAITING = {
    "matplotlib": ["use"],
    "matplotlib.pyplot": ["show", "pause"],
    "tkinter": ["Misc.mainloop", "mainloop"],
}
"""What would open a window, or wait until one is closed."""


def _exit_code(error: SystemExit) -> int:
    if error.code is None:
        return 0
    return error.code if isinstance(error.code, int) else 1


def _said(error: SystemExit) -> str:
    return "" if error.code is None or isinstance(error.code, int) else str(error.code)


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
    sys.meta_path.insert(0, Finder(session))
    atexit.register(session.close)
    os._exit = lambda status: session.leave("exited", status)  # type: ignore[assignment, return-value]
    threading.Thread(target=session.guard, daemon=True).start()
    session.run()
