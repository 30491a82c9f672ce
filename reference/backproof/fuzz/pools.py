"""Who runs the cases: processes on this machine, or the workers of a Dask cluster."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any

from backproof.errors import BadInput, MissingFramework

NETWORKS = 50
"""After so many a process is replaced by a fresh one: compiled programs and the frameworks' caches pile up."""


class Processes(Executor):
    """Processes that are replaced when one of them dies; what all of them were doing is then lost."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool = self._fresh()

    def _fresh(self) -> ProcessPoolExecutor:
        # Spawned, not forked: frameworks have threads, which a fork leaves behind.
        spawn = get_context("spawn")
        return ProcessPoolExecutor(self._jobs, spawn, _follow_parent, max_tasks_per_child=NETWORKS)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call a function in one of the processes."""
        try:
            return self._pool.submit(fn, *args, **kwargs)
        except BrokenExecutor:
            self._pool = self._fresh()
            return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the processes go."""
        self._pool.shutdown(wait, cancel_futures=cancel_futures)


def _follow_parent() -> None:
    """End this process when the one that began it has been killed, which could not say so."""

    def follow() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
        os._exit(1)

    Thread(target=follow, daemon=True).start()


def died(error: Exception) -> bool:
    """Return whether an error says that the process died that should have returned a result."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


@contextmanager
def processes(jobs: int) -> Iterator[tuple[Executor | None, int]]:
    """Yield a pool of so many processes; None for a single one, which is this."""
    if jobs == 1:
        yield None, 1
        return
    pool = Processes(jobs)
    try:
        yield pool, jobs
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Yield the executor of a Dask cluster, whose workers must have backproof and the frameworks.

    Raises
    ------
    MissingFramework
        If `distributed` is not installed.
    BadInput
        If nobody answers at the address, or the cluster has no worker.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise MissingFramework(f"dask: {error.name} is not installed; pip install 'backproof[dask]'") from None
    try:
        client = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"--dask: nobody answers at {address}: {error}") from None
    with client:
        if not (workers := len(client.scheduler_info(n_workers=-1)["workers"])):
            raise BadInput(f"--dask: the cluster at {address} has no worker")
        yield client.get_executor(pure=False), workers  # type: ignore[no-untyped-call]
