"""Grading many submissions at a time: on the cores of this machine, or on a Dask cluster, by the same code."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any, TypeVar

from bncourse.grading.sandbox import NoSandbox

__all__ = ["cluster", "local", "map_unordered"]

Job = TypeVar("Job")
Result = TypeVar("Result")
Pool = Callable[[], AbstractContextManager[Executor]]


def local(workers: int | None = None) -> tuple[Pool, int]:
    """The cores of this machine; each worker is a process of its own."""
    count = workers or len(os.sched_getaffinity(0))
    # A new process every so often gives back what a leak might have taken.
    make = partial(
        concurrent.futures.ProcessPoolExecutor,
        count,
        mp_context=multiprocessing.get_context("forkserver"),
        initializer=leave_with_parent,
        max_tasks_per_child=500,
    )
    return make, count


def leave_with_parent() -> None:
    """In a worker: end it when the command is gone, killed perhaps, so that nothing is left to run for nobody."""

    def watch() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None  # this is a worker
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def cluster(address: str) -> tuple[Pool, int]:
    """A Dask cluster, by the address of its scheduler; ``tls://`` takes the certificates of Dask's own settings."""
    from distributed import Client

    client = Client(address, timeout=30)

    @contextmanager
    def pool() -> Iterator[Executor]:
        # Each call is a job of its own, even with the same bytes, and is not tried again behind our back.
        with client.get_executor(pure=False, retries=0) as executor:
            yield executor

    return pool, max(1, sum(client.nthreads().values()))


def map_unordered(
    function: Callable[[Job], Result],
    jobs: Iterable[Job],
    pool: Pool,
    workers: int,
    alone: Callable[[Job], Result] | None = None,
) -> Iterator[tuple[Job, Result | BaseException]]:
    """Each job with its result, in the order in which they are done.

    No more jobs are in flight than keep the workers busy, so that a thousand do not lie in memory. A job that raises is
    tried again when nothing else runs, since a machine that is short of something may have it then. When a worker
    dies, nobody knows whose fault it was: the jobs that were in flight are tried again, each alone. A job that
    raises again, or brings a worker down again, has the exception for its result.

    Arguments:
        function: what is done with a job.
        jobs: in the order in which they are begun.
        pool: makes the workers.
        workers: how many there are.
        alone: what is done with a job that is tried again; by default the same.
    """
    again = alone or function
    source = iter(jobs)
    suspects: deque[Job] = deque()
    running: dict[Future, Job] = {}
    exhausted = False
    while True:
        with pool() as executor:
            broken = False
            while not broken:
                is_alone = bool(suspects) and not running
                while not exhausted and not suspects and len(running) < 2 * workers:
                    try:
                        job = next(source)
                    except StopIteration:
                        exhausted = True
                    else:
                        running[executor.submit(function, job)] = job
                if is_alone:
                    job = suspects.popleft()
                    running[executor.submit(again, job)] = job
                if not running:
                    return
                done, _ = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for future in done:
                    job = running.pop(future)
                    result = outcome(future)
                    if not isinstance(result, BaseException) or is_alone:
                        yield job, result
                    else:
                        suspects.append(job)
                    broken = broken or (isinstance(result, BaseException) and is_death(result))
            # Those that were in flight with it: done in the meantime, or to be tried again.
            for future, job in running.items():
                result = outcome(future)
                if isinstance(result, BaseException):
                    suspects.append(job)
                else:
                    yield job, result
            running.clear()


def outcome(future: Future) -> Any:
    """Its result, or the exception in its place."""
    try:
        return future.result()
    except NoSandbox:
        raise
    except (Exception, concurrent.futures.CancelledError) as error:
        return error


def is_death(error: BaseException) -> bool:
    """Whether an exception says that a worker died."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, (BrokenProcessPool, concurrent.futures.CancelledError)) or bool(
        names & {"KilledWorker", "CommClosedError", "FutureCancelledError"}
    )
