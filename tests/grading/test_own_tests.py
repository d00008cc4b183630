"""The instructor's own asserts are graded, hidden ones included; points for a part where that is wanted."""

import csv
import io
from pathlib import Path

import nbformat
import pytest
from classroom import CALIBRATION_TEST, LAYER_TEST, RIGHT_LAYER, WRONG_LAYER, as_bytes, right
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.utils import determine_grade

from bncourse.grading.assignment import Assignment, read_calls
from bncourse.grading.judging import Settings, grade, key_of
from bncourse.grading.summary import Outcome, Summary

SETTINGS = Settings(b"a secret")
TEST = """assert half(4) == 2
### BEGIN HIDDEN TESTS
assert half(-7) == -3.5, "a negative number"
### END HIDDEN TESTS"""
RIGHT, WRONG_HIDDEN = "def half(x):\n    return x / 2\n", "def half(x):\n    return abs(x) / 2\n"


def own(name: str, **settings: object) -> dict:
    """The metadata of an nbgrader cell."""
    usual = {"grade": False, "solution": False, "locked": True, "task": False, "schema_version": 3}
    return {"nbgrader": usual | {"grade_id": name} | settings}


def assignment_of(folder: Path, test: str) -> Assignment:
    """An assignment with one function and one test cell."""
    solution = "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION\n"
    cells = [
        new_markdown_cell("# Assignment 17: halves", id="title", metadata=own("title")),
        new_code_cell(solution, id="half-code", metadata=own("half-code", solution=True, locked=False)),
        new_code_cell(test, id="half-test", metadata=own("half-test", grade=True, points=4)),
    ]
    path = folder / "solutions" / "17-halves" / "17-halves.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells), path)
    return Assignment.load(path.parent)


def handed_in(assignment: Assignment, source: str) -> bytes:
    """A submission with this code."""
    notebook = assignment.notebook
    notebook.cells[1].source = source
    return nbformat.writes(notebook).encode()


def graded(assignment: Assignment, submission: bytes) -> tuple[NotebookNode, dict]:
    """The graded notebook, and its verdicts."""
    notebook = nbformat.reads(grade(submission, assignment, SETTINGS).decode(), as_version=4)
    return notebook, notebook.metadata.bncourse.verdicts


def test_asserts_are_graded_with_the_hidden_ones_and_the_verdict_is_marked(tmp_path: Path):
    assignment = assignment_of(tmp_path, TEST)
    assert "negative" not in assignment.released
    notebook, verdicts = graded(assignment, handed_in(assignment, RIGHT))
    assert (verdicts["half-test"].passed, verdicts["half-test"].forgeable) == (True, True)
    assert determine_grade(notebook.cells[2]) == (4, 4)
    # An instructor tries an assignment by its source, in which the hidden tests are.
    tried = (tmp_path / "solutions" / "17-halves" / "17-halves.ipynb").read_bytes()
    assert graded(assignment, tried)[0].metadata.bncourse.remarks == []
    for source, words in {
        WRONG_HIDDEN: ["a hidden test does not hold", "AssertionError: a negative number", "assertion-failed"],
        "def half(x):\n    return x\n": ["failed:    assert half(4) == 2", "assertion-failed"],
        "def half(x)\n    return x\n": ["NameError", "raises-an-error"],
        "import os\nos._exit(0)\n": ["was ended before this cell"],
    }.items():
        notebook, verdicts = graded(assignment, handed_in(assignment, source))
        assert determine_grade(notebook.cells[2]) == (0, 4), source
        report = verdicts["half-test"].report
        for word in words:
            assert word in report, report
        assert "-3.5" not in nbformat.writes(notebook), "hidden tests stay hidden"
    table = list(csv.DictReader(io.StringIO(Summary(assignment, [outcome(verdicts)]).csv())))
    assert table[0]["forgeable"] == "yes"
    assert "a submission could forge the verdict" in str(Summary(assignment, [outcome(verdicts)]))


def outcome(verdicts: dict) -> Outcome:
    """One student's."""
    return Outcome(
        "ada", 0.0, {n: v.passed for n, v in verdicts.items()}, {n: v.diagnosis for n, v in verdicts.items()}
    )


def test_another_hidden_test_is_another_grade(tmp_path: Path):
    one = assignment_of(tmp_path / "one", TEST)
    two = assignment_of(tmp_path / "two", TEST.replace("-7", "-9"))
    assert one.released == two.released
    assert key_of(b"{}", one, SETTINGS) != key_of(b"{}", two, SETTINGS)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("checks.linear(Linear).require()\nassert Linear", "make two cells of it"),
        ("assert checks.linear(Linear).passed", "make two cells of it"),
        ("assert half(", "is no Python"),
        ("# nothing", "checks nothing"),
    ],
)
def test_a_test_cell_that_cannot_be_graded_costs_one_sentence(source: str, words: str):
    with pytest.raises(ValueError, match=words):
        read_calls(source, "17-halves")


def partly(assignment: Assignment) -> Assignment:
    """The assignment with points for parts of the layer."""
    notebook = assignment.notebook
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == LAYER_TEST)
    cell.source = f"# partial = true\n{cell.source}"
    return Assignment(assignment.name, nbformat.writes(notebook))


def test_partial_points_follow_the_stages_and_are_off_by_default(assignment: Assignment):
    part = partly(assignment)
    assert (assignment.partial, part.partial) == (frozenset(), {LAYER_TEST})
    # It stores the biased variance: shape, values and gradients are right, the state is not.
    wrong = as_bytes(right(batchnorm_code=WRONG_LAYER))
    for which, points in ((assignment, 0), (part, 3)):
        notebook, verdicts = graded(which, wrong)
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == LAYER_TEST)
        assert determine_grade(cell) == (points, 4)
        assert not verdicts[LAYER_TEST].passed
        assert verdicts[CALIBRATION_TEST].share == 1
    assert "points:    75%" in verdicts[LAYER_TEST].report
    notebook, verdicts = graded(part, as_bytes(right(batchnorm_code=RIGHT_LAYER)))
    assert verdicts[LAYER_TEST].share == 1
