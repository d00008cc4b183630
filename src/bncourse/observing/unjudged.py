"""What stands in for a check inside the sandbox, where what is right is out of reach."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from bncourse.observing.tasks import TASKS

__all__ = ["IN_SANDBOX", "UNJUDGED", "NoVerdict", "Unjudged", "is_sandbox"]

IN_SANDBOX = "BNCOURSE_SANDBOX"
"""The environment variable by which the sandbox of grading says what it is."""


def is_sandbox() -> bool:
    """Whether this process runs in the sandbox of grading."""
    return IN_SANDBOX in os.environ


@dataclass(frozen=True)
class NoVerdict:
    """What a check says where nothing is judged; it has the same attributes as a report."""

    check: str
    passed: bool = False
    score: float = 0.0
    diagnosis: str = "not-judged-here"

    def require(self) -> None:
        """Raise an :class:`AssertionError`: without a verdict nothing has been shown to be right."""
        raise AssertionError(str(self))

    def __str__(self) -> str:
        return (
            f"checks.{self.check}: no verdict here. While a submission is graded, a check in a cell of your own is not "
            "judged; the graded checks are."
        )

    __repr__ = __str__


@dataclass(frozen=True)
class Unjudged:
    """Takes what a check takes, and gives no verdict."""

    name: str

    def __call__(self, *theirs: Any, seed: int = 0) -> NoVerdict:
        """Return a report without a verdict."""
        return NoVerdict(self.name)


UNJUDGED: dict[str, Unjudged] = {name: Unjudged(name) for name in TASKS}
"""For each check what stands in for it, by its name."""
