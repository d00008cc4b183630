"""What is taken of a submitted notebook, and what of a student's folder."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import nbconvert
import nbformat
import pytest
from classroom import ASSIGNMENT, CALIBRATION, LAYER, LAYER_TEST, RIGHT_LAYER, as_bytes, cell_of, right, submission

from bncourse.grading.assignment import Assignment
from bncourse.grading.judging import Settings, Verdict, grade, with_cause
from bncourse.grading.pictures import Room, pasted
from bncourse.grading.reaching import LONGEST_READ, reaches
from bncourse.grading.submission import LONGEST_CELL, MOST_CELLS, MOST_TEXT, Unreadable, read_cells, rebuild
from bncourse.grading.submitted import find, strange
from bncourse.grading.written import LONGEST_COLOURED, NothingFetched, code_to_html, markdown_to_html, page
from bncourse.observing import wire
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


@contextmanager
def at_once(seconds: float = 2.0) -> Iterator[None]:
    """What is done meanwhile must not take the processor's time for more than that; it took minutes, or hours."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < seconds


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


def test_texts_of_all_cells_have_a_limit_together(assignment):
    notebook = right()
    notebook["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": "x" * LONGEST_CELL}] * 6
    found, remarks = rebuild(as_bytes(notebook), assignment)
    assert text_of(found, LAYER) == RIGHT_LAYER
    assert sum(len(cell.source) for cell in found.cells) < MOST_TEXT + 50_000
    assert len(remarks) == 1


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


def test_picture_that_is_shown_thousands_of_times_is_not_copied_as_often(assignment):
    notebook = right(why_answer="![](attachment:a.png) " * 40_000)
    large = PIXEL.rstrip("=") + "A" * 99_998
    cell_of(notebook, "why-answer")["attachments"] = {"a.png": {"image/png": large}}
    with at_once(5):
        found, remarks = rebuild(as_bytes(notebook), assignment)
    assert len(text_of(found, "why-answer")) < 20 << 20
    assert remarks == ["a picture was left out: it is no PNG or JPEG, or too large"]


def test_json_that_unfolds_in_memory_is_refused_unread():
    with pytest.raises(Unreadable, match="more than 2,000,000 values"):
        read_cells(b'{"cells": [' + b"[]," * 3_000_000 + b"[]]}")
    # What stands in a text, such as a printed array, is no value.
    text = json.dumps({"cells": [{"cell_type": "code", "source": "1", "outputs": ["1, 2, " * 2_000_000]}]})
    assert len(read_cells(text.encode())) == 1
    # Nor is what stands between escaped quotation marks.
    text = json.dumps({"cells": [{"cell_type": "code", "source": "1", "outputs": '", ' * 3_000_000}]})
    with at_once(5):
        assert len(read_cells(text.encode())) == 1


def test_pictures_are_known_by_what_is_in_them():
    assert Room().take(PIXEL) == "image/png"
    assert Room().take("/9j/4AAQSkZJRgABAQAAAQABAAD/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/Z") == "image/jpeg"
    for data in ("", "PHN2Zy8+", "not base64", PIXEL[:20]):
        assert Room().take(data) == ""
    assert pasted(f"a data:image/gif;base64,{PIXEL} b", Room().take) == "a image/png b"


def test_pictures_of_a_notebook_have_a_limit_together():
    room = Room(bytes=3 * len(PIXEL), points=2)
    assert [room.take(PIXEL) for _ in range(3)] == ["image/png", "image/png", ""]
    assert Room(bytes=len(PIXEL)).take(PIXEL + "AAAA") == ""


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


def test_very_many_pictures_are_shown_at_once():
    with at_once(20):
        shown = markdown_to_html(f"![](data:image/png;base64,{PIXEL})\n\n" * 8_000)
    assert shown.count(f'src="data:image/png;base64,{PIXEL}"') in (0, 8_000)  # none where the machine is too slow
    assert "picture.invalid" not in shown


def test_page_that_took_long_shows_the_rest_as_it_was_typed(monkeypatch):
    monkeypatch.setattr(page, "seconds", 0.0)
    monkeypatch.setattr(page, "coloured", 0)
    assert markdown_to_html("*a* <script>") == "<pre>*a* &lt;script&gt;</pre>"
    assert "<span" not in code_to_html("x = 1")
    exporter = nbconvert.exporters.HTMLExporter()
    NothingFetched(parent=exporter).preprocess(nbformat.v4.new_notebook(), {})
    assert "<em>a</em>" in markdown_to_html("*a*")
    assert "<span" in code_to_html("x = 1")


@pytest.mark.parametrize(
    "code", ["\n " * 200_000, "a." * 200_000, "x = 1\n" * LONGEST_COLOURED], ids=["gap", "line", "long"]
)
def test_code_whose_colouring_takes_long_is_shown_without(code):
    with at_once():
        shown = code_to_html(f"{code}<script>")
    assert "&lt;script&gt;" in shown
    assert "<span" not in shown


def test_code_in_colours_shows_no_markup_of_its_own():
    shown = code_to_html("x = '<script>'")
    assert "<span" in shown
    assert "<script>" not in shown


def test_tabs_and_overwritten_lines_are_shown():
    assert wire.read_text("a\tb\r10 %\r20 %\r\nc\x1b[0m") == "a\tb\n10 %\n20 %\nc\ufffd[0m"


def test_code_that_takes_long_to_read_is_looked_at_all_the_same():
    with at_once():
        assert reaches("\n" * 20_000 + "import ctypes") == ["ctypes"]
        assert reaches("import gc\nx = a" + ".b" * 600) == ["gc"]
        assert reaches("import gc\n" + "x = a.b.c\n" * LONGEST_READ) == ["gc"]


def test_error_that_takes_long_to_search_is_told(assignment):
    said = [nbformat.v4.new_output("error", ename="E", evalue=" (<" * 6_000, traceback=["-" * 19_000 + "> 7 a"] * 20)]
    cells = [nbformat.v4.new_code_cell("class BatchNorm1d: pass", outputs=said)]
    with at_once():
        verdict = with_cause(Verdict(False, 0.0, "does-not-run", ""), cells, assignment, LAYER_TEST)
    assert verdict.report.endswith("in line 7 of its cell")


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


def test_notebook_among_thousands_of_files_is_found(submitted):
    for i in range(2_000):
        (submitted / "zoe" / ASSIGNMENT / f"{i}.ipynb").touch()
    ((zoe,), left_out) = find(submitted, ASSIGNMENT)
    assert (zoe.path.name, left_out) == (f"{ASSIGNMENT}.ipynb", [])


def test_what_cannot_be_graded_is_said(submitted):
    (submitted / "ben").mkdir()
    (submitted / "ben" / ASSIGNMENT).touch()
    (submitted / "cleo" / ASSIGNMENT).mkdir(parents=True)
    for name in ("Copy of it.ipynb", "it (1).ipynb"):
        (submitted / "cleo" / ASSIGNMENT / name).touch()
    found, left_out = find(submitted, ASSIGNMENT)
    assert [each.student for each in found] == ["zoe"]
    assert [each.name for each in left_out] == ["ben", "cleo"]
    assert "is no folder" in str(left_out[0])
    assert "2 notebooks" in str(left_out[1])


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
