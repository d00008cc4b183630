"""Distribute runs over processes: one progress bar, no process that outlives its parent, results as they finish."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import groupby
from typing import Any

import numpy as np
from tqdm import tqdm

from bncourse.manual.ladder import LadderRun, Pairs, Run, Settings, train_together
from bncourse.progress import progress_bar

__all__ = ["available_cores", "plan", "train_runs"]

MOST_LANES = 8  # with more lanes per call the arrays no longer fit into the cache
BATCHNORM_COST = 1.4  # duration of a step with BatchNorm, in steps without it
BETWEEN_LOOKS = 0.1  # seconds between two updates of the progress bar
THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

shared: tuple[Any, Any]
"""In a worker process alone: the number of steps that each group has done, and the flag that tells workers to stop."""


def train_runs(
    runs: Sequence[Run], settings: Settings, train: Pairs, dev: Pairs, *, workers: int, progress: bool
) -> Generator[LadderRun, None, None]:
    """Train all runs and yield each result as soon as it is finished.

    With one worker, or one group of runs, everything happens in this process.

    Raises:
        RuntimeError: a worker process died.
    """
    if not runs:
        return
    groups = plan(runs, workers)
    with progress_bar(len(runs) * settings.steps, "loss ladder", progress) as bar:
        if min(workers, len(groups)) > 1:
            yield from train_in_processes(groups, settings, train, dev, min(workers, len(groups)), bar)
            return
        for group in groups:

            def report(steps: int, lanes: int = len(group)) -> bool:
                bar.update(lanes * steps)
                return True

            yield from train_together(group, settings, train, dev, report)


def plan(runs: Sequence[Run], workers: int) -> list[list[Run]]:
    """Divide at least one run into groups that train together: of one kind, and at most ``MOST_LANES`` runs each.

    The work is spread evenly over the workers as far as possible.

    Returns:
        The groups, the slowest first, so that no worker starts it when the others are nearly done.
    """
    runs = sorted(runs, key=lambda run: run.rung != "batchnorm")
    costs = [cost([run]) for run in runs]
    middles = np.cumsum(costs) - np.divide(costs, 2)
    shares = np.floor(middles / sum(costs) * workers)
    groups = []
    for _, alike in groupby(range(len(runs)), key=lambda i: (shares[i], runs[i].rung == "batchnorm")):
        members = [runs[i] for i in alike]
        pieces = math.ceil(len(members) / MOST_LANES)
        groups += [members[i::pieces] for i in range(pieces)]
    return sorted(groups, key=cost, reverse=True)


def cost(group: Sequence[Run]) -> float:
    """Duration of a step of the group, relative to that of a run without BatchNorm."""
    return len(group) * (BATCHNORM_COST if group[0].rung == "batchnorm" else 1)


def train_in_processes(
    groups: Sequence[Sequence[Run]], settings: Settings, train: Pairs, dev: Pairs, workers: int, bar: tqdm
) -> Iterator[LadderRun]:
    """Train each group in one of ``workers`` processes; leaving early, by an exception or ``close()``, ends them."""
    context = multiprocessing.get_context("spawn")
    steps_done = context.RawArray("q", len(groups))
    stop = context.RawValue("b", 0)
    executor = ProcessPoolExecutor(workers, context, initializer=prepare_worker, initargs=(steps_done, stop))
    try:
        with one_thread_each(), interrupts_held_back():
            pending = {
                executor.submit(train_in_worker, i, group, settings, train, dev) for i, group in enumerate(groups)
            }
        while pending:
            finished, pending = wait(pending, timeout=BETWEEN_LOOKS, return_when=FIRST_COMPLETED)
            done = sum(steps * len(group) for steps, group in zip(steps_done, groups, strict=True))
            bar.update(done - bar.n)
            for future in finished:
                yield from future.result()
    except BrokenProcessPool as error:
        raise RuntimeError(
            "a worker process of train_ladder died; if it did so at its start, in a script, put the call under "
            '`if __name__ == "__main__":`; else the memory may have run out: try fewer workers'
        ) from error
    finally:
        stop.value = 1
        executor.shutdown(cancel_futures=True)


def prepare_worker(steps_done: Any, stop: Any) -> None:
    """Prepare a worker process: store the shared memory, ignore Ctrl-C, and end when the parent process ends."""
    global shared
    shared = steps_done, stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # needed on Windows only: elsewhere the parent has blocked it already

    def end_with_parent() -> None:
        parent = multiprocessing.parent_process()
        assert parent is not None  # this is a worker
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def train_in_worker(number: int, group: Sequence[Run], settings: Settings, train: Pairs, dev: Pairs) -> list[LadderRun]:
    """Train a group in a worker process and count its steps in the memory shared with the parent."""
    steps_done, stop = shared

    def report(steps: int) -> bool:
        steps_done[number] += steps
        return not stop.value

    return train_together(group, settings, train, dev, report)


@contextlib.contextmanager
def one_thread_each() -> Iterator[None]:
    """Let processes started in this block use one BLAS thread each: other processes occupy the remaining cores."""
    before = {name: os.environ.get(name) for name in THREAD_SETTINGS}
    os.environ.update(dict.fromkeys(THREAD_SETTINGS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Block Ctrl-C in processes started in this block, so that none prints a traceback while it imports."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def available_cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
