"""What goes wrong on the machine that grades is no grade: it is said, and the next run puts it right."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, POINTS, Classroom, right, wrong

from bncourse.grading.command import UNGRADED
from bncourse.grading.course import Course, CourseError, NotRecorded
from bncourse.grading.submitted import Submission
from commands import environment, nbgrader

ALL = sum(POINTS.values())
COMMAND = [sys.executable, "-m", "bncourse.grading", ASSIGNMENT]


def run(classroom: Classroom, command: list[str], **more: str) -> subprocess.CompletedProcess:
    done = subprocess.run(command, cwd=classroom.folder, env=environment() | more, capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def handed_in(classroom) -> Classroom:
    classroom.hand_in("ada", right())
    classroom.hand_in("ben", wrong())
    return classroom


def unwritable(classroom: Classroom) -> list[str]:
    """The command, on a machine that has no room for what is graded."""
    folder = classroom.folder / "autograded"
    folder.mkdir()
    if os.geteuid() == 0:
        return [
            "unshare",
            "--mount",
            "sh",
            "-c",
            'mount -t tmpfs -o size=8k none autograded; exec "$@"',
            "sh",
            *COMMAND,
        ]
    folder.chmod(0o555)
    return COMMAND


def test_full_disk_leaves_work_ungraded_and_the_next_run_grades_it(handed_in):
    done = run(handed_in, unwritable(handed_in))
    assert done.returncode == UNGRADED
    assert "not graded: ada: its grade could not be written" in done.stderr
    with sqlite3.connect(handed_in.folder / "gradebook.db") as gradebook:
        assert gradebook.execute("select count(*) from grade where auto_score is not null").fetchone() == (0,)
    (handed_in.folder / "autograded").chmod(0o755)
    handed_in.grade()
    assert handed_in.points() == {"ada": ALL, "ben": 3.0}


def test_worker_without_what_it_needs_records_no_zero(handed_in, tmp_path):
    # A bwrap that fails after the probe, as where the machine cannot fork any more.
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    real = shutil.which("bwrap")
    fails = 'case "$*" in *bncourse.observing.runner*) echo "cannot fork" >&2; exit 1;; esac'
    broken.write_text(f'#!/bin/sh\n{fails}\nexec {real} "$@"\n')
    broken.chmod(0o755)
    done = run(handed_in, COMMAND, PATH=f"{broken.parent}:{environment()['PATH']}")
    assert done.returncode == UNGRADED
    assert "not graded: ada: Fault: the sandbox could not be started: cannot fork" in done.stderr
    assert not (handed_in.folder / "autograded").exists()
    handed_in.grade()
    assert handed_in.points() == {"ada": ALL, "ben": 3.0}


def test_gradebook_that_stays_locked_is_said_and_written_by_the_next_run(handed_in):
    handed_in.grade("--student", "ada")
    course = Course(handed_in.folder)
    course.patience = 0.5
    assignment = course.assignment(ASSIGNMENT)
    ada = Submission("ada", handed_in.folder / "submitted" / "ada" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")
    with course.gradebook() as gradebook:
        gradebook.remove_submission(ASSIGNMENT, "ada")  # else there is nothing to write that is not there already
        other = sqlite3.connect(handed_in.folder / "gradebook.db", isolation_level=None)
        other.execute("begin immediate")
        with pytest.raises(NotRecorded, match="locked"):
            course.record(gradebook, ada, assignment, "a key")
        other.rollback()
        other.close()
        course.record(gradebook, ada, assignment, "a key")
    assert course.is_recorded(ada, assignment, "a key")


def test_two_commands_at_once_are_one_after_the_other(handed_in):
    course = Course(handed_in.folder)
    with course.lock():
        done = run(handed_in, COMMAND)
    assert done.returncode == 2
    assert "another process is grading in this folder" in done.stderr
    with course.lock(), pytest.raises(CourseError), Course(handed_in.folder).lock():
        pass


def test_lock_of_somebody_else_is_named(handed_in):
    (handed_in.folder / ".bncourse-grading.lock").mkdir()  # to root, no file is closed
    done = run(handed_in, COMMAND)
    assert done.returncode == 2
    assert ".bncourse-grading.lock cannot be opened" in done.stderr


def test_points_that_were_changed_after_a_first_grading_are_noticed(handed_in):
    handed_in.grade()
    source = handed_in.folder / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    source.write_text(source.read_text("utf-8").replace('"points": 4', '"points": 10'), "utf-8")
    done = run(handed_in, COMMAND)
    assert done.returncode == 2
    assert "batchnorm-test: 4 there and 10 here" in done.stderr.replace("4.0", "4")
    assert f"nbgrader generate_assignment {ASSIGNMENT} --force" in done.stderr
    nbgrader(handed_in.folder, "generate_assignment", ASSIGNMENT, "--force")
    handed_in.grade("--regrade")
    assert handed_in.points() == {"ada": 14.0, "ben": 3.0}


def test_class_that_was_graded_by_two_is_said_to_be(handed_in):
    handed_in.grade("--student", "ada")
    outcome = handed_in.folder / "autograded" / "ada" / ASSIGNMENT / ".bncourse-outcome.json"
    outcome.write_text(outcome.read_text().replace('"checks": "', '"checks": "other'))
    told = handed_in.grade().stdout
    assert "Graded by other checks, or with another torch, than are here now: 1 of 2." in told
    assert f"python -m bncourse.grading {ASSIGNMENT} --regrade" in told
    assert "Graded by other checks" not in handed_in.grade("--regrade").stdout


def test_file_of_the_students_that_the_machine_cannot_read_is_no_zero(handed_in):
    path = handed_in.folder / "submitted" / "ben" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    found = Submission("ben", Path(path.parent / "gone.ipynb"))
    with pytest.raises(FileNotFoundError):
        found.read()
