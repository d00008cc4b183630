"""Inside the sandbox: runs a learner's cells, and the observing half of the checks. It knows no right answer.

``python -m bncourse.observing.runner`` reads a job from its standard input, and then the questions of each check, and
writes messages to the file descriptor that the job names. Each message is final when it is written: what runs later
cannot take it back.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import struct
from collections.abc import Mapping
from typing import Any

from bncourse.observing import wire

__all__ = ["main"]

ADDRESSES = 128 << 30
"""Bytes of addresses, of which torch reserves more than it uses; the kernel's tables for them take 256 MiB at most."""

PR_CAPBSET_DROP = 24
LOADED = 512 << 20
"""Bytes that Python and torch may have taken before anything of the learner's ran."""


def main() -> None:
    """Run the job on the standard input."""
    asked = os.dup(0)
    job = receive(asked)
    give_up_privileges(job)
    out = os.dup(job["channel"])
    os.close(job["channel"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)

    def send(message: dict[str, Any]) -> None:
        data = wire.pack(message)
        write_all(out, struct.pack("<Q", len(data)) + data)

    # Loaded before the limits on the processor's time are set: it is the course's time and not the learner's. Without
    # looking for garbage meanwhile, because there is none, and what is loaded stays: a tenth of the time less.
    gc.disable()
    from bncourse.observing.cells import Cells
    from bncourse.observing.tasks import TASKS

    cells = Cells(job["limits"]["output"])
    gc.freeze()
    gc.enable()
    set_limits(job["limits"])
    send({"step": "start"})
    for step in job["steps"]:
        if step["kind"] == "run":
            send({"step": step["id"], "outputs": cells.run(step["source"])})
            continue
        if step["kind"] == "test":
            # The instructor's own test, which was nowhere in here before.
            send({"step": step["id"]})
            send({"step": step["id"], "outputs": cells.run(receive(asked))})
            receive(asked)
            continue
        # The questions come when they are asked for and not before, and what follows waits until they are answered:
        # in between, finished layers are not there.
        send({"step": step["id"]})
        send({"step": step["id"], "answers": observe(cells, TASKS, receive(asked))})
        receive(asked)
        gc.collect()
    send({"step": "end"})
    # Threads, exit handlers and finalisers of the learner's have nothing more to say.
    os._exit(0)


def receive(descriptor: int) -> Any:
    """Wait for one message from outside."""
    (size,) = struct.unpack("<Q", read_all(descriptor, 8))
    return wire.unpack(read_all(descriptor, size))


def read_all(descriptor: int, size: int) -> bytes:
    """Read so many bytes, however few the pipe gives at a time."""
    data = bytearray()
    while len(data) < size:
        part = os.read(descriptor, size - len(data))
        if not part:
            os._exit(1)  # there is nobody outside any more
        data += part
    return bytes(data)


def give_up_privileges(job: dict[str, Any]) -> None:
    """From root to a user that owns nothing; needed where the instructor is root."""
    if job["user"] is not None:
        system = ctypes.CDLL(None, use_errno=True)
        for capability in range(64):
            if system.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                break  # there are no more
        os.setgroups([])
        os.setresgid(job["user"], job["user"], job["user"])
        os.setresuid(job["user"], job["user"], job["user"])


def set_limits(limits: dict[str, Any]) -> None:
    """Hard limits, which the process cannot raise again."""
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 1
    for what, most in {
        resource.RLIMIT_CPU: used + limits["cpu_seconds"],
        resource.RLIMIT_FSIZE: limits["disk"],
        resource.RLIMIT_NOFILE: limits["files"],
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_CORE: 0,
        # Per process; what all of them use together is watched from outside.
        resource.RLIMIT_DATA: limits["memory"] + LOADED,
        resource.RLIMIT_AS: ADDRESSES,
    }.items():
        with contextlib.suppress(ValueError):  # where a lower one is set already
            resource.setrlimit(what, (most, most))


def observe(cells: Any, tasks: Mapping[str, Any], calls: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The answers of the learner's objects to the questions of each check of a test cell."""
    answers = []
    for call in calls:
        task = tasks[call["check"]]
        theirs = [cells.object(name) for name in call["objects"]]
        answers.append([task.observe(theirs, question) for question in call["questions"]])
    return answers


def write_all(descriptor: int, data: bytes) -> None:
    """Write everything, however little the pipe takes at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


if __name__ == "__main__":
    main()
