"""Finished versions are absent while a check observes: torch's own kernels of that name raise.

Watching can be fooled by code that runs beside the watch. So the entry points of the kernels, in the memory of every
process of the sandbox, are overwritten from outside of it, through ``/proc/…/mem``, with a jump to torch's own
function that raises an error; after the observation they are put back, because comparing with torch's layer in a
cell of one's own is good practice. It holds in threads, under ``torch.jit`` and through ``torch.ops``, whatever the
submission has replaced in Python.
"""

from __future__ import annotations

import contextlib
import functools
import mmap
import platform
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

__all__ = ["Absence", "is_possible", "kernels"]

LIBRARY, CORE = "libtorch_cpu.so", "libc10.so"
RAISES = b"_ZN3c106detail14torchCheckFailEPKcS2_jS2_"
"""``c10::detail::torchCheckFail(function, file, line, message)``, by which torch raises a RuntimeError."""

NAMELESS = "rms_norm"
"""The library exports its kernel under no name, so that what calls the kernel is taken out, too."""

EXPORTED, LOCAL = 11, 2
"""Kinds of sections, in the ELF format: names for other libraries, and all names, which some builds leave out."""

WORDS = b"this is not there while your own version is checked: write it yourself\0"


@dataclass(frozen=True)
class Function:
    """Where a function's code lies in its library, and how long it is."""

    offset: int
    size: int


def is_possible() -> bool:
    """Whether the code that is written here fits this processor and this torch."""
    return platform.machine() == "x86_64" and bool(kernels(("batch_norm",))) and raising() is not None


@functools.cache
def kernels(names: tuple[str, ...]) -> tuple[Function, ...]:
    """The functions of torch's CPU library whose names contain one of these, as in ``("batch_norm",)``."""
    if not names:
        return ()
    words = b"|".join(re.escape(name.encode()) for name in names)
    found = functions(LIBRARY, rb"\0(_ZN2at6native[^\0]*(?:" + words + rb")[^\0]*)(?=\0)")
    if NAMELESS in names:
        found = found | nameless()
    return tuple(found.values())


@functools.cache
def nameless() -> dict[str, Function]:
    """What calls the kernel that is exported under no name, and the kernel, where the library kept its name."""
    name = NAMELESS.encode()
    callers = functions(LIBRARY, rb"\0(_ZN2at4_ops[^\0]*" + name + rb"[^\0]*)(?=\0)")
    return callers | functions(LIBRARY, rb"\0(_ZN2at6native[^\0]*" + name + rb"[^\0]*)(?=\0)", LOCAL)


@functools.cache
def raising() -> Function | None:
    """Torch's function that raises; ``None`` where it has another name."""
    return functions(CORE, rb"\0(" + RAISES + rb")(?=\0)").get(RAISES.decode())


def functions(library: str, pattern: bytes, kind: int = EXPORTED) -> dict[str, Function]:
    """The functions that a library of torch's has under a name of this pattern, in its list of this kind."""
    path = Path(torch.__file__).parent / "lib" / library
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError:
        return {}
    with data:
        if data[:5] != b"\x7fELF\x02":
            return {}
        (start,) = struct.unpack_from("<Q", data, 0x28)
        size, count = struct.unpack_from("<HH", data, 0x3A)
        sections = [struct.unpack_from("<IIQQQQIIQQ", data, start + i * size) for i in range(count)]
        symbols = next((section for section in sections if section[1] == kind), None)
        if symbols is None:
            return {}
        texts = sections[symbols[6]]
        layout = [("name", "<u4"), ("info", "u1"), ("other", "u1"), ("section", "<u2"), ("at", "<u8"), ("size", "<u8")]
        table = np.frombuffer(data[symbols[4] : symbols[4] + symbols[5]], np.dtype(layout))
        names = {m.start(1): m[1].decode() for m in re.finditer(pattern, data[texts[4] : texts[4] + texts[5]])}
        code = table[(table["info"] & 15 == 2) & (table["section"] != 0)]
        wanted = code[np.isin(code["name"], np.fromiter(names, np.uint32, len(names)))]
        return {names[int(row["name"])]: Function(int(row["at"]), int(row["size"])) for row in wanted}


def landing(fails: int, at: int) -> bytes:
    """Machine code at an address: raise torch's error with a sentence in place of whatever was called."""
    # lea rdi, [words]; lea rsi, [words]; xor edx, edx; lea rcx, [words]; movabs rax, fails; jmp rax; words
    length = 7 + 7 + 2 + 7 + 10 + 2
    return b"".join(
        [
            b"\x48\x8d\x3d" + struct.pack("<i", length - 7),
            b"\x48\x8d\x35" + struct.pack("<i", length - 14),
            b"\x31\xd2",
            b"\x48\x8d\x0d" + struct.pack("<i", length - 23),
            b"\x48\xb8" + struct.pack("<Q", fails),
            b"\xff\xe0",
            WORDS,
        ]
    )


@dataclass
class Absence:
    """Kernels that are taken out of the processes of a sandbox, and put back.

    Attributes:
        names: of the kernels, as in ``("batch_norm",)``.
        taken: per process and address, the code that was there.
    """

    names: tuple[str, ...]
    taken: dict[int, dict[int, bytes]] = field(default_factory=dict)
    hidden: bool = False
    """Whether a process has them in memory that nobody else may write to."""

    def take_out(self, processes: Iterable[int]) -> int:
        """Take them out of processes that have torch loaded; returns of how many that were not known yet."""
        new = 0
        for process in processes:
            places = bases(process, LIBRARY)
            known = self.taken.setdefault(process, {})
            for base in places:
                if not known.keys() & {base + kernel.offset for kernel in kernels(self.names)}:
                    try:
                        new += self.take_out_at(process, base, known)
                    except OSError:
                        # It has ended meanwhile, or it runs on and cannot be written to.
                        self.hidden = self.hidden or base in bases(process, LIBRARY)
        return new

    def take_out_at(self, process: int, base: int, known: dict[int, bytes]) -> int:
        """Take them out of one copy of the library in one process."""
        found = kernels(self.names)
        core, fails = bases(process, CORE), raising()
        if not found or not core or fails is None:
            return 0
        largest = max(found, key=lambda kernel: kernel.size)
        target = base + largest.offset
        code = {target: landing(core[0] + fails.offset, target)}
        for kernel in found:
            if kernel is not largest:
                at = base + kernel.offset
                code[at] = b"\xe9" + struct.pack("<i", target - (at + 5))
        if len(code[target]) > largest.size:
            return 0
        with memory(process) as file:
            for at, data in code.items():
                file.seek(at)
                known[at] = file.read(len(data))
            for at, data in code.items():
                file.seek(at)
                file.write(data)
        return 1

    def put_back(self) -> None:
        """Put back what was taken out, in the processes that still exist."""
        for process, known in self.taken.items():
            with contextlib.suppress(OSError, ValueError), memory(process) as file:
                for at, data in known.items():
                    file.seek(at)
                    file.write(data)
        self.taken.clear()


def memory(process: int) -> BinaryIO:
    """The memory of a process, as a file."""
    return open(f"/proc/{process}/mem", "r+b", buffering=0)


def bases(process: int, library: str) -> list[int]:
    """The addresses at which a library lies in a process, one for each time that it is loaded.

    They are told by its code: the rest of it can be taken out of memory, and the code goes on running.
    """
    offset, address = code_of(library)
    found = set()
    try:
        for line in Path(f"/proc/{process}/maps").read_bytes().splitlines():
            if line.endswith(library.encode()):
                place, rights, at = line.split(None, 3)[:3]
                if b"x" in rights:
                    found.add(int(place.split(b"-")[0], 16) - int(at, 16) + offset - address)
    except OSError:
        return []
    return sorted(found)


@functools.cache
def code_of(library: str) -> tuple[int, int]:
    """Where the code of a library of torch's lies in its file, and in memory from the library's base on."""
    with (Path(torch.__file__).parent / "lib" / library).open("rb") as file:
        head = file.read(64)
        (start,) = struct.unpack_from("<Q", head, 0x20)
        size, count = struct.unpack_from("<HH", head, 0x36)
        file.seek(start)
        table = file.read(size * count)
    for i in range(count):
        kind, rights, offset, address = struct.unpack_from("<IIQQ", table, i * size)
        if kind == 1 and rights & 1:  # loaded, and executable
            return offset, address
    return 0, 0
