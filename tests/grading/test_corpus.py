"""Every hostile submission is judged and judges nothing; every odd and honest one keeps its marks.

The corpus is graded as one class, in which the hostile and the honest are neighbours: by an ordinary user all of it,
and by root what depends on who grades.
"""

import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from classroom import ASSIGNMENT, CALIBRATION_TEST, LAYER_TEST, PLUG_TEST, POINTS, Classroom, right
from people import PEOPLE, Person

from bncourse.grading.limits import Limits

sys.path.insert(0, str(Path(__file__).with_name("corpus")))

from outcomes import NEARLY_RIGHT, active, is_over, most_points, page_of, sees, used
from reading import GROUPS, Entry, entries

HOSTILE, HONEST = entries("hostile"), entries("honest")

FOR_ROOT_TOO = {"answer", "resources", "honest"}
"""The groups whose outcome could depend on who grades."""

SECONDS = 8
"""Of the processor, for each: a right one takes a second."""

PICTURE = re.compile(r"data:image/[^)\s]*")


@dataclass
class Class:
    """The corpus, graded."""

    room: Classroom
    entries: list[Entry]
    said: str
    points: dict[str, float]

    def notebook(self, entry: Entry) -> nbformat.NotebookNode:
        """The graded notebook of an entry."""
        return self.room.graded(entry.name)

    def verdicts(self, entry: Entry) -> dict[str, dict]:
        """Per test cell the verdict."""
        folder = self.room.folder / "autograded" / entry.name / ASSIGNMENT
        return json.loads((folder / ".bncourse-outcome.json").read_bytes())["verdicts"]


def valuables(folder: Path) -> dict[str, bytes]:
    """What nothing that is handed in may change."""
    found = [
        *(folder / "solutions").rglob("*"),
        *(folder / "submitted" / "zoe").rglob("*"),
        folder / ".bncourse-secret",
    ]
    return {str(path): path.read_bytes() for path in found if path.is_file()}


# All tests of a class go to one process: each process that had some of them would grade the class again.
@pytest.fixture(
    scope="module",
    params=[pytest.param(p, marks=pytest.mark.xdist_group(f"corpus of {p.name}"), id=p.name) for p in PEOPLE],
)
def graded(request, template, tmp_path_factory) -> Class:
    """The class, graded by one command."""
    person: Person = request.param
    folder = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(template, folder)
    room = Classroom(folder)
    chosen = [e for e in HOSTILE + HONEST if not person.is_root or e.group in FOR_ROOT_TOO]
    for entry in chosen:
        entry.hand_in(folder / "submitted" / entry.name / ASSIGNMENT, ASSIGNMENT, folder)
    room.hand_in("zoe", right())
    (folder / ".bncourse-secret").write_text("5e" * 32)
    before = valuables(folder)
    limits = ("--wall-seconds", "25", "--cpu-seconds", str(SECONDS))
    done = person.run(folder, "-m", "bncourse.grading", ASSIGNMENT, *limits)
    assert done.returncode == 0, done.stderr
    assert "note:" not in done.stderr, "a wall is missing here: see guides/grading-safely.md"
    assert valuables(folder) == before
    return Class(room, chosen, done.stdout, room.points())


def hostile(graded: Class) -> list[Entry]:
    return [entry for entry in graded.entries if entry.group != "honest"]


def test_no_pass_is_forged(graded):
    verdicts = {entry.name: graded.verdicts(entry)[LAYER_TEST] for entry in hostile(graded)}
    assert [name for name, verdict in verdicts.items() if verdict["passed"] or not verdict["diagnosis"]] == []
    trained = {entry.name for entry in hostile(graded) if graded.verdicts(entry)[PLUG_TEST]["passed"]}
    assert trained <= NEARLY_RIGHT
    for entry in hostile(graded):
        assert graded.points[entry.name] <= most_points(entry.name), entry.name


def test_what_is_right_in_a_hostile_submission_keeps_its_points(graded):
    lost = [
        entry.name
        for entry in hostile(graded)
        if entry.neighbour and not graded.verdicts(entry)[CALIBRATION_TEST]["passed"]
    ]
    assert lost == []


def test_the_honest_neighbours_have_full_marks(graded):
    expected = sum(POINTS.values())
    names = [entry.name for entry in graded.entries if entry.group == "honest"] + ["zoe"]
    assert {name: graded.points[name] for name in names if graded.points[name] != expected} == {}


def test_nothing_is_seen_that_is_not_the_learners(graded):
    assert [entry.name for entry in graded.entries if sees(graded.notebook(entry))] == []


def test_nobody_used_more_than_there_was(graded):
    over = []
    for entry in graded.entries:
        folder = graded.room.folder / "autograded" / entry.name / ASSIGNMENT
        memory, seconds = used(json.loads((folder / ".bncourse-outcome.json").read_bytes()))
        size = (folder / f"{ASSIGNMENT}.ipynb").stat().st_size
        if is_over(memory, seconds, size, most_memory=Limits().memory, most_seconds=SECONDS):
            over.append(entry.name)
    assert over == []


PAGES = {
    "page_of_all_kinds",
    "script_in_answer",
    "script_in_output",
    "style_that_fetches",
    "picture_from_elsewhere",
    "code_that_takes_long_to_read",
}


def test_pages_of_the_hostile_hold_nothing_active_that_is_not_in_others(graded):
    plain = active(page_of(graded.room.folder, "zoe"))
    names = [entry.name for entry in graded.entries if entry.name in PAGES]
    found = {name: active(page_of(graded.room.folder, name)) - plain for name in names}
    assert {name: more for name, more in found.items() if more} == {}


@pytest.mark.parametrize(
    "page", ["<script>a</script>", "<p onclick=a>", "<img src=//a>", "<a href=javascript:a>", "<i style='a: url(b)'>"]
)
def test_what_is_active_in_a_page_is_found(page):
    assert active(page)
    assert not active("<p>a <img src='data:image/png;base64,a'> <a href='https://example.org'>b</a>")


def test_graded_notebooks_are_the_instructors_frame(graded):
    for entry in graded.entries:
        notebook = graded.notebook(entry)
        nbformat.validate(notebook)
        for cell in notebook.cells:
            own = cell.metadata.get("nbgrader", {})
            assert own.get("grade_id") != LAYER_TEST or (cell.cell_type, own.points, own.locked) == ("code", 4, True)
            assert not cell.metadata.get("tags") or "skip-execution" not in cell.metadata.tags
            for output in cell.get("outputs", []):
                assert output.output_type in ("stream", "error", "display_data")
                assert set(output.get("data", {})) <= {"text/plain", "image/png", "image/jpeg"}
        # Pictures in texts have a limit of their own; see outcomes.LARGEST.
        assert len(PICTURE.sub("", nbformat.writes(notebook))) < 8 << 20, entry.name


def test_the_corpus_covers_every_group():
    assert {entry.group for entry in HOSTILE} == set(GROUPS) - {"honest"}
    assert len(HOSTILE) >= 200
    assert len(HONEST) >= 45
    assert len({entry.name for entry in HOSTILE + HONEST}) == len(HOSTILE + HONEST), "two files are one student's"
