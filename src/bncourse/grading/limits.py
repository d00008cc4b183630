"""How much a submission may use."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one submission may use; beyond it, it is ended, and what it had answered by then counts.

    Attributes:
        wall_seconds: of the clock, from start to end.
        cpu_seconds: of the processor.
        memory: bytes, of all its processes together.
        processes: at one time, threads included.
        files: open at one time, per process.
        disk: bytes, in its home and in its temporary folder each; both vanish.
        output: bytes of text and pictures that its cells may leave in the graded notebook.
        answer: bytes of everything that it sends.
    """

    wall_seconds: float = 120.0
    cpu_seconds: int = 60
    memory: int = 2048 * MIB
    processes: int = 64
    files: int = 256
    disk: int = 64 * MIB
    output: int = 1 * MIB
    answer: int = 8 * MIB
