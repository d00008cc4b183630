"""The same grading inside nbgrader: ``nbgrader autograde`` and the formgrader's button use it by these settings.

In ``nbgrader_config.py``::

    c.Autograde.sanitize_preprocessors = ["bncourse.grading.autograde.TakeTexts"]
    c.Autograde.autograde_preprocessors = [
        "bncourse.grading.autograde.GradeSafely",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
    ]
"""

from __future__ import annotations

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

__all__ = ["GradeSafely", "TakeTexts"]


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
        settings = Settings(Course(Path(directory.root)).secret(), unsafe=self.unsafe_no_sandbox)
        graded = grade(nbformat.writes(notebook).encode(), Assignment.load(folder), settings)
        return nbformat.reads(graded.decode(), as_version=4), resources
