"""The catalogue of misconceptions: every mistake that a check knows, on one page.

``python -m bncourse.judging.catalogue`` prints the page in MyST Markdown; the site makes it when it is built, from the
same values by which a check names what is wrong, so the two cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from bncourse.judging.answers import CHECKS
from bncourse.judging.check import Check
from bncourse.judging.diagnosis import GENERAL_HINTS, Case
from bncourse.observing.task import Answer, Question

__all__ = ["Entry", "entries", "page"]


@dataclass(frozen=True)
class Entry:
    """One mistake in one assignment.

    Attributes:
        name: the diagnosis, as a report has it.
        hint: the sentence that a learner is told.
        checks: the checks of the assignment that find it.
        chapter: the chapter that explains it, as in ``"06-running-statistics"``.
        seen: what the check sees of it: what was looked at, and what came back.
        ways: in how many ways the check knows it to be written.
    """

    name: str
    hint: str
    checks: tuple[str, ...]
    chapter: str
    seen: str
    ways: int


def chapter_of(check: Check) -> str:
    """Return the chapter that a check is about: that of its assignment, by the name of the file with its task."""
    file = check.task.ask.__module__.rsplit(".", 1)[-1]
    assignment = file.removeprefix("exercise_").replace("_", "-")
    return WITHOUT_CHAPTER.get(assignment, assignment)


WITHOUT_CHAPTER = {"16-diagnosis": "08-vital-signs"}
"""Assignments that have no chapter of their own, with the chapter that explains them."""


@cache
def asked(check: Check) -> tuple[list[Question], list[Answer]]:
    """Return the questions of a check, and the right answers."""
    questions = check.task.ask(np.random.default_rng(0))
    return questions, [check.answer_of(check.right, question) for question in questions]


def seen_of(check: Check, way: Callable) -> str:
    """Return what a check sees first of an implementation."""
    questions, expected = asked(check)
    answers = [check.answer_of(way, question) for question in questions]
    case = Case(questions, answers, expected, (), check.answer_of)
    return f"{case.first.name}: {case.first.words}" if case.mismatches else "nothing: it is a finished version"


@cache
def entries() -> list[Entry]:
    """Return every known mistake, by chapter and name; one that several checks of a chapter find stands there once."""
    found: dict[tuple[str, str], Entry] = {}
    for check in CHECKS.values():
        chapter = chapter_of(check)
        for mistake in check.mistakes:
            key = chapter, mistake.name
            if key not in found:
                seen = seen_of(check, mistake.ways[0])
                found[key] = Entry(mistake.name, mistake.hint, (check.name,), chapter, seen, len(mistake.ways))
                continue
            old = found[key]
            checks = old.checks if check.name in old.checks else (*old.checks, check.name)
            ways = old.ways + len(mistake.ways) * (check.name == old.checks[0])
            found[key] = Entry(old.name, old.hint, checks, chapter, old.seen, ways)
    return [found[key] for key in sorted(found)]


def page() -> str:
    """Return the catalogue as a page of the site."""
    known = entries()
    lines = [
        "# Misconceptions",
        "",
        f"The checks of this course know {len(known)} mistakes by name.",
        "Each is told from the others by what it does: a check puts the same questions to an implementation that makes "
        "the mistake, and compares the answers.",
        "The table of a chapter has the name of a mistake as a report shows it, the check that finds it, what that "
        "check sees first, and the sentence that the learner is told.",
        "",
    ]
    for chapter in sorted({entry.chapter for entry in known}):
        lines += [f"## Chapter {chapter[:2]}", "", f"[The chapter](../chapters/{chapter}.ipynb) explains them.", ""]
        lines += [
            "| name | check | what the check sees first | what the learner is told |",
            "| --- | --- | --- | --- |",
        ]
        lines += [row(entry) for entry in known if entry.chapter == chapter]
        lines.append("")
    lines += ["## In any assignment", "", "These are said where no known mistake explains what came back.", ""]
    lines += ["| name | what the learner is told |", "| --- | --- |"]
    lines += [f"| `{name}` | {plain(hint)} |" for name, hint in GENERAL_HINTS.items()]
    return "\n".join(lines) + "\n"


def row(entry: Entry) -> str:
    """Return one line of a table."""
    checks = ", ".join(f"`{check}`" for check in entry.checks)
    return f"| `{entry.name}` | {checks} | {plain(code(entry.seen))} | {plain(entry.hint)} |"


def plain(text: str) -> str:
    """Return a text that cannot end a cell of a table, nor be taken for an emphasis or a formula."""
    parts = re.split(r"(`[^`]*`)", text.replace("|", "\\|"))
    return "".join(part if part.startswith("`") else re.sub(r"([*_$<])", r"\\\1", part) for part in parts)


def code(seen: str) -> str:
    """Return what was seen without what changes from one machine to the next: addresses in memory, lines of code."""
    return re.sub(r" at 0x[0-9a-f]+| \(line .*\)$", "", seen).replace("`", "'")


if __name__ == "__main__":
    print(page(), end="")
