"""Every hostile submission is judged and judges nothing; every odd and honest one keeps its marks."""

import sys
import time
from pathlib import Path

import nbformat
import pytest
from classroom import CALIBRATION_TEST, LAYER_TEST

from bncourse.grading.assignment import Assignment
from bncourse.grading.judging import Settings, grade
from bncourse.grading.limits import Limits

sys.path.insert(0, str(Path(__file__).with_name("corpus")))

from reading import GROUPS, Entry, entries

HOSTILE, HONEST = entries("hostile"), entries("honest")
LIMITS = Limits(wall_seconds=40)
SMALL_LIMITS = Limits(wall_seconds=7, cpu_seconds=4)
LONGEST = 50
"""Seconds that grading one of them may take, on a busy machine."""

MARKER = "GOT IT"
"""What a submission prints that has reached what it was after."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with everything that a submission would like to read or write."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("gradebook.db", "solutions/a/a.ipynb", "submitted/zoe/a/a.ipynb", "autograded/zoe/a/a.ipynb"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"cells": []}')
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def graded(entry: Entry, assignment: Assignment, course: Path) -> nbformat.NotebookNode:
    submission = entry.submission(course)
    started = time.monotonic()
    settings = Settings(b"a secret of this test", SMALL_LIMITS if entry.slow else LIMITS)
    notebook = nbformat.reads(grade(submission, assignment, settings).decode(), as_version=4)
    assert time.monotonic() - started < LONGEST
    nbformat.validate(notebook)
    return notebook


@pytest.mark.parametrize("entry", HOSTILE, ids=lambda entry: entry.name)
def test_hostile(entry, assignment, course):
    before = contents(course)
    notebook = graded(entry, assignment, course)
    verdicts = notebook.metadata.bncourse.verdicts
    assert not verdicts[LAYER_TEST].passed, entry.tries
    assert verdicts[LAYER_TEST].diagnosis
    if entry.neighbour:
        assert verdicts[CALIBRATION_TEST].passed, verdicts[CALIBRATION_TEST].report

    assert contents(course) == before
    for cell in notebook.cells:
        own = cell.metadata.get("nbgrader", {})
        assert own.get("grade_id") != LAYER_TEST or (cell.cell_type, own.points, own.locked) == ("code", 5, True)
        assert not cell.metadata.get("tags") or "skip-execution" not in cell.metadata.tags
        for output in cell.get("outputs", []):
            assert output.output_type in ("stream", "error", "display_data")
            assert set(output.get("data", {})) <= {"text/plain", "image/png"}
            assert MARKER not in output.get("text", "")
    assert len(nbformat.writes(notebook)) < 8 << 20


@pytest.mark.parametrize("entry", HONEST, ids=lambda entry: entry.name)
def test_honest(entry, assignment, course):
    notebook = graded(entry, assignment, course)
    verdicts = notebook.metadata.bncourse.verdicts
    assert verdicts[LAYER_TEST].passed, verdicts[LAYER_TEST].report
    assert verdicts[CALIBRATION_TEST].passed, verdicts[CALIBRATION_TEST].report


def test_the_corpus_covers_every_group():
    assert {entry.group for entry in HOSTILE} == set(GROUPS) - {"honest"}
    assert len(HOSTILE) >= 70
    assert len(HONEST) >= 24
    assert len({entry.name for entry in HOSTILE + HONEST}) == len(HOSTILE + HONEST), "two files are one student's"
