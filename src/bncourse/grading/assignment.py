"""An assignment as the instructor wrote it: the notebook that learners get, and what each of its test cells checks."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

__all__ = ["MARKS", "Assignment", "Call"]

MARKS = re.compile(r"^[ \t]*### (?:BEGIN|END) SOLUTION.*\n?", re.MULTILINE)
"""The lines between which nbgrader takes a solution out."""

PARTIAL = re.compile(r"^#\s*partial\s*=\s*true\s*$", re.MULTILINE | re.IGNORECASE)
"""The line of a test cell by which it gives points for a part."""


HANDED_OUT = ("faulty",)
"""Modules of this package that an assignment may give its learners, to measure what is in them."""


@dataclass(frozen=True)
class Call:
    """One check of a test cell: ``checks.<check>(<objects>).require()``."""

    check: str
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Assignment:
    """What a submission is laid into and measured by; small, and the same on every machine.

    Attributes:
        name: as in ``"06-running-statistics"``.
        released: the notebook that learners get, as JSON.
        answers: per cell that asks for a written answer the model answer with its rubric.
        tests: per test cell with the instructor's own asserts its text, hidden tests included.
        solutions: per code cell of the learner's the course's own solution.
    """

    name: str
    released: str
    answers: dict[str, str] = field(default_factory=dict, hash=False, compare=False)
    tests: dict[str, str] = field(default_factory=dict, hash=False)
    solutions: dict[str, str] = field(default_factory=dict, hash=False, compare=False)

    @classmethod
    def load(cls, folder: Path) -> Assignment:
        """Read the source of an assignment, and take the solutions out as ``nbgrader generate_assignment`` does.

        Raises:
            ValueError: there is not exactly one notebook, or a test cell mixes checks with other code.
        """
        notebooks = sorted(folder.glob("*.ipynb"))
        if len(notebooks) != 1:
            raise ValueError(f"{folder} holds {len(notebooks)} notebooks; an assignment of this course is one")
        source = nbformat.read(notebooks[0], as_version=4)
        answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in source.cells if is_written(cell)}
        tests = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in source.cells
            if is_test(cell) and read_calls(cell.source, folder.name) is None  # so that a mistake shows here
        }
        solutions = {
            cell.metadata.nbgrader.grade_id: MARKS.sub("", cell.source)
            for cell in source.cells
            if is_solution(cell) and cell.cell_type == "code"
        }
        return cls(folder.name, nbformat.writes(release(notebooks[0])), answers, tests, solutions)

    @property
    def notebook(self) -> NotebookNode:
        """A copy of the released notebook."""
        return nbformat.reads(self.released, as_version=4)

    @cached_property
    def calls(self) -> dict[str, list[Call]]:
        """Per test cell, by its id: what it checks; nothing where it holds the instructor's own asserts."""
        return {
            cell.metadata.nbgrader.grade_id: read_calls(cell.source, self.name) or []
            for cell in self.notebook.cells
            if is_test(cell)
        }

    @cached_property
    def partial(self) -> frozenset[str]:
        """The test cells that give points by the stages passed, because their text has ``# partial = true``."""
        return frozenset(
            cell.metadata.nbgrader.grade_id
            for cell in self.notebook.cells
            if is_test(cell) and PARTIAL.search(cell.source) and self.calls[cell.metadata.nbgrader.grade_id]
        )

    @cached_property
    def handed_out(self) -> tuple[str, ...]:
        """The modules of this package that learners are given here: those that the released notebook imports."""
        code = "\n".join(cell.source for cell in self.notebook.cells if cell.cell_type == "code")
        imported = " ".join(re.findall(r"^from bncourse import (.*)$", code, re.MULTILINE))
        return tuple(name for name in HANDED_OUT if name in re.findall(r"\w+", imported))

    @property
    def own_tests(self) -> frozenset[str]:
        """The test cells that hold the instructor's own asserts."""
        return frozenset(self.tests)

    def stub(self, name: str) -> str:
        """What stands in a cell before a learner writes."""
        return next(
            c.source.strip() for c in self.notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name
        )

    @cached_property
    def points(self) -> dict[str, float]:
        """Per test cell: what it is worth."""
        return {
            cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
            for cell in self.notebook.cells
            if is_test(cell)
        }

    @cached_property
    def all_points(self) -> dict[str, float]:
        """Per cell that has points, written answers included: what it is worth."""
        return {
            cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
            for cell in self.notebook.cells
            if is_graded(cell)
        }


def is_graded(cell: NotebookNode) -> bool:
    """Whether a cell has points, by a check or by the instructor's judgement."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell is graded by a check."""
    own = cell.metadata.get("nbgrader", {})
    return bool(own.get("grade")) and not own.get("solution") and cell.cell_type == "code"


def is_written(cell: NotebookNode) -> bool:
    """Whether a cell asks for an answer in words, for which a person gives points."""
    return is_graded(cell) and is_solution(cell) and cell.cell_type == "markdown"


def is_solution(cell: NotebookNode) -> bool:
    """Whether a cell is the learner's to write."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def release(path: Path) -> NotebookNode:
    """The notebook without its solutions, by nbgrader's own steps."""
    from nbgrader import preprocessors
    from traitlets.config import Config, PyFileConfigLoader

    config = Config()
    settings = path.parents[2] / "nbgrader_config.py"
    if settings.is_file():
        config = PyFileConfigLoader(settings.name, path=str(settings.parent)).load_config()
    notebook = nbformat.read(path, as_version=4)
    resources: dict = {"metadata": {"name": path.stem, "path": str(path.parent)}}
    for step in (
        preprocessors.LockCells,
        preprocessors.ClearSolutions,
        preprocessors.ClearOutput,
        preprocessors.ClearHiddenTests,
        preprocessors.ClearMarkScheme,
        preprocessors.CheckCellMetadata,
        preprocessors.ComputeChecksums,
    ):
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook


def read_calls(source: str, assignment: str) -> list[Call] | None:
    """What a test cell checks; ``None`` where it holds the instructor's own code, such as asserts.

    Raises:
        ValueError: it is no Python, is empty, or mixes the two: a check is judged where no code of the cell runs.
    """
    from bncourse.judging.answers import CHECKS  # with torch, which who only returns grades does not wait for

    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise ValueError(f"{assignment}: a test cell is no Python (line {error.lineno}: {error.msg})") from None
    calls, others = [], []
    for statement in statements:
        match statement:
            case ast.Expr(
                ast.Call(
                    ast.Attribute(ast.Call(ast.Attribute(ast.Name("checks"), check), arguments, []), "require"),
                    [],
                    [],
                )
            ) if check in CHECKS and all(isinstance(argument, ast.Name) for argument in arguments):
                calls.append(Call(check, tuple(map(ast.unparse, arguments))))
            case _:
                others.append(statement)
    if not calls and not others:
        raise ValueError(f"{assignment}: a test cell checks nothing")
    if others and (calls or any(isinstance(n, ast.Name) and n.id == "checks" for s in others for n in ast.walk(s))):
        raise ValueError(
            f"{assignment}: a test cell holds {ast.unparse(others[0])!r} and a check; a cell has either lines such as "
            "checks.linear(Linear).require(), or asserts of your own: make two cells of it"
        )
    return calls or None
