"""The same grading inside nbgrader: ``nbgrader autograde`` and the formgrader's button use it by these settings.

In ``nbgrader_config.py``::

    c.Autograde.pre_convert_hook = "bncourse.grading.autograde.set_aside"
    c.Autograde.sanitize_preprocessors = ["bncourse.grading.autograde.TakeTexts"]
    c.Autograde.autograde_preprocessors = [
        "bncourse.grading.autograde.GradeSafely",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
    ]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool

from bncourse.grading.assignment import Assignment
from bncourse.grading.course import Course
from bncourse.grading.judging import Settings, grade
from bncourse.grading.submitted import strange

__all__ = ["GradeSafely", "TakeTexts", "set_aside"]


def set_aside(notebooks: list[str] | None = None, **_: Any) -> None:
    """Before nbgrader copies a submission: move what it must not copy out of the way, and say so.

    nbgrader follows links as it copies, so that a link would carry another's work, or the gradebook, into the feedback;
    it copies files of any size; and a ``timestamp.txt`` that is no date ends it, for everybody. Nothing is lost: what
    was moved lies in ``set-aside/``, under the same path.
    """
    for folder in {Path(path).parent for path in notebooks or ()}:
        for path, why in strange(folder):
            place = folder.parents[2] / "set-aside" / path.relative_to(folder.parents[1])
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, place)
            print(f"set aside: {str(path)!r}: {why}; it is in {str(place)!r} now", file=sys.stderr)


class TakeTexts(NbGraderPreprocessor):
    """Leaves a submission as it is: what is taken of it is decided by :class:`GradeSafely`."""

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Hand the submission on."""
        return notebook, resources


class GradeSafely(NbGraderPreprocessor):
    """Grades a submission in a sandbox, in place of nbgrader's Execute."""

    unsafe_no_sandbox = Bool(
        False, help="Run submissions without a sandbox, as this user; every report will say so."
    ).tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Replace the notebook by the graded one."""
        directory = CourseDirectory(config=self.config)
        name = resources["nbgrader"]["assignment"]
        folder = Path(directory.format_path(directory.source_directory, ".", name))
        course = Course(Path(directory.root))
        settings = Settings(course.secret(), unsafe=self.unsafe_no_sandbox, hidden=(str(course.root),))
        graded = grade(nbformat.writes(notebook).encode(), Assignment.load(folder), settings)
        return nbformat.reads(graded.decode(), as_version=4), resources
