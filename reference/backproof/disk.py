"""Reading no more than is sensible, and writing so that nobody ever sees half a file."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from backproof.errors import BadInput


def read_bytes(path: Path, limit: int, problem: type[BadInput]) -> bytes:
    """Return the content of a file of at most `limit` bytes.

    Raises
    ------
    problem
        If the file is missing, is a folder, cannot be read, is empty or is larger than `limit`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)  # no more, even if the file says it is small, or grows
            size = max(len(content), os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise problem(f"{path}: cannot be read: {reason(error)}") from None
    if size > limit:
        raise problem(f"{path}: expected at most {limit:,} bytes, found {size:,}")
    if not content:
        raise problem(f"{path}: the file is empty")
    return content


def check_target(path: Path) -> None:
    """Raise BadInput where it is plain, before any work is done, that `path` cannot be written."""
    if path.is_dir():
        raise BadInput(f"{path}: cannot be written: it is a folder")
    folder = path.parent
    if not folder.is_dir():
        raise BadInput(f"{path}: cannot be written: {folder} is not a folder")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise BadInput(f"{path}: cannot be written: permission denied")


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file to write that takes the place of `path` when it is complete, and disappears if it fails.

    A link is followed. Something that is no file (a terminal, a pipe) is written to as it is.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as stream:
                yield stream
            return
        check_target(target)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadInput(f"{path}: cannot be written: {reason(error)}") from None


def reason(error: OSError) -> str:
    """Return what the system says, in lower case: `no such file or directory`."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
