"""Running one function in several processes that can add up their tensors, on one machine and without a GPU."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from joblib import Parallel, delayed
from torch import distributed

from bncourse.arguments import check_size

__all__ = ["run_together"]

LOOPBACK = {"linux": "lo", "darwin": "lo0"}
"""The network interface of a machine to itself: gloo then does not look up the machine's name, which may fail."""


def run_together(
    function: Callable[..., Any], *arguments: Any, processes: int = 2, timeout: timedelta = timedelta(minutes=1)
) -> list[Any]:
    """Call ``function(rank, *arguments)`` in several processes at once, connected by ``torch.distributed``.

    Within the function ``torch.distributed.all_reduce`` and ``DistributedDataParallel`` work, by gloo. The processes
    are kept for the next call. The function may be defined in a notebook; what it uses is sent along.

    Arguments:
        function: called with the number of the process, from 0, and the arguments.
        arguments: the same for every process.
        processes: how many.
        timeout: for how long a process waits for the others.

    Returns:
        What the function returned, one result per process, in the order of their numbers.

    Raises:
        TypeError: the number of processes is not a whole number.
        ValueError: the number of processes is below 1.
        Exception: what the function raised in one of the processes.
    """
    check_size("processes", processes)
    with tempfile.TemporaryDirectory() as folder:
        meeting_point = (Path(folder) / "group").as_uri()
        calls = (
            delayed(member)(rank, processes, meeting_point, timeout, function, arguments) for rank in range(processes)
        )
        # Each process waits for the others, so none may be given two of the calls, or wait until one is done.
        return Parallel(n_jobs=processes, backend="loky", batch_size=1, pre_dispatch="all")(calls)


def member(
    rank: int,
    processes: int,
    meeting_point: str,
    timeout: timedelta,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
) -> Any:
    """Join the group of the processes, call the function, and leave the group again."""
    torch.set_num_threads(1)
    if sys.platform in LOOPBACK:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK[sys.platform])
    distributed.init_process_group("gloo", meeting_point, timeout=timeout, world_size=processes, rank=rank)
    try:
        result = function(rank, *arguments)
        # Nobody leaves while another still exchanges tensors; one whose function has failed does not come here.
        with contextlib.suppress(RuntimeError):
            distributed.barrier()
        return result
    finally:
        distributed.destroy_process_group()
