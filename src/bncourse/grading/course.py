"""The instructor's course folder, as nbgrader lays it out: who handed in what, and where graded work goes."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import nbformat
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from sqlalchemy.exc import OperationalError, SAWarning
from traitlets.config import Application

from bncourse.grading.assignment import Assignment
from bncourse.grading.pictures import pasted
from bncourse.grading.submitted import EXCHANGE_SECRET, LeftOut, Submission, find

__all__ = ["Course", "CourseError", "NotRecorded", "digest_of", "remove_unfinished", "write_whole", "written_whole"]

SECRET = ".bncourse-secret"
LOCK = ".bncourse-grading.lock"
RECORDED = ".bncourse-recorded"
"""In the folder of graded work: the key of what the gradebook has."""

OUTCOME = ".bncourse-outcome.json"
"""Beside a graded notebook: the verdicts, and by which checks they were reached."""

LONGEST_COMPARED = 20_000
"""Characters of a written answer."""

LOCKED_SECONDS = 20.0
"""How long writing to a gradebook waits that another program has locked."""


class CourseError(Exception):
    """Something is missing or wrong in the course folder; the message says what to do."""


class NotRecorded(CourseError):  # noqa: N818
    """A grade lies beside the notebook and could not be written into the gradebook; the next run does that."""


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
        # By name and place, because nbgrader itself reads the settings of the folder that the process was started in.
        app = NbGrader(log_level="ERROR")
        app.load_cwd_config = False
        app.load_config_file()
        Application.load_config_file(app, "nbgrader_config", path=str(self.root))
        self.config = app.config
        self.config.CourseDirectory.root = str(self.root)
        if db:
            self.config.CourseDirectory.db_url = db
        self.directory = CourseDirectory(config=self.config)
        self.patience = LOCKED_SECONDS

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
        assignment = Assignment.load(folder)
        self.compare_points(assignment)
        return assignment

    def compare_points(self, assignment: Assignment) -> None:
        """See that the gradebook knows the points that the assignment gives.

        Raises:
            CourseError: they were changed after it was generated, so that the two would add up to different grades.
        """
        name = assignment.name
        with self.gradebook() as gradebook:
            known = {cell.name: cell.max_score for cell in gradebook.find_notebook(name, name).grade_cells}
        changed = {
            cell: (known.get(cell), points)
            for cell, points in assignment.all_points.items()
            if known.get(cell) != points
        }
        if changed:
            words = ", ".join(f"{cell}: {before} there and {now:g} here" for cell, (before, now) in changed.items())
            raise CourseError(
                f"the gradebook has other points than {self.directory.source_directory}/{name} ({words}): "
                f"run 'nbgrader generate_assignment {name} --force' here, and then this command with --regrade"
            )

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
        try:
            descriptor = os.open(self.root / LOCK, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise CourseError(
                f"{self.root / LOCK} cannot be opened ({error.strerror}): it marks who is grading here; "
                "if it belongs to somebody else, have them remove it"
            ) from None
        with os.fdopen(descriptor) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CourseError("another process is grading in this folder: wait for it to end") from None
            yield

    def submissions(
        self, assignment: Assignment, students: list[str] | None = None
    ) -> tuple[list[Submission], list[LeftOut]]:
        """What was handed in, by student, and the folders in which nothing can be graded."""
        return find(self.root / self.directory.submitted_directory, assignment.name, students)

    def graded(self, submission: Submission, assignment: Assignment) -> Path:
        """Where its graded notebook is, or will be."""
        folder = self.folder(self.directory.autograded_directory, submission.student, assignment.name)
        return folder / f"{assignment.name}.ipynb"

    def outcome(self, submission: Submission, assignment: Assignment) -> dict[str, Any]:
        """What grading noted beside the graded notebook; empty without one, or where nbgrader alone made it."""
        path = self.graded(submission, assignment)
        for file, part in ((path.with_name(OUTCOME), None), (path, "metadata")):
            try:
                # As JSON: nbformat would check the whole notebook, which takes a hundred times as long.
                read = json.loads(file.read_bytes())
                found = read if part is None else read[part]["bncourse"]
            except (OSError, ValueError, KeyError, TypeError):
                continue
            if isinstance(found, dict) and isinstance(found.get("verdicts"), dict):
                return found
        return {}

    def is_graded(self, student: str, assignment: str) -> bool:
        """Whether a student's work is graded, and none has been handed in since."""
        graded = self.folder(self.directory.autograded_directory, student, assignment)
        handed_in = self.folder(self.directory.submitted_directory, student, assignment) / f"{assignment}.ipynb"
        if not (graded / f"{assignment}.ipynb").is_file():
            return False
        try:
            noted = json.loads((graded / OUTCOME).read_bytes()).get("file")
            return noted is None or noted == digest_of(handed_in.read_bytes())
        except (OSError, ValueError, AttributeError):
            return True  # nbgrader alone graded it, and does not say which file

    def written(self, submission: Submission, assignment: Assignment) -> dict[str, str]:
        """Per cell with a written answer its text in the graded notebook, as much as is compared, without pictures."""
        if not assignment.answers:
            return {}
        try:
            cells = json.loads(self.graded(submission, assignment).read_bytes())["cells"]
            named = [(cell["metadata"].get("nbgrader", {}).get("grade_id"), cell["source"]) for cell in cells]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
        # Those of a whole class are kept at a time, and a photograph takes megabytes.
        texts = {name: "".join(source) for name, source in named if name in assignment.answers}
        return {name: pasted(text, lambda data: "(picture)")[:LONGEST_COMPARED] for name, text in texts.items()}

    def is_recorded(self, submission: Submission, assignment: Assignment, key: str) -> bool:
        """Whether the gradebook has that grade."""
        marker = self.graded(submission, assignment).with_name(RECORDED)
        return marker.is_file() and marker.read_text() == key

    def forget_recorded(self, student: str, assignment: str) -> None:
        """Have the next run write a student's grade into the gradebook again, as after the time of it was corrected."""
        folder = self.folder(self.directory.autograded_directory, student, assignment)
        (folder / RECORDED).unlink(missing_ok=True)

    def keep(self, submission: Submission, assignment: Assignment, graded: bytes, outcome: dict[str, Any]) -> None:
        """Put a graded notebook in its place, all of it or nothing.

        Raises:
            OSError: it could not be written; then what was there before is still there.
        """
        path = self.graded(submission, assignment)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(RECORDED).unlink(missing_ok=True)
        write_whole(path, graded)
        if submission.timestamp is not None:
            write_whole(path.with_name("timestamp.txt"), f"{submission.timestamp} UTC".encode())
        # With the feedback it goes to the exchange, where it says whose that is.
        write_whole(path.with_name(EXCHANGE_SECRET), submission.secret())
        # Last: with it the submission counts as graded.
        write_whole(path.with_name(OUTCOME), json.dumps(outcome).encode())

    def record(self, gradebook: Gradebook, submission: Submission, assignment: Assignment, key: str) -> None:
        """Write the points of a graded notebook into the gradebook, by nbgrader's own steps.

        Doing it twice is the same as doing it once, so that an interruption in between does no harm.

        Raises:
            NotRecorded: the gradebook cannot be written to.
        """
        until = time.monotonic() + self.patience
        while True:
            try:
                self.record_once(gradebook, submission, assignment, key)
                return
            except (OperationalError, InvalidEntry) as error:
                # nbgrader passes an error of the database on as an entry that is wrong.
                cause = error if isinstance(error, OperationalError) else error.__context__
                gradebook.db.rollback()
                if not isinstance(cause, OperationalError):
                    raise
                if "locked" not in str(cause) or time.monotonic() > until:
                    self.patience = 0.0  # who has it locked for so long will not have finished with the next grade
                    why = str(cause.orig or cause).splitlines()[0]
                    raise NotRecorded(f"graded, but the gradebook cannot be written to ({why})") from None
                time.sleep(0.2)

    def record_once(self, gradebook: Gradebook, submission: Submission, assignment: Assignment, key: str) -> None:
        """Write the points of a graded notebook into the gradebook."""
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
        shares = {name: verdict.get("share", float(verdict["passed"])) for name, verdict in verdicts.items()}
        return {name: round(points * shares[name], 2) for name, points in worth if name in shares}


def digest_of(notebook: bytes) -> str:
    """What stands for a file that was handed in."""
    return hashlib.sha256(notebook).hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is never seen half written, whatever happens."""
    with written_whole(path) as file:
        file.write(data)


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which stands in its place only when all of it is written."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


UNFINISHED = ".writing-"


def remove_unfinished(folder: Path) -> None:
    """Remove what a command left below a folder that was killed while it wrote."""
    for path in folder.rglob(f"{UNFINISHED}*"):
        path.unlink(missing_ok=True)
