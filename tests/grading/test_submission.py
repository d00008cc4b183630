"""What is taken of a submitted notebook, and what of a student's folder."""

import json
import os
import re
from datetime import datetime
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, CALIBRATION, LAYER, LAYER_TEST, RIGHT_LAYER, as_bytes, cell_of, right, submission

from bncourse.grading.assignment import Assignment
from bncourse.grading.judging import Settings, grade
from bncourse.grading.pictures import is_shown, pasted
from bncourse.grading.reaching import reaches
from bncourse.grading.submission import LONGEST_CELL, MOST_CELLS, Unreadable, read_cells, rebuild
from bncourse.grading.submitted import find, strange
from bncourse.grading.written import markdown_to_html
from building import ROOT

ASSIGNMENTS = sorted(path.parent.name for path in ROOT.glob("exercises/*/*.ipynb"))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def all_assignments() -> dict[str, Assignment]:
    return {name: Assignment.load(ROOT / "solutions" / name) for name in ASSIGNMENTS}


def released(name: str) -> dict:
    return json.loads((ROOT / "exercises" / name / f"{name}.ipynb").read_bytes())


def solved(name: str) -> dict:
    return json.loads((ROOT / "solutions" / name / f"{name}.ipynb").read_bytes())


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_another_assignments_notebook_is_noticed(all_assignments, name):
    taken = []
    for other, assignment in all_assignments.items():
        try:
            rebuild(as_bytes(released(name)), assignment)
            taken.append(other)
        except Unreadable:
            continue
    assert taken == [name]


@pytest.mark.parametrize("lost", ["metadata", "metadata and ids"])
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_notebook_that_lost_its_metadata_is_recognised(all_assignments, name, lost):
    whole, _ = rebuild(as_bytes(solved(name)), all_assignments[name])
    notebook = solved(name)
    for i, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {}
        if lost == "metadata and ids":
            cell["id"] = f"new-{i}"
    found, _ = rebuild(as_bytes(notebook), all_assignments[name])
    assert [cell.source for cell in found.cells] == [cell.source for cell in whole.cells]


def text_of(notebook, name: str) -> str:
    return next(c.source for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def test_line_ends_and_form_feeds_of_old_editors_do_no_harm(assignment):
    code = "\ufeff\f" + RIGHT_LAYER.replace("\n", "\r")
    found, _ = rebuild(as_bytes(right(batchnorm_code=code)), assignment)
    assert text_of(found, LAYER) == RIGHT_LAYER


def test_text_that_is_too_long_costs_itself_alone(assignment):
    found, remarks = rebuild(as_bytes(right(why_answer="x" * (LONGEST_CELL + 5))), assignment)
    assert text_of(found, LAYER) == RIGHT_LAYER
    assert len(text_of(found, "why-answer")) == LONGEST_CELL
    assert f"a cell had {LONGEST_CELL + 5} characters" in remarks[0]


def test_cells_beyond_the_limit_are_left_out_and_counted(assignment):
    notebook = right()
    extra = [{"cell_type": "markdown", "metadata": {}, "source": f"note {i}"} for i in range(MOST_CELLS)]
    found, remarks = rebuild(as_bytes(notebook | {"cells": notebook["cells"] + extra}), assignment)
    assert text_of(found, CALIBRATION)
    assert f"the notebook had {MOST_CELLS + len(notebook['cells'])} cells" in remarks[0]


@pytest.mark.parametrize("way", ["data", "attachment"])
def test_pasted_picture_is_carried_in_one_way(assignment, way):
    notebook = right(why_answer=f"![a](data:image/png;base64,{PIXEL})" if way == "data" else "![a](attachment:a.png)")
    cell_of(notebook, "why-answer")["attachments"] = {"a.png": {"image/png": PIXEL}}
    found, remarks = rebuild(as_bytes(notebook), assignment)
    assert text_of(found, "why-answer") == f"![a](data:image/png;base64,{PIXEL})"
    assert remarks == []


def test_picture_that_cannot_be_shown_is_left_out_and_said(assignment):
    drawing = "PHN2Zy8+"
    found, remarks = rebuild(as_bytes(right(why_answer=f"![a](data:image/svg+xml;base64,{drawing})")), assignment)
    assert drawing not in text_of(found, "why-answer")
    assert "a picture was left out" in remarks[0]


def test_json_that_unfolds_in_memory_is_refused_unread():
    with pytest.raises(Unreadable, match="more than 2,000,000 values"):
        read_cells(b'{"cells": [' + b"[]," * 3_000_000 + b"[]]}")
    # What stands in a text, such as a printed array, is no value.
    text = json.dumps({"cells": [{"cell_type": "code", "source": "1", "outputs": ["1, 2, " * 2_000_000]}]})
    assert len(read_cells(text.encode())) == 1


def test_pictures_are_known_by_what_is_in_them():
    assert is_shown(PIXEL) == "image/png"
    assert is_shown("/9j/4AAQSkZJRgABAQAAAQABAAD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/Z") == "image/jpeg"
    for data in ("", "PHN2Zy8+", "not base64", PIXEL[:20]):
        assert is_shown(data) == ""
    assert pasted(f"a data:image/gif;base64,{PIXEL} b", lambda kind, data: kind) == "a image/png b"


FETCHES = [
    "![x](https://example.org/a.png)",
    "<img src='/hub/logout'>",
    "<img src=x onerror=alert(1)>",
    "<img srcset='//example.org/a.png 2x'>",
    "<video poster='//example.org/a.png'></video>",
    "<svg><image href='//example.org/a.png'/></svg>",
    "<p style='background: url(//example.org/a)'>x</p>",
    "<link rel=stylesheet href=//example.org/a.css>",
    "<iframe src=//example.org></iframe>",
    "<form action=//example.org><input type=image src=//example.org/a.png></form>",
    "![x](data:image/svg+xml;base64,PHN2Zy8+)",
]


@pytest.mark.parametrize("text", FETCHES)
def test_written_answer_has_nothing_fetched(text):
    page = markdown_to_html(f"An answer. {text}")
    assert "An answer." in page
    for part in ("src=", "srcset", "poster", "<link", "<svg", "style", "<form", "iframe", "onerror"):
        assert part not in page


def test_written_answer_shows_what_was_pasted():
    page = markdown_to_html(f"![a shot](data:image/png;base64,{PIXEL}) and [a link](https://example.org)")
    assert f'src="data:image/png;base64,{PIXEL}"' in page
    assert 'href="https://example.org"' in page


def test_reaching_around_the_wall_is_named():
    code = (
        "import ctypes\nfrom torch import nn\nx = torch.ops.aten.native_batch_norm\nopen('/proc/self/mem')\nexec('1')"
    )
    assert reaches(code) == ["/proc", "ctypes", "exec", "torch.ops"]
    assert reaches("%matplotlib inline\nimport torch\nmodel.eval()\nx = torch.compile(f)") == []
    assert reaches("import gc (") == ["gc"]


@pytest.fixture
def submitted(tmp_path) -> Path:
    """A folder of submissions with one of zoe's."""
    place = tmp_path / "submitted" / "zoe" / ASSIGNMENT
    place.mkdir(parents=True)
    (place / f"{ASSIGNMENT}.ipynb").write_bytes(as_bytes(submission()))
    return tmp_path / "submitted"


def put_link_to_folder(submitted: Path) -> None:
    (submitted / "eve").symlink_to("zoe")


def put_link_to_assignment(submitted: Path) -> None:
    (submitted / "eve").mkdir()
    (submitted / "eve" / ASSIGNMENT).symlink_to(f"../zoe/{ASSIGNMENT}")


def put_link_to_notebook(submitted: Path) -> None:
    (submitted / "eve" / ASSIGNMENT).mkdir(parents=True)
    (submitted / "eve" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").symlink_to(f"../../zoe/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")


def put_pipe(submitted: Path) -> None:
    (submitted / "eve" / ASSIGNMENT).mkdir(parents=True)
    os.mkfifo(submitted / "eve" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb")


def put_terabyte(submitted: Path) -> None:
    (submitted / "eve" / ASSIGNMENT).mkdir(parents=True)
    path = submitted / "eve" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    path.touch()
    os.truncate(path, 1 << 40)


@pytest.mark.parametrize(
    "put", [put_link_to_folder, put_link_to_assignment, put_link_to_notebook, put_pipe, put_terabyte]
)
def test_what_is_no_plain_file_costs_its_owner_alone(submitted, put):
    put(submitted)
    found, _ = find(submitted, ASSIGNMENT)
    eve, zoe = found
    assert (eve.student, zoe.student) == ("eve", "zoe")
    with pytest.raises(Unreadable):
        eve.read()
    assert zoe.read()
    assert strange(submitted / "eve" / ASSIGNMENT)
    assert not strange(submitted / "zoe" / ASSIGNMENT)


def test_folder_whose_name_cannot_be_written_down_is_named(submitted):
    os.makedirs(os.fsencode(submitted) + b"/\xff\xfe/" + ASSIGNMENT.encode())
    found, left_out = find(submitted, ASSIGNMENT)
    assert [each.student for each in found] == ["zoe"]
    assert "rename it" in str(left_out[0])


@pytest.mark.parametrize("content", [b"yesterday", b"1" * 40, b"\xff\xfe\x00", b"2" * 10_000_000, b"9999999-01-01"])
def test_timestamp_that_is_no_date_makes_nobody_be_on_time(submitted, content):
    notebook = submitted / "zoe" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    notebook.with_name("timestamp.txt").write_bytes(content)
    os.utime(notebook, (1_700_000_000, 1_700_000_000))
    ((zoe,), _) = find(submitted, ASSIGNMENT)
    assert zoe.timestamp == datetime(2023, 11, 14, 22, 13, 20)
    assert "cannot be read as a date" in zoe.remarks[0]


def test_timestamp_of_nbgrader_is_taken(submitted):
    (submitted / "zoe" / ASSIGNMENT / "timestamp.txt").write_text("2024-05-01 12:00:00.000000 UTC\n")
    ((zoe,), _) = find(submitted, ASSIGNMENT)
    assert (zoe.timestamp, zoe.remarks) == (datetime(2024, 5, 1, 12), ())


def test_the_published_solution_is_known_whatever_its_comments(assignment: Assignment):
    source = solved(ASSIGNMENT)
    remark = f"the code of {LAYER!r} is that of the published solution"
    assert remark in rebuild(as_bytes(source), assignment)[1]
    own = {cell["metadata"].get("nbgrader", {}).get("grade_id"): "".join(cell["source"]) for cell in source["cells"]}
    copied = re.sub(r".*### .*\n", "# mine\n", own[LAYER])
    assert remark in rebuild(as_bytes(right(batchnorm_code=copied)), assignment)[1]
    assert remark not in rebuild(as_bytes(right(batchnorm_code=copied.replace("momentum", "m"))), assignment)[1]
    assert not rebuild(as_bytes(right()), assignment)[1]


def test_code_that_does_not_run_is_told_the_error_and_its_line(assignment: Assignment):
    colon = RIGHT_LAYER.replace("def forward(self, x):", "def forward(self, x)")
    notebook = grade(as_bytes(right(batchnorm_code=colon)), assignment, Settings(secret=b"of these tests"))
    verdict = json.loads(notebook)["metadata"]["bncourse"]["verdicts"][LAYER_TEST]
    assert verdict["diagnosis"] == "does-not-run"
    assert verdict["report"].endswith("came back: SyntaxError: expected ':' in line 9 of its cell")
