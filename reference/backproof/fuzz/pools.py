"""Who runs the cases: processes on this machine, or the workers of a Dask cluster."""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

from backproof.errors import BadInput, MissingFramework

NETWORKS = 50
"""After so many a process is replaced by a fresh one: compiled programs and the frameworks' caches pile up."""


@contextmanager
def processes(jobs: int) -> Iterator[tuple[Executor | None, int]]:
    """Yield a pool of so many processes; None for a single one, which is this."""
    if jobs == 1:
        yield None, 1
        return
    # Spawned, not forked: frameworks have threads, which a fork leaves behind.
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), max_tasks_per_child=NETWORKS)
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
