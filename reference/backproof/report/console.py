"""The standard streams of the command line: progress, chatter, and readers who leave early."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from backproof.check import Progress


class PoliteConsole(Console):
    """Rich ends the process with status 1 where nobody reads any more, which would say "differ" here."""

    def on_broken_pipe(self) -> None:
        """Leave it to the caller."""
        raise BrokenPipeError


@contextmanager
def until_nobody_reads() -> Iterator[None]:
    """End quietly where the reader of the output has seen enough, as `head` has."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # without this, Python would complain once more when it closes the stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def progress(quiet: bool) -> Iterator[Progress]:
    """Show what is being done, on standard error, where somebody sits before it."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda message: None
        return
    # a descriptor of its own, which stays when `hushed` takes the other one away
    with os.fdopen(os.dup(2), "w") as own, Console(file=own).status("starting") as status:
        yield status.update


@contextmanager
def hushed() -> Iterator[None]:
    """Hold back what is said on standard error; show it only if it ends in an error.

    TensorFlow tells of its CPU before it can be told not to, and to the descriptor, past `sys.stderr`.
    """
    if sys.stderr is None:  # closed, or a process without a console
        yield
        return
    sys.stderr.flush()
    own = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        except BaseException:
            said.seek(0)
            os.write(own, said.read())
            raise
        finally:
            os.dup2(own, 2)
            os.close(own)
