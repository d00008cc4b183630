"""The bank of solutions: for each check right ones of different style, and wrong ones with one mistake each.

A file of the bank is named after its check. What stands above its first mark is run before every solution, as the
first cell of the assignment is. A mark begins a solution: ``# %% right: what is special about it``,
``# %% wrong: the-diagnosis-it-must-get, what is wrong``, or ``# %% elsewhere``: the checks that a learner has without
this course, ``prints`` and ``allclose``, functions that take the object and return whether it looks right.

A line ``# head: NAME`` above the first mark stands for the text of ``heads/NAME.py``, which several files share.

A check that trains a network with several parts takes the solutions of the parts' own banks. Its file begins with a
line ``# parts: tanh, dead_units``: every right solution of a part is used, and of the wrong ones those that are named
in a mark without a source of its own, ``# %% wrong: the-diagnosis-it-must-get, tanh: its title there``. The other parts
are right ones then.
"""

import re
import types
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bncourse.judging.answers import CHECKS
from bncourse.judging.catalogue import chapter_of

LINES = Path(__file__).with_name("drafts.txt").read_text("utf-8").splitlines()
DRAFTS = [line.strip() for line in LINES if line.strip() and not line.startswith("#")]
"""Assignments of a fork, as in ``"17-my-topic"``, whose checks may be tried on few solutions so far."""

DRAFTED = [check.name for check in CHECKS.values() if chapter_of(check) in DRAFTS]
"""Their checks."""

TRAINED = [name for name, check in CHECKS.items() if check.outcomes]
"""The checks that train a network with parts that have checks of their own."""

COMPLETE = [name for name in CHECKS if name not in (*DRAFTED, *TRAINED)]
"""The checks that are held to everything."""

FOLDER = Path(__file__).with_name("solutions")
HEADS = Path(__file__).with_name("heads")


@dataclass(frozen=True)
class Solution:
    """What a learner might hand in for one check."""

    check: str
    kind: str
    diagnosis: str | None
    title: str
    source: str
    pieces: tuple[tuple[str, str], ...] = ()
    """Where its parts are solutions of several banks: per bank its check and the source."""

    def __str__(self) -> str:
        return f"{self.check}-{self.kind}-{self.title}"

    def objects(self) -> list[Any]:
        """What the check is called with."""
        names = {}
        for check, source in self.pieces or [(self.check, self.source)]:
            ran = run(source, f"{check}: {self.title}")
            names |= {name: ran[name] for name in CHECKS[check].objects}
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
    head = re.sub(r"^# head: (\w+)$", lambda m: (HEADS / f"{m[1]}.py").read_text("utf-8"), head, flags=re.MULTILINE)
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
    if check in TRAINED:
        return trained(check, head, cells)
    found = []
    for kind, title, source in cells:
        if kind != "elsewhere":
            diagnosis = title.partition(",")[0] if kind == "wrong" else None
            found.append(Solution(check, kind, diagnosis, title, head + source))
    return found


def trained(check: str, head: str, cells: list[tuple[str, str, str]]) -> list[Solution]:
    """The solutions of a check that trains a network with parts that have banks of their own."""
    banks = {name: solutions(name) for name in re.search(r"^# parts: (.*)$", head, flags=re.MULTILINE)[1].split(", ")}
    right = {name: [s for s in bank if s.kind == "right"] for name, bank in banks.items()}

    def together(kind: str, diagnosis: str | None, title: str, chosen: dict[str, Solution]) -> Solution:
        pieces = tuple((name, solution.source) for name, solution in chosen.items())
        return Solution(check, kind, diagnosis, title, "\n".join(source for _, source in pieces), pieces)

    count = max(map(len, right.values()))
    # Each part begins one further, so that those of one style, which stand at one place in several banks, are mixed.
    columns = [islice(cycle(row), shift, shift + count) for shift, row in enumerate(right.values())]
    found = []
    for row in zip(*columns, strict=True):
        title = " + ".join(solution.title for solution in row)
        found.append(together("right", None, title, dict(zip(banks, row, strict=True))))
    for _, title, _ in cells:
        diagnosis, _, which = title.partition(", ")
        name, _, wanted = which.partition(": ")
        [wrong] = [s for s in banks[name] if s.kind == "wrong" and s.title == wanted]
        others = {other: row[0] for other, row in right.items()}
        found.append(together("wrong", diagnosis, title, others | {name: wrong}))
    return found


def elsewhere(check: str) -> dict[str, Callable[..., bool]]:
    """The checks that a learner has without this course; a bank of parts has none of its own."""
    head, cells = parts(check)
    source = next((source for kind, _, source in cells if kind == "elsewhere"), "")
    names = run(head + source, f"{check}: elsewhere")
    return {name: names[name] for name in ("prints", "allclose") if name in names}
