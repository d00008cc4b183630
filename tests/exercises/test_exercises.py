"""The assignments: in step with their sources, unsolved as they are handed out, full marks for the solution."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from bncourse.grading.assignment import Assignment, read_calls
from bncourse.grading.judging import Settings, grade
from bncourse.judging.answers import CHECKS
from building import ROOT
from commands import nbgrader
from contents import SOLUTIONS

SOURCES = sorted(ROOT.glob("solutions/*/*.ipynb"))

each = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def released(source: Path) -> Path:
    return ROOT / "exercises" / source.relative_to(ROOT / "solutions")


def graded(notebook: NotebookNode) -> dict[str, dict]:
    """nbgrader's settings of the cells that give points, by their ids."""
    own = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    return {settings["grade_id"]: settings for settings in own if settings.get("grade")}


def is_test(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade", False)


def run(notebook: NotebookNode) -> list[str]:
    """Run the code cells one after the other, as *Run all* does; return what the test cells raised."""
    names: dict = {"__name__": "__main__"}
    raised = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or "%pip" in cell.source:
            continue
        code = compile(cell.source, cell.id, "exec")
        if not is_test(cell):
            exec(code, names)
            continue
        try:
            exec(code, names)
        except Exception as error:  # an assert of one's own may stumble over what the stub returns
            raised.append(str(error))
    return raised


def test_every_assignment_has_its_source_and_its_folder_has_its_name():
    assert [path.parent.name for path in SOURCES] == [path.stem for path in SOURCES]
    assert set(SOLUTIONS) <= set(SOURCES)


def test_every_check_is_in_a_graded_cell_and_in_a_visible_one():
    cells = [cell for source in SOURCES for cell in nbformat.read(source, as_version=4).cells]
    for wanted in (True, False):
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "code" and is_test(cell) == wanted)
        assert set(re.findall(r"^checks\.(\w+)\(", text, flags=re.MULTILINE)) == set(CHECKS)


def test_exercises_are_what_make_exercises_makes_of_the_solutions(tmp_path):
    # Made into a folder beside, so that what is committed is left alone.
    made = tmp_path / "exercises"
    options = [f"--db=sqlite:///{tmp_path / 'gradebook.db'}", f"--CourseDirectory.release_directory={made}"]
    nbgrader(ROOT, "generate_assignment", "*", "--force", *options)
    committed = {path.relative_to(ROOT / "exercises"): path.read_text("utf-8") for path in map(released, SOURCES)}
    assert {path.relative_to(made): path.read_text("utf-8") for path in sorted(made.rglob("*.ipynb"))} == committed
    assert {path.relative_to(ROOT / "exercises") for path in (ROOT / "exercises").rglob("*.ipynb")} == set(committed)


@each
def test_points_are_ten_and_stated(source):
    notebook = nbformat.read(source, as_version=4)
    cells = graded(notebook)
    assert sum(cell["points"] for cell in cells.values()) == 10
    by_hand = [cell for cell in cells.values() if cell["solution"]]
    assert [cell["points"] for cell in by_hand] == [2]
    opening = next(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert re.search(r"\*\*10 points, about \d+ minutes\.\*\*", opening)
    parts = [int(points) for points in re.findall(r"^\| \d+ \|.*\| (\d+) \|$", opening, flags=re.MULTILINE)]
    stated = re.findall(r"^## Part \d+: .*\((\d+) points?\)$", text_of(notebook), flags=re.MULTILINE)
    assert parts == [int(points) for points in stated]
    assert sum(parts) == 10


def text_of(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@each
def test_a_test_cell_is_one_line_per_check(source):
    for cell in nbformat.read(source, as_version=4).cells:
        if is_test(cell) and read_calls(cell.source, source.stem) is not None:
            assert re.fullmatch(r"(# partial = true\n)?(checks\.\w+\([\w, ]+\)\.require\(\)\n?)+", cell.source)


@each
def test_every_part_has_hints_that_open_and_no_solution_is_handed_out(source):
    handed_out = released(source).read_text("utf-8")
    assert text_of(nbformat.reads(handed_out, as_version=4)).count("<details>") >= 2, "give two hints or more"
    assert not re.search("BEGIN SOLUTION|END SOLUTION|[Rr]ubric", handed_out)
    stubs = handed_out.count("...  # your code here")
    regions = source.read_text("utf-8").count("### BEGIN SOLUTION")
    assert stubs == regions > 0


@each
def test_nothing_is_right_before_anything_is_written(source):
    notebook = nbformat.read(released(source), as_version=4)
    raised = run(notebook)
    assert len(raised) == sum(is_test(cell) for cell in notebook.cells)
    # A listing to fix is written, and wrong.
    # The instructor's own asserts say what does not hold, and not that nothing was written.
    judged = sum(is_test(cell) and read_calls(cell.source, source.stem) is not None for cell in notebook.cells)
    untouched = [words for words in raised if not words.startswith("bug_hunt: not right yet")] if judged else []
    assert all("not written yet" in words for words in untouched), raised


@each
def test_the_solution_gets_full_marks(source):
    assert run(nbformat.read(source, as_version=4)) == []


@each
def test_the_solution_gets_full_marks_from_the_sandbox_too(source):
    assignment = Assignment.load(source.parent)
    notebook = json.loads(grade(source.read_bytes(), assignment, Settings(secret=b"of these tests")))
    told = notebook["metadata"]["bncourse"]
    assert {name: verdict["passed"] for name, verdict in told["verdicts"].items()} == dict.fromkeys(
        assignment.points, True
    ), told
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    assert [output["evalue"] for output in outputs if output["output_type"] == "error"] == [], "not on the feedback"
