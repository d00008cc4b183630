"""An assignment as the instructor wrote it: the notebook that learners get, and what each of its test cells checks."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from bncourse.judging.answers import CHECKS

__all__ = ["Assignment", "Call"]


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
    """

    name: str
    released: str

    @classmethod
    def load(cls, folder: Path) -> Assignment:
        """Read the source of an assignment, and take the solutions out as ``nbgrader generate_assignment`` does.

        Raises:
            ValueError: there is not exactly one notebook, or a test cell is more than calls of checks.
        """
        notebooks = sorted(folder.glob("*.ipynb"))
        if len(notebooks) != 1:
            raise ValueError(f"{folder} holds {len(notebooks)} notebooks; an assignment of this course is one")
        assignment = cls(folder.name, nbformat.writes(release(notebooks[0])))
        assignment.calls  # noqa: B018 - reads every test cell once, so that a mistake shows here
        return assignment

    @property
    def notebook(self) -> NotebookNode:
        """A copy of the released notebook."""
        return nbformat.reads(self.released, as_version=4)

    @cached_property
    def calls(self) -> dict[str, list[Call]]:
        """Per test cell, by its id: what it checks."""
        return {
            cell.metadata.nbgrader.grade_id: read_calls(cell.source, self.name)
            for cell in self.notebook.cells
            if is_test(cell)
        }

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
        preprocessors.CheckCellMetadata,
        preprocessors.ComputeChecksums,
    ):
        notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook


def read_calls(source: str, assignment: str) -> list[Call]:
    """What a test cell checks; nothing else may stand in it, because it is judged where it does not run."""
    calls = []
    for statement in ast.parse(source).body:
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
                raise ValueError(
                    f"{assignment}: a test cell holds {ast.unparse(statement)!r}; "
                    "it may only hold lines such as checks.linear(Linear).require()"
                )
    if not calls:
        raise ValueError(f"{assignment}: a test cell checks nothing")
    return calls
