"""Where one of nbgrader's commands does nothing, it says what to do, and that works."""

import logging
import re
import shlex

import pytest
from classroom import ASSIGNMENT, Classroom

from bncourse.grading.advice import Advice
from commands import nbgrader


def test_a_second_generate_assignment_says_how_and_that_works(classroom: Classroom):
    released = classroom.folder / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    released.write_text("an earlier version")
    said = nbgrader(classroom.folder, "generate_assignment", ASSIGNMENT).stdout
    assert said.strip().endswith(".")
    program, *words = shlex.split(re.search(r"run '(.*?)'", said).group(1))
    assert program == "nbgrader"
    nbgrader(classroom.folder, *words)
    assert released.read_text("utf-8").startswith("{")


SKIPPED = "Skipping existing assignment: /course/{}/06-running-statistics"


@pytest.mark.parametrize(
    ("application", "message", "command"),
    [
        (
            "AutogradeApp",
            SKIPPED.format("autograded/ada"),
            "python -m bncourse.grading 06-running-statistics --regrade",
        ),
        (
            "AutogradeApp",
            f"There was an error processing assignment '{ASSIGNMENT}' for student 'b'",
            "bncourse.grading",
        ),
        ("GenerateFeedbackApp", SKIPPED.format("feedback/ada"), "generate_feedback 06-running-statistics --force"),
        (
            "ZipCollectApp",
            "Duplicate submission file. No timestamps for comparison",
            "python -m bncourse.course collect",
        ),
        ("ZipCollectApp", "Directory not empty: /x\nuse the --force option to clear it", "bncourse.course collect"),
    ],
)
def test_what_is_skipped_is_explained_once(application: str, message: str, command: str):
    advice = Advice()
    said = []
    for _ in range(3):
        record = logging.LogRecord(application, logging.INFO, "", 0, message, None, None)
        assert advice.filter(record)
        said.append(record.getMessage())
    assert command in said[0]
    assert said[1:] == [message] * 2


def test_other_messages_are_left_as_they_are():
    for name, message in (("AutogradeApp", "Skipping unknown notebook: a"), ("SubmitApp", SKIPPED)):
        record = logging.LogRecord(name, logging.INFO, "", 0, message, None, None)
        assert Advice().filter(record)
        assert record.getMessage() == message
