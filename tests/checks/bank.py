"""The bank of solutions: for each check right ones of different style, and wrong ones with one mistake each.

A file of the bank is named after its check. What stands above its first mark is run before every solution, as the
first cell of the assignment is. A mark begins a solution: ``# %% right: what is special about it``,
``# %% wrong: the-diagnosis-it-must-get, what is wrong``, or ``# %% elsewhere``: the checks that a learner has without
this course, ``prints`` and ``allclose``, functions that take the object and return whether it looks right.
"""

import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bncourse.judging.answers import CHECKS
from bncourse.judging.catalogue import chapter_of

LINES = Path(__file__).with_name("drafts.txt").read_text("utf-8").splitlines()
DRAFTS = [line.strip() for line in LINES if line.strip() and not line.startswith("#")]
"""Assignments of a fork, as in ``"17-my-topic"``, whose checks may be tried on few solutions so far."""

DRAFTED = [check.name for check in CHECKS.values() if chapter_of(check) in DRAFTS]
"""Their checks."""

COMPLETE = [name for name in CHECKS if name not in DRAFTED]
"""The checks that are held to everything."""

FOLDER = Path(__file__).with_name("solutions")


@dataclass(frozen=True)
class Solution:
    """What a learner might hand in for one check."""

    check: str
    kind: str
    diagnosis: str | None
    title: str
    source: str

    def __str__(self) -> str:
        return f"{self.check}-{self.kind}-{self.title}"

    def objects(self) -> list[Any]:
        """What the check is called with."""
        names = run(self.source, f"{self.check}: {self.title}")
        return [names[name] for name in CHECKS[self.check].objects]


def run(source: str, title: str) -> dict[str, Any]:
    """Run the cells of a learner in a module of their own."""
    module = types.ModuleType("__main__")
    exec(compile(source, f"<{title}>", "exec"), vars(module))
    return vars(module)


def parts(check: str) -> tuple[str, list[tuple[str, str, str]]]:
    """The lines above the first mark of a file, and per mark its kind, its title and its source."""
    path = FOLDER / f"{check}.py"
    head, *cells = re.split(r"^# %% ", path.read_text("utf-8"), flags=re.MULTILINE)
    found = []
    for cell in cells:
        mark, _, source = cell.partition("\n")
        kind, _, title = mark.partition(": ")
        assert kind in ("right", "wrong", "elsewhere"), f"{path}: {mark}"
        found.append((kind, title.strip(), source))
    return head, found


def solutions(check: str) -> list[Solution]:
    """Every solution of the bank of a check."""
    head, cells = parts(check)
    found = []
    for kind, title, source in cells:
        if kind != "elsewhere":
            diagnosis = title.partition(",")[0] if kind == "wrong" else None
            found.append(Solution(check, kind, diagnosis, title, head + source))
    return found


def elsewhere(check: str) -> dict[str, Callable[..., bool]]:
    """The checks that a learner has without this course."""
    head, cells = parts(check)
    source = next(source for kind, _, source in cells if kind == "elsewhere")
    names = run(head + source, f"{check}: elsewhere")
    return {name: names[name] for name in ("prints", "allclose") if name in names}
