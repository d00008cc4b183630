"""A place where a submission can run and do no harm: no network, no other process, nothing to read but the system.

bubblewrap gives the walls (its own view of files, processes and network), the kernel the limits per process, and a
watch from outside those on all of them together.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import selectors
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

import bncourse
from bncourse.grading.limits import Limits
from bncourse.observing import wire
from bncourse.observing.unjudged import IN_SANDBOX

__all__ = ["NoSandbox", "Run", "is_available", "run"]

HOME = "/home/learner"
SYSTEM = (
    "/usr",
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/etc/ssl/certs",
    "/etc/alternatives",
)
"""What a program needs of the machine; of these, what there is."""

PACKAGE = Path(bncourse.__file__).parent
SHOWN = ("__init__.py", "observing", "checks")
"""What a submission sees of this package: what observes, and the face by which a cell calls a check."""

USERS = 60_000
"""Where the instructor is root: the first user id of the sandboxes, one for each that runs at a time."""

WATCHED_EVERY = 0.1
"""Seconds."""


class NoSandbox(RuntimeError):  # noqa: N818
    """There is no bubblewrap here, or the kernel does not let it work."""


class Run:
    """What came out of a run.

    Attributes:
        messages: those of the runner, in order; each was final when it was sent.
        ended: why it ended, in words for the learner; empty if it ran to its end.
        peak: bytes of memory, the most that was seen of all its processes together.
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.ended = ""
        self.peak = 0


@functools.cache
def is_available() -> bool:
    """Whether bubblewrap is there and works."""
    if shutil.which("bwrap") is None:
        return False
    probe = [*walls(Limits()), "true"]
    return subprocess.run(probe, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def walls(limits: Limits) -> list[str]:
    """The bubblewrap command, up to the program that is to run."""
    root = os.geteuid() == 0
    command = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    # Root steps down inside, to a user of its own, since the kernel lets root have any number of processes.
    command += (
        ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
    )
    command += ["--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    for name, value in environment(HOME).items():
        command += ["--setenv", name, value]
    # First what is empty, so that a Python that lies below one of these folders still shows.
    command += ["--proc", "/proc", "--dev", "/dev"]
    for path in (HOME, "/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", path]
    for path in readable():
        for parent in reversed(Path(path).parents[:-1]):
            command += ["--perms", "0755", "--dir", str(parent)]  # bubblewrap alone would make it root's only
        command += ["--ro-bind", path, path]
    # An empty folder over the package, wherever it lies, and in it what may be seen.
    command += ["--perms", "0755", "--tmpfs", str(PACKAGE)]
    for part in SHOWN:
        command += ["--ro-bind", str(PACKAGE / part), str(PACKAGE / part)]
    for path in ("/bin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(path):
            command += ["--symlink", os.readlink(path), path]
    return [*command, "--remount-ro", "/", "--chdir", HOME, "--"]


def readable() -> list[str]:
    """Name what can be read inside: the system, this Python with its packages, and the place of this package."""
    found = [path for path in SYSTEM if os.path.exists(path) and not os.path.islink(path)]
    found += [sys.prefix, sys.base_prefix, str(PACKAGE)]
    return [path for path in dict.fromkeys(found) if not any(path.startswith(f"{other}/") for other in found)]


def environment(home: str) -> dict[str, str]:
    """The whole environment of the learner's code: nothing of the instructor's."""
    return {
        "HOME": home,
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE.parent),
        IN_SANDBOX: "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": "/tmp",
        "IPYTHONDIR": "/tmp/ipython",
        "PIP_NO_INDEX": "1",  # there is no network: say so at once
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def run(steps: list[dict[str, Any]], limits: Limits, *, unsafe: bool = False) -> Run:
    """Run a learner's cells and observe them.

    Arguments:
        steps: what to do, in order: ``{"kind": "run", "id", "source"}`` or ``{"kind": "observe", "id", "observe"}``.
        limits: how much it may use.
        unsafe: run it without walls, as this user, with the limits alone.

    Raises:
        NoSandbox: there is none, and ``unsafe`` is not set.
    """
    if not unsafe and not is_available():
        raise NoSandbox(
            "bubblewrap (the command bwrap) is missing here or not allowed to work, so submissions cannot be run "
            "safely; install it, or see --unsafe-no-sandbox"
        )
    reading, writing = os.pipe()
    with user_id() as user:
        job = {
            "channel": writing,
            "limits": asdict(limits),
            "user": user if not unsafe and os.geteuid() == 0 else None,
            "steps": steps,
        }
        program = [sys.executable, "-s", "-m", "bncourse.observing.runner"]
        with contextlib.ExitStack() as stack:
            if unsafe:
                home = stack.enter_context(temporary_home())
                command, extra = program, {"env": environment(home), "cwd": home}
            else:
                command, extra = [*walls(limits), *program], {}
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[writing],
                start_new_session=True,
                **extra,
            )
            os.close(writing)
            try:
                return watch(process, reading, wire.pack(job), limits, most=len(steps) + 1)
            finally:
                os.close(reading)
                end(process)


@contextlib.contextmanager
def temporary_home() -> Iterator[str]:
    """A folder that vanishes."""
    with tempfile.TemporaryDirectory(prefix="bncourse-", ignore_cleanup_errors=True) as folder:
        yield folder


@contextlib.contextmanager
def user_id() -> Iterator[int]:
    """A user id that no other sandbox here has at the time, so that each has a count of processes of its own."""
    for user in range(USERS, USERS + 1000):
        path = Path(tempfile.gettempdir()) / f"bncourse-sandbox-{os.getuid()}-{user}.lock"
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            continue
        try:
            yield user
        finally:
            os.close(descriptor)
        return
    raise RuntimeError("more than 1000 sandboxes are running on this machine")


def watch(process: subprocess.Popen, reading: int, job: bytes, limits: Limits, most: int) -> Run:
    """Feed the job in, collect at most so many messages, and end the run when it exceeds its limits."""
    found = Run()
    started = time.monotonic()
    seen = psutil.Process(process.pid)
    os.set_blocking(reading, False)
    os.set_blocking(process.stdin.fileno(), False)
    buffer, fed, received = bytearray(), 0, 0
    with selectors.DefaultSelector() as selector:
        selector.register(reading, selectors.EVENT_READ)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        next_look = started
        while True:
            for key, _ in selector.select(WATCHED_EVERY):
                if key.fileobj is process.stdin:
                    try:
                        fed += os.write(process.stdin.fileno(), job[fed : fed + 65536])
                    except BlockingIOError:
                        continue
                    except BrokenPipeError:
                        fed = len(job)
                    if fed == len(job):
                        selector.unregister(process.stdin)
                        with contextlib.suppress(BrokenPipeError):
                            process.stdin.close()
                    continue
                data = os.read(reading, 1 << 20)
                received += len(data)
                if received > limits.answer:
                    found.ended = f"it sent more than {limits.answer >> 20} MiB"
                    return found
                buffer += data
                if not take_messages(buffer, found, most):
                    return found
                if not data:
                    found.ended = found.ended or how_it_ended(process)
                    return found
            if found.messages and found.messages[-1].get("step") == "end":
                found.messages.pop()
                return found
            now = time.monotonic()
            if now - started > limits.wall_seconds:
                found.ended = f"it ran longer than {limits.wall_seconds:g} s"
                return found
            if now >= next_look:
                next_look = now + WATCHED_EVERY
                if too_much := too_greedy(seen, limits, found):
                    found.ended = too_much
                    return found


def take_messages(buffer: bytearray, found: Run, most: int) -> bool:
    """Move what is complete from the buffer to the messages; False if it is no message, or one too many."""
    while len(buffer) >= 8:
        (size,) = struct.unpack_from("<Q", buffer)
        if size > 1 << 30:
            found.ended = "what it sent cannot be read"
            return False
        if len(buffer) < 8 + size:
            return True
        try:
            message = wire.unpack(bytes(buffer[8 : 8 + size]))
        except wire.WireError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("step"), str):
            found.ended = "what it sent cannot be read"
            return False
        if len(found.messages) == most:  # a runner sends one for each step, and one at the end
            found.ended = "it sent more than was asked"
            return False
        found.messages.append(message)
        del buffer[: 8 + size]
    return True


def too_greedy(process: psutil.Process, limits: Limits, found: Run) -> str:
    """Which limit all processes together exceed, in words; or nothing."""
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return ""
    memory = 0
    for member in family:
        with contextlib.suppress(psutil.Error):
            memory += member.memory_info().rss
    found.peak = max(found.peak, memory)
    if memory > limits.memory:
        return f"it used more than {limits.memory >> 20} MiB of memory"
    if len(family) > limits.processes + 2:
        return f"it started more than {limits.processes} processes"
    return ""


def how_it_ended(process: subprocess.Popen) -> str:
    """Why there will be no further messages."""
    try:
        code = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        return "it closed its channel"
    killed = {128 + signal.SIGXCPU: "it used up its time on the processor", 128 + signal.SIGSEGV: "it crashed"}
    killed |= {-signal.SIGXCPU: killed[128 + signal.SIGXCPU], -signal.SIGSEGV: "it crashed"}
    killed |= {128 + signal.SIGKILL: "it was killed", -signal.SIGKILL: "it was killed"}
    return killed.get(code, f"it ended by itself (exit status {code})")


def end(process: subprocess.Popen) -> None:
    """End everything that runs in there; with the first process of a pid namespace all others go too."""
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin and not process.stdin.closed:
        with contextlib.suppress(BrokenPipeError, OSError):
            process.stdin.close()
