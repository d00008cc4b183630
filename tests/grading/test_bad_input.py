"""Files that are no submission, or half of one: a clear sentence for each, and nothing lost that was right."""

import json

import nbformat
import pytest
from classroom import LAYER, LAYER_TEST, POINTS, as_bytes, cell_of, right

from bncourse.grading.judging import Settings, grade
from building import ROOT

SETTINGS = Settings(b"a secret of this test")


def told(submission: bytes, assignment) -> dict:
    """What the graded notebook says about it."""
    return nbformat.reads(grade(submission, assignment, SETTINGS).decode(), as_version=4).metadata.bncourse


def format_three(notebook: dict) -> bytes:
    """As IPython 2 saved it."""
    four = nbformat.reads(as_bytes(notebook).decode(), as_version=4)
    return nbformat.writes(nbformat.convert(four, 3), version=3).encode()


UNREADABLE = {
    "nothing": (b"", "the file is empty"),
    "no JSON": (b"class BatchNorm1d: ...", "the file is not JSON, so it is no notebook: save it again"),
    "half of it": (as_bytes(right())[:3000], "the file is not JSON"),
    "JSON, but no notebook": (b"[1, 2]", "the file holds JSON, and no notebook"),
    "another assignment": (
        (ROOT / "exercises" / "07-backward-pass" / "07-backward-pass.ipynb").read_bytes(),
        "it is another assignment's notebook, and not that of",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_said_and_gets_no_points(assignment, name):
    submission, words = UNREADABLE[name]
    verdicts = told(submission, assignment)["verdicts"]
    assert not any(verdict["passed"] for verdict in verdicts.values())
    assert all(words in verdict["report"] for verdict in verdicts.values())


def without(notebook: dict, name: str) -> dict:
    notebook["cells"].remove(cell_of(notebook, name))
    return notebook


def twice(notebook: dict, name: str) -> dict:
    notebook["cells"].append(json.loads(json.dumps(cell_of(notebook, name))))
    return notebook


def renamed(notebook: dict, name: str) -> dict:
    cell_of(notebook, name)["metadata"]["nbgrader"]["grade_id"] = "my-own-name"
    return notebook


def with_output(notebook: dict, size: int) -> dict:
    text = {"output_type": "stream", "name": "stdout", "text": "x" * size}
    cell_of(notebook, "batchnorm-check")["outputs"] = [text]
    return notebook


MENDED = {
    "format 3": (lambda: format_three(right()), ""),
    "a deleted test cell": (lambda: as_bytes(without(right(), LAYER_TEST)), ""),
    "a test cell twice": (lambda: as_bytes(twice(right(), LAYER_TEST)), ""),
    "a test cell with another id": (lambda: as_bytes(renamed(right(), LAYER_TEST)), ""),
    "a solution cell with another id": (lambda: as_bytes(renamed(right(), LAYER)), "the cell 'batchnorm-code' was"),
    "100 MB of output": (lambda: as_bytes(with_output(right(), 100_000_000)), ""),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_can_be_mended_keeps_its_points(assignment, name):
    make, remark = MENDED[name]
    outcome = told(make(), assignment)
    assert set(POINTS) == set(outcome["verdicts"])
    assert all(verdict["passed"] for verdict in outcome["verdicts"].values()), outcome
    assert remark in " ".join(outcome["remarks"])
