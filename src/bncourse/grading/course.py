"""The instructor's course folder, as nbgrader lays it out: who handed in what, and where graded work goes."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy.exc import SAWarning

from bncourse.grading.assignment import Assignment

__all__ = ["Course", "CourseError", "Submission"]

SECRET = ".bncourse-secret"
LOCK = ".bncourse-grading.lock"
RECORDED = ".bncourse-recorded"
"""In the folder of graded work: the key of what the gradebook has."""


class CourseError(Exception):
    """Something is missing or wrong in the course folder; the message says what to do."""


@dataclass(frozen=True)
class Submission:
    """What one student handed in for an assignment."""

    student: str
    path: Path
    timestamp: datetime | None

    def read(self) -> bytes:
        """The notebook as it lies in the file. A link is not followed: it might lead to another's work."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            return file.read()


class Course:
    """A course folder and its gradebook; the one place that writes to both.

    Arguments:
        root: the folder with ``nbgrader_config.py``.
        db: URL of the gradebook, as nbgrader takes it; by default that of the settings.

    Raises:
        CourseError: there is no course in the folder.
    """

    def __init__(self, root: Path, db: str | None = None) -> None:
        self.root = root.resolve()
        if not (self.root / "nbgrader_config.py").is_file():
            raise CourseError(f"{self.root} has no nbgrader_config.py: run the command in the course's folder")
        app = NbGrader()
        app.config_file_paths.insert(0, str(self.root))
        app.load_config_file()
        self.config = app.config
        self.config.CourseDirectory.root = str(self.root)
        if db:
            self.config.CourseDirectory.db_url = db
        self.directory = CourseDirectory(config=self.config)

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Where one step of one student's work lies."""
        return Path(self.directory.format_path(step, student, assignment))

    def assignment(self, name: str) -> Assignment:
        """Read an assignment from its source.

        Raises:
            CourseError: there is none of that name, or the gradebook does not know it.
        """
        folder = self.folder(self.directory.source_directory, ".", name)
        if not folder.is_dir():
            there = sorted(path.name for path in folder.parent.glob("*") if path.is_dir())
            raise CourseError(f"there is no assignment {name!r}; there are {', '.join(there) or 'none'}")
        with self.gradebook() as gradebook:
            try:
                gradebook.find_assignment(name)
            except MissingEntry:
                raise CourseError(
                    f"the gradebook does not know {name!r}: run 'nbgrader generate_assignment {name}' first"
                ) from None
        return Assignment.load(folder)

    def gradebook(self) -> Gradebook:
        """The gradebook, opened."""
        # nbgrader calls the command alembic, which stands beside this Python and perhaps not on the path.
        here = str(Path(sys.executable).parent)
        if here not in os.environ.get("PATH", "").split(os.pathsep):
            os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", "")])
        return Gradebook(self.directory.db_url, self.directory.course_id)

    def secret(self) -> bytes:
        """From which the inputs of the checks are drawn: made once, readable by the instructor alone."""
        path = self.root / SECRET
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=self.root, delete=False) as file:
                file.write(secrets.token_hex(32))
            os.chmod(file.name, 0o600)
            try:
                os.link(file.name, path)
            except FileExistsError:
                pass
            finally:
                os.unlink(file.name)
        return bytes.fromhex(path.read_text())

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only one that grades in this folder.

        Raises:
            CourseError: somebody else does.
        """
        with open(self.root / LOCK, "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CourseError("another process is grading in this folder: wait for it to end") from None
            yield

    def submissions(self, assignment: Assignment, students: list[str] | None = None) -> list[Submission]:
        """What was handed in, by student. A folder without the assignment's notebook is not among it.

        Where the notebook has a name of its own, as when it was saved from Colab, and is the only one, it is taken.
        """
        submitted = self.root / self.directory.submitted_directory
        found = []
        for folder in sorted(submitted.glob(f"*/{assignment.name}")):
            student = folder.parent.name
            if students and student not in students:
                continue
            notebooks = sorted(path for path in folder.glob("*.ipynb") if not path.is_symlink())
            named = [path for path in notebooks if path.stem == assignment.name]
            for path in named or (notebooks if len(notebooks) == 1 else []):
                found.append(Submission(student, path, self.directory.get_existing_timestamp(str(folder))))
        return found

    def graded(self, submission: Submission, assignment: Assignment) -> Path:
        """Where its graded notebook is, or will be."""
        folder = self.folder(self.directory.autograded_directory, submission.student, assignment.name)
        return folder / f"{assignment.name}.ipynb"

    def outcome(self, submission: Submission, assignment: Assignment) -> dict[str, Any]:
        """What grading noted in the graded notebook; empty without one, or where nbgrader alone made it."""
        try:
            # As JSON: nbformat would check the whole notebook, which takes a hundred times as long.
            return json.loads(self.graded(submission, assignment).read_bytes())["metadata"]["bncourse"]
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def is_graded(self, submission: Submission, assignment: Assignment, key: str) -> bool:
        """Whether this very submission has been graded, by these checks."""
        return self.outcome(submission, assignment).get("key") == key

    def is_recorded(self, submission: Submission, assignment: Assignment, key: str) -> bool:
        """Whether the gradebook has that grade."""
        marker = self.graded(submission, assignment).with_name(RECORDED)
        return marker.is_file() and marker.read_text() == key

    def keep(self, submission: Submission, assignment: Assignment, graded: bytes) -> None:
        """Put a graded notebook in its place, all of it or nothing."""
        path = self.graded(submission, assignment)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, graded)
        timestamp = submission.path.with_name("timestamp.txt")
        if timestamp.is_file() and not timestamp.is_symlink():
            shutil.copyfile(timestamp, path.with_name("timestamp.txt"))

    def record(self, gradebook: Gradebook, submission: Submission, assignment: Assignment, key: str) -> None:
        """Write the points of a graded notebook into the gradebook, by nbgrader's own steps.

        Doing it twice is the same as doing it once, so that an interruption in between does no harm.
        """
        path = self.graded(submission, assignment)
        notebook = nbformat.read(path, as_version=4)
        names = {"student": submission.student, "assignment": assignment.name, "notebook": assignment.name}
        resources = {"nbgrader": names | {"db_url": self.directory.db_url}}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own queries bring them about
            gradebook.update_or_create_student(submission.student)
            when = {"timestamp": submission.timestamp} if submission.timestamp else {}
            handed_in = gradebook.update_or_create_submission(assignment.name, submission.student, **when)
            # Cell by cell, because the step as a whole opens a gradebook of its own, which takes longer than the rest.
            save = SaveAutoGrades(config=self.config)
            save.gradebook = gradebook
            save.student_id, save.assignment_id, save.notebook_id = names.values()
            for i, cell in enumerate(notebook.cells):
                save.preprocess_cell(cell, resources, i)
            if handed_in.total_seconds_late > 0 or handed_in.late_submission_penalty:
                AssignLatePenalties(config=self.config).preprocess(notebook, resources)
        write_whole(path.with_name(RECORDED), key.encode())

    def points(self, submission: Submission, assignment: Assignment) -> dict[str, float] | None:
        """Per test cell, what the graded notebook in its place is worth; ``None`` without one."""
        verdicts = self.outcome(submission, assignment).get("verdicts")
        if verdicts is None:
            return None
        worth = assignment.points.items()
        return {name: points * verdicts[name]["passed"] for name, points in worth if name in verdicts}


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is never seen half written, whatever happens."""
    with tempfile.NamedTemporaryFile("wb", dir=path.parent, prefix=".", delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)
