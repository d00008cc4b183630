"""A place where a submission can run and do no harm: no network, no other process, nothing to read but the system.

bubblewrap gives the walls (its own view of files, processes and network), a filter takes away the system calls that
nobody needs, the kernel limits each process, and a watch from outside limits all of them together. While a check
observes, torch's finished kernels are taken out of their memory; see :mod:`bncourse.grading.kernels`.
"""

from __future__ import annotations

import contextlib
import functools
import os
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bncourse.grading import kernels, system_calls
from bncourse.grading.family import MOST_TABLES, Family, descendants
from bncourse.grading.kernels import Absence
from bncourse.grading.limits import Limits
from bncourse.grading.places import HOME, Places, environment
from bncourse.observing import wire

__all__ = ["Fault", "NoSandbox", "Run", "is_available", "run", "weaknesses"]

USERS = 60_000
"""Where the instructor is root: the first user id of the sandboxes, one for each that runs at a time."""

MOST_SANDBOXES = 1000

WATCHED_EVERY = 0.1
"""Seconds."""

LONGEST_LOOK = 1.0
"""Seconds of this process's own that one look at a submission may take; it takes a hundredth of a second."""

LONGEST_START = 120.0
"""Seconds that a sandbox may take to load Python and torch; nothing of the learner's runs yet."""

CAP_NAMES = ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
"""What root keeps inside to step down to a user that owns nothing, and gives up in doing so."""


class NoSandbox(RuntimeError):  # noqa: N818
    """There is no bubblewrap here, or the kernel does not let it work."""


class Fault(RuntimeError):  # noqa: N818
    """Something of this machine failed, and nothing of the submission's: there is no verdict, and no grade."""


@dataclass
class Run:
    """What came out of a run.

    Attributes:
        messages: those of the runner, in order; each was final when it was sent.
        ended: why it ended, in words for the learner; empty if it ran to its end.
        ran_out: whether it ended because its time on the clock was over.
        peak: bytes of memory, the most that was seen of all its processes together.
        cpu_seconds: processor time of all its processes.
        held_up: seconds that it was ready to run and the processor was with others.
    """

    messages: list[dict[str, Any]] = field(default_factory=list)
    ended: str = ""
    ran_out: bool = False
    peak: int = 0
    cpu_seconds: float = 0.0
    held_up: float = 0.0


@functools.cache
def is_available() -> bool:
    """Whether bubblewrap is there and works."""
    return not why_not()


@functools.cache
def why_not() -> str:
    """Why there is no sandbox here, in the words of bubblewrap; empty where there is one."""
    if shutil.which("bwrap") is None:
        return "there is no command bwrap"
    with contextlib.ExitStack() as stack:
        command, descriptors = walls(Places(), Limits(), stack)
        try:
            probe = subprocess.run(
                [*command, "/bin/true"], capture_output=True, stdin=subprocess.DEVNULL, env={}, pass_fds=descriptors
            )
        except OSError as error:
            return str(error)
    return "" if probe.returncode == 0 else probe.stderr.decode(errors="replace").strip() or "bwrap failed"


@functools.cache
def can_take_out() -> bool:
    """Whether this process may write to the memory of those that it starts, as taking kernels out needs."""
    child = subprocess.Popen(
        [sys.executable, "-S", "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdout.readline()  # before, nothing of it may be in memory
        with open(f"/proc/{child.pid}/maps") as maps:
            code = next(line for line in maps if line.split()[1] == "r-xp")
        with kernels.memory(child.pid) as file:
            file.seek(int(code.split("-")[0], 16))
            byte = file.read(1)
            file.seek(-1, os.SEEK_CUR)
            file.write(byte)
        return True
    except (OSError, StopIteration):
        return False
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def weaknesses() -> list[str]:
    """What this machine lacks of the layers of protection, a sentence for each; empty where nothing is missing."""
    found = []
    if system_calls.submission_filter() is None:
        found.append(system_calls.MISSING)
    if not kernels.is_possible() or not can_take_out():
        found.append(
            "torch's finished layers cannot be taken out while a check observes (that needs an x86-64 processor, a "
            "known torch, and a kernel that lets a process write to its children's memory), so a finished layer in "
            "disguise is only watched for."
        )
    return found


@functools.cache
def knows(option: str) -> bool:
    """Whether this bubblewrap has an option."""
    return f"--{option}" in subprocess.run(["bwrap", "--help"], capture_output=True, text=True).stdout


def walls(places: Places, limits: Limits, stack: contextlib.ExitStack) -> tuple[list[str], list[int]]:
    """The bubblewrap command, up to the program that is to run, and the files that it has to inherit.

    Arguments:
        places: what is mounted where.
        limits: for the sizes of what may be written to.
        stack: closes the files.
    """
    root = os.geteuid() == 0
    command = [shutil.which("bwrap") or "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    command += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    command += ["--cap-drop", "ALL"]
    if root:
        # Root steps down inside, to a user of its own, since the kernel lets root have any number of processes.
        for name in CAP_NAMES:
            command += ["--cap-add", name]
    else:
        command += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
        if knows("disable-userns"):
            command += ["--disable-userns"]
    for name, value in environment(places).items():
        command += ["--setenv", name, value]
    command += ["--dev", "/dev", "--remount-ro", "/dev"]
    for path in (HOME, "/tmp", "/dev/shm"):
        command += ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", path]
    more, descriptors = places.mounts(stack)
    command += more
    filter_program = system_calls.submission_filter()
    if filter_program is not None:
        descriptors.append(in_memory(filter_program, stack))
        command += ["--seccomp", str(descriptors[-1])]
    return [*command, "--remount-ro", "/", "--chdir", HOME, "--"], descriptors


def in_memory(data: bytes, stack: contextlib.ExitStack) -> int:
    """A file that lies in memory, as a disk may be full."""
    descriptor = os.memfd_create("bncourse")
    stack.callback(os.close, descriptor)
    os.write(descriptor, data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def run(
    steps: Sequence[dict[str, Any]],
    limits: Limits,
    *,
    unsafe: bool = False,
    hidden: tuple[str, ...] = (),
    handed_out: tuple[str, ...] = (),
) -> Run:
    """Run a learner's cells and observe them.

    Arguments:
        steps: what to do, in order: ``{"kind": "run", "id", "source"}``, ``{"kind": "observe", "id", "observe",
            "absent"}`` with the names of the kernels that are not there meanwhile, or ``{"kind": "test", "id",
            "observe"}`` with the text of the instructor's own test, which is sent only when its turn has come.
        limits: how much it may use.
        unsafe: run it without walls, as this user, with the limits alone.
        hidden: folders that must not be seen, wherever they lie.
        handed_out: modules of this package that the assignment gives its learners.

    Raises:
        NoSandbox: there is none, and ``unsafe`` is not set.
        Fault: it could not be started, for a reason that has nothing to do with the submission.
    """
    if not unsafe and not is_available():
        raise NoSandbox(
            f"bubblewrap (the command bwrap) is missing here or not allowed to work ({why_not()}), so submissions "
            "cannot be run safely; install it, or see --unsafe-no-sandbox"
        )
    with contextlib.ExitStack() as stack:
        try:
            reading, writing = os.pipe()
            stack.callback(os.close, reading)
            slot = stack.enter_context(free_slot())
            program = ["-s", "-m", "bncourse.observing.runner"]
            if unsafe:
                home = stack.enter_context(tempfile.TemporaryDirectory(prefix="bncourse-", ignore_cleanup_errors=True))
                command, descriptors = [sys.executable, *program], list[int]()
                extra: dict[str, Any] = {"env": environment(None, home), "cwd": home}
            else:
                places = Places(hidden, handed_out)
                command, descriptors = walls(places, limits, stack)
                # bubblewrap itself is the first process inside, so it must not know what the instructor's shell knows.
                command, extra = [*command, places.python, *program], {"env": {}}
            with on_one_core(slot):
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=[writing, *descriptors],
                    start_new_session=True,
                    **extra,
                )
        except OSError as error:
            raise Fault(f"the sandbox could not be started: {error}") from error
        finally:
            with contextlib.suppress(OSError, UnboundLocalError):
                os.close(writing)
        user = USERS + slot if not unsafe and os.geteuid() == 0 else None
        sent = [{key: value for key, value in step.items() if key not in ("observe", "absent")} for step in steps]
        job = {"channel": writing, "limits": asdict(limits), "user": user, "steps": sent}
        try:
            return Watch(process, reading, steps, limits, takes_out=not unsafe and can_take_out()).until_end(job)
        finally:
            end(process)


@contextlib.contextmanager
def free_slot() -> Iterator[int]:
    """A number that no other sandbox of this user has at the time, on this machine.

    It is held by a name of a socket, which needs no file and vanishes with the process, however that ends.
    """
    for slot in range(MOST_SANDBOXES):
        held = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            held.bind(f"\0bncourse-sandbox-{os.getuid()}-{slot}")
        except OSError:
            held.close()
            continue
        try:
            yield slot
        finally:
            held.close()
        return
    raise Fault(f"more than {MOST_SANDBOXES} sandboxes are running on this machine")


@contextlib.contextmanager
def on_one_core(slot: int) -> Iterator[None]:
    """What is started meanwhile runs on one core: however many processes it starts, the other cores are others'."""
    cores = sorted(os.sched_getaffinity(0))
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {cores[slot % len(cores)]})
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, cores)


class Watch:
    """Feeds a job to a sandbox, collects its messages, and ends the run when it exceeds its limits.

    Arguments:
        process: the one that was started.
        reading: where its messages come from.
        steps: what it is to do.
        limits: what it may use.
        takes_out: whether kernels are taken out of its memory while it is observed.
    """

    def __init__(
        self,
        process: subprocess.Popen,
        reading: int,
        steps: Sequence[dict[str, Any]],
        limits: Limits,
        *,
        takes_out: bool = True,
    ) -> None:
        self.process, self.reading, self.limits, self.takes_out = process, reading, limits, takes_out
        self.run = Run()
        self.family = Family(process.pid)
        self.observe = {step["id"]: step for step in steps if step["kind"] != "run"}
        self.waiting = deque(step["id"] for step in steps)
        self.absence: Absence | None = None
        self.buffer, self.received = bytearray(), 0
        self.to_send = bytearray()
        self.started: float | None = None

    def until_end(self, job: dict[str, Any]) -> Run:
        """Watch until there is nothing more to come.

        Raises:
            Fault: it never came to run anything of the submission's.
        """
        assert self.process.stdin is not None  # a pipe
        stdin = self.process.stdin.fileno()
        os.set_blocking(self.reading, False)
        os.set_blocking(stdin, False)
        self.send(job)
        begun = time.monotonic()
        next_look = begun
        with selectors.DefaultSelector() as selector:
            selector.register(self.reading, selectors.EVENT_READ)
            is_writing = False
            while True:
                if bool(self.to_send) != is_writing:
                    is_writing = bool(self.to_send)
                    selector.register(stdin, selectors.EVENT_WRITE) if is_writing else selector.unregister(stdin)
                # Where there is little room left, it may be used up between two looks.
                every = WATCHED_EVERY if self.family.memory < self.limits.memory / 2 else WATCHED_EVERY / 10
                for key, _ in selector.select(every):
                    done = self.write(stdin) if key.fd == stdin else self.read()
                    if done:
                        return self.finished()
                now = time.monotonic()
                if self.started is None:
                    if now - begun > LONGEST_START:
                        raise Fault(f"the sandbox did not start within {LONGEST_START:g} s")
                    continue  # nothing of the submission's runs yet, so that there is nothing to look at
                if now - self.started > self.limits.wall_seconds:
                    self.look()
                    self.run.ended = f"it ran longer than {self.limits.wall_seconds:g} s"
                    self.run.ran_out = True
                    return self.finished()
                if now >= next_look:
                    next_look = now + every
                    self.look()
                    if self.run.ended:
                        return self.finished()

    def send(self, message: Any) -> None:
        """Have a message written to the sandbox."""
        data = wire.pack(message)
        self.to_send += struct.pack("<Q", len(data)) + data

    def write(self, stdin: int) -> bool:
        """Write what the pipe takes; never the end."""
        try:
            del self.to_send[: os.write(stdin, self.to_send[:65536])]
        except BlockingIOError:
            pass
        except OSError:  # it does not read any more: then it has to be heard to its end
            self.to_send.clear()
        return False

    def read(self) -> bool:
        """Read what came; whether it was the last."""
        data = os.read(self.reading, 1 << 20)
        self.received += len(data)
        if self.received > self.limits.answer:
            self.run.ended = f"it sent more than {self.limits.answer >> 20} MiB"
            return True
        self.buffer += data
        while len(self.buffer) >= 8 and not self.run.ended:
            (size,) = struct.unpack_from("<Q", self.buffer)
            if size > 1 << 30:
                self.run.ended = "what it sent cannot be read"
                return True
            if len(self.buffer) < 8 + size:
                break
            message = bytes(self.buffer[8 : 8 + size])
            del self.buffer[: 8 + size]
            if self.take(message):
                return True
        if not data and not self.run.ended:
            self.look()
            self.run.ended = how_it_ended(self.process)
        return bool(self.run.ended)

    def take(self, data: bytes) -> bool:
        """Take one message; whether it was the last."""
        try:
            message = wire.unpack(data)
        except wire.WireError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("step"), str):
            self.run.ended = "what it sent cannot be read"
            return True
        step = message["step"]
        if self.started is None and step == "start":
            self.started = time.monotonic()
            self.family.supervisor = first_inside(self.process.pid)
            self.family.look(self.limits.memory)
            self.family.begin()
            return False
        if step == "end":
            return True
        if not self.waiting or step != self.waiting[0]:
            self.run.ended = "it sent more than was asked"
            return True
        if step in self.observe and self.absence is None:
            self.absence = Absence(tuple(self.observe[step].get("absent", ())))
            self.take_out()
            if self.run.ended:
                return True
            self.send(self.observe[step]["observe"])  # only now: before, the questions are nowhere in there
            return False
        if self.absence is not None:
            self.absence.put_back()
            self.absence = None
            self.send("go on")
        self.waiting.popleft()
        self.run.messages.append(message)
        return False

    def take_out(self) -> None:
        """Take the kernels out of every process, until no process is left that has them."""
        if self.absence is None or not self.takes_out or not self.absence.names:
            return
        with contextlib.suppress(OSError):
            while self.absence.take_out(descendants(self.process.pid)):
                pass
        if self.absence.hidden:
            self.run.ended = "it hid its memory"

    def look(self) -> None:
        """Look at what it uses, and say what is too much."""
        limits, family = self.limits, self.family
        begun = time.thread_time()
        family.look(limits.memory)
        if time.thread_time() - begun > LONGEST_LOOK:
            self.run.ended = "it cut its memory into too many pieces to be counted"
            return
        if self.absence is not None:
            self.take_out()  # of programs that were started in the meantime
        if family.memory > limits.memory:
            self.run.ended = f"it used more than {limits.memory >> 20} MiB of memory"
        elif family.tables > MOST_TABLES:
            self.run.ended = f"the tables of its memory took more than {MOST_TABLES >> 20} MiB"
        elif len(family.members) > limits.processes + 3:
            self.run.ended = f"it started more than {limits.processes} processes"
        elif family.used > limits.cpu_seconds:
            self.run.ended = "it used up its time on the processor"

    def finished(self) -> Run:
        """The run, with what it used.

        Raises:
            Fault: it never came to run anything of the submission's.
        """
        if not self.run.ended:
            self.family.look(self.limits.memory)
        if self.started is None:
            stop(self.process)
            words = self.process.stderr.read(2000).decode(errors="replace").strip() if self.process.stderr else ""
            raise Fault(f"the sandbox could not be started: {words or self.run.ended}")
        self.run.peak, self.run.cpu_seconds = self.family.peak, self.family.used
        self.run.held_up = self.family.held_up
        return self.run


def first_inside(process: int) -> int:
    """The first process within the sandbox, of which all others in there descend."""
    children = descendants(process)
    return children[1] if len(children) > 1 else process


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


def stop(process: subprocess.Popen) -> None:
    """End everything that runs in there; with the first process of a pid namespace all others go too."""
    if process.poll() is None:
        for member in reversed(descendants(process.pid)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(member, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end(process: subprocess.Popen) -> None:
    """End everything that runs in there, and close what led to it."""
    stop(process)
    for stream in (process.stdin, process.stderr):
        if stream and not stream.closed:
            with contextlib.suppress(BrokenPipeError, OSError):
                stream.close()
