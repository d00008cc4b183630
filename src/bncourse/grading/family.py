"""What a submission uses, all its processes together, as the kernel counts it.

Per process the kernel has limits of its own; these are about the sum, which a program that forks would get around.
Everything is read from outside of the sandbox, in ``/proc``.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["MOST_TABLES", "Family", "descendants"]

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

MOST_TABLES = 128 << 20
"""Bytes of tables that a submission may have; a right one has a hundredth of that."""

SOCKET = 256 << 10
"""Bytes that the kernel keeps for a socket between processes at most, as its buffers."""


@dataclass
class Family:
    """The processes of one sandbox.

    Attributes:
        first: the process that was started, and whose descendants the others are.
        supervisor: the first process inside; 0 while it is not known.
        members: the processes at the last look.
        cpu_seconds: processor time of all of them, and of those that have ended.
        memory: bytes in use at the last look: no page is counted twice, whoever shares it.
        peak: the most memory that was seen.
        tables: bytes of the tables by which the processor finds the pages, at the last look; they are memory, too.
        waited: seconds for which the process that waited most was ready to run and did not, because others did.
    """

    first: int
    supervisor: int = 0
    members: list[int] = field(default_factory=list)
    cpu_seconds: float = 0.0
    memory: int = 0
    peak: int = 0
    tables: int = 0
    waited: float = 0.0
    before: float = 0.0
    """Processor time that was used before anything of the submission's ran."""
    waited_before: float = 0.0
    resident: int = 0
    """The sum over the processes, pages that they share counted for each, when memory was last counted exactly."""

    def look(self, limit: int) -> None:
        """Look at all of them; memory is counted exactly where it has grown or may exceed the limit."""
        self.members = descendants(self.first)
        cpu, resident, largest, tables, held_up = 0.0, 0, 0, 0, 0.0
        for member in self.members:
            with contextlib.suppress(OSError, ValueError, IndexError):
                cpu += self.time_of(member)
                pages, own_tables = pages_of(member)
                resident, largest, tables = resident + pages, max(largest, pages), tables + own_tables
                held_up = max(held_up, waiting_time(member))
        # What a process that nobody waited for had used vanishes from the sum: it never shrinks.
        self.cpu_seconds = max(self.cpu_seconds, cpu)
        self.waited = max(self.waited, held_up)
        self.tables = tables
        if resident + tables > limit or resident + tables > 1.05 * self.resident:
            self.resident = resident + tables
            # To tell whose a page is takes as long as there are tables to look through: where they are too many, what
            # the largest process has is enough to know.
            pages = sum(map(proportional, self.members)) if tables < MOST_TABLES else largest
            self.memory = pages + tables + self.sockets() * SOCKET
            self.peak = max(self.peak, self.memory)

    def begin(self) -> None:
        """Count processor time from here on: what was used so far is the course's, for loading Python and torch."""
        self.before, self.waited_before = self.cpu_seconds, self.waited

    @property
    def used(self) -> float:
        """Processor time that the submission has used."""
        return self.cpu_seconds - self.before

    @property
    def held_up(self) -> float:
        """Seconds that the submission was kept waiting for the processor."""
        return self.waited - self.waited_before

    def time_of(self, process: int) -> float:
        """Seconds that a process and those that it waited for have used."""
        parts = stat_of(process)
        user, system, waited_user, waited_system = (int(part) / TICKS for part in parts[11:15])
        return user + system + waited_user + waited_system

    def sockets(self) -> int:
        """Sockets that exist in the sandbox, held by a process or on their way to one."""
        if not self.supervisor:
            return 0
        try:
            return Path(f"/proc/{self.supervisor}/net/unix").read_bytes().count(b"\n") - 1
        except OSError:
            return 0


def stat_of(process: int) -> list[bytes]:
    """The fields of ``/proc/…/stat`` after the name, which may hold anything."""
    return Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()


def descendants(process: int) -> list[int]:
    """A process, and all that descend from it."""
    found, waiting = [], [process]
    while waiting:
        member = waiting.pop()
        found.append(member)
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{member}/task"):
                with contextlib.suppress(OSError):
                    waiting += map(int, Path(f"/proc/{member}/task/{task}/children").read_bytes().split())
    return found


def pages_of(process: int) -> tuple[int, int]:
    """Bytes of a process's pages, in memory or swapped out, and of the tables by which the processor finds them.

    The tables are in no sum of pages. They may be as large, since a page of zeros that is read has no memory of its own
    and yet an entry in a table.
    """
    sizes = dict(SIZES.findall(Path(f"/proc/{process}/status").read_bytes()))
    kilobytes = {name: int(size) for name, size in sizes.items()}
    pages = kilobytes.get(b"VmRSS", 0) + kilobytes.get(b"VmSwap", 0)
    return pages << 10, kilobytes.get(b"VmPTE", 0) << 10


SIZES = re.compile(rb"^(VmRSS|VmSwap|VmPTE):\s*(\d+) kB", re.MULTILINE)


def proportional(process: int) -> int:
    """Bytes of a process's pages, in memory or swapped out; of what several share, its part."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_bytes()
        return sum(map(int, re.findall(rb"^(?:Pss|SwapPss):\s*(\d+) kB", rollup, re.MULTILINE))) << 10
    except OSError:
        pass
    try:  # a process that may not be looked into: all that it has
        return int(Path(f"/proc/{process}/statm").read_bytes().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def waiting_time(process: int) -> float:
    """Seconds for which a process could have run and others did; 0 where the kernel does not say."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
