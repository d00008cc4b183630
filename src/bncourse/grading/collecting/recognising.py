"""Which assignment's notebook a file is, by what is in it: its title, the texts of its locked cells, their ids."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bncourse.grading.assignment import Assignment
from bncourse.grading.submission import Cell, Unreadable, read_cells, rebuild

__all__ = ["Recogniser"]

TITLE, TEXT, ID = 3, 2, 1
"""What each piece of evidence weighs: an id can be copied with a cell, a title is written once."""


@dataclass(frozen=True)
class Recogniser:
    """Knows the assignments of a course.

    Attributes:
        assignment: the one that is collected.
        sources: per assignment of the course, its notebook in ``solutions/``.
    """

    assignment: Assignment
    sources: dict[str, Path]

    @classmethod
    def of(cls, assignment: Assignment, folder: Path) -> Recogniser:
        """From the folder of sources, in which each assignment has a folder with one notebook."""
        return cls(assignment, {path.parent.name: path for path in sorted(folder.glob("*/*.ipynb"))})

    @cached_property
    def evidence(self) -> dict[tuple[str, str], tuple[str, int]]:
        """Per piece of evidence that stands in one assignment alone: which, and what it weighs."""
        pieces: dict[tuple[str, str], set[str]] = {}
        for name, path in self.sources.items():
            for piece in evidence_in(read_cells(path.read_bytes())):
                pieces.setdefault(piece, set()).add(name)
        weights = {"title": TITLE, "text": TEXT, "id": ID}
        return {piece: (min(names), weights[piece[0]]) for piece, names in pieces.items() if len(names) == 1}

    def which(self, cells: Iterable[Cell]) -> str | None:
        """The assignment for which most of the evidence speaks."""
        found: Counter[str] = Counter()
        for piece in evidence_in(cells):
            if piece in self.evidence:
                name, weight = self.evidence[piece]
                found[name] += weight
        return max(found, key=lambda name: (found[name], name == self.assignment.name)) if found else None

    @cached_property
    def solution(self) -> list[tuple[str, str]]:
        """The cells of the assignment's own notebook, by id and text."""
        return texts_of(self.sources[self.assignment.name].read_bytes())

    def is_published(self, data: bytes) -> bool:
        """Whether a notebook is the assignment's own, solution and all, as it lies in a copy of the repository."""
        return self.assignment.name in self.sources and texts_of(data) == self.solution

    def problem(self, data: bytes) -> str:
        """Why a file cannot be graded as the assignment's notebook; empty where it can."""
        try:
            which = self.which(read_cells(data))
            if which is not None and which != self.assignment.name:
                return f"it is the notebook of {which}, and not of {self.assignment.name}"
            rebuild(data, self.assignment)
        except Unreadable as error:
            return str(error)
        return ""


def texts_of(data: bytes) -> list[tuple[str, str]]:
    """The cells of a notebook, by id and text."""
    return [(cell.name, cell.text.strip()) for cell in read_cells(data)]


def evidence_in(cells: Iterable[Cell]) -> set[tuple[str, str]]:
    """What in a notebook may tell which one it is; a title is a heading of the first level in words alone."""
    found = set()
    for cell in cells:
        text = re.sub(r"\s+", " ", cell.text).strip()
        if len(text) >= 12:
            found.add(("text", text))
        if cell.name:
            found.add(("id", cell.name))
        if cell.kind == "markdown" and (title := re.match(r"\s*#\s+(.+)", cell.text)):
            found.add(("title", re.sub(r"\W+", " ", title[1]).casefold().strip()))
    return found
