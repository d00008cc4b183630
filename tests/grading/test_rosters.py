"""Rosters and names of a platform that are not as usual: nobody is dropped, and nothing stops the others."""

import csv
import os
import zipfile
from datetime import UTC
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pytest
from classroom import ASSIGNMENT, LAYER_TEST, Classroom, as_bytes, right
from platforms import canvas_takes_feedback, table, zipped
from sqlalchemy.exc import SAWarning

from bncourse.grading.collecting.archives import members
from bncourse.grading.collecting.collect import NotThisClass, account_of, collect, sort_out
from bncourse.grading.collecting.command import main
from bncourse.grading.collecting.names import read_label
from bncourse.grading.collecting.returning import ReturnError, moodle_file
from bncourse.grading.collecting.rosters import Roster, read_roster
from bncourse.grading.course import Course

HEAD = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"]
HEAD += ["Last modified (submission)", "Last modified (grade)", "Feedback comments"]


def roster(folder: Path, rows: list[list] | str) -> Roster:
    """Read a roster of these rows."""
    path = folder / "roster.csv"
    path.write_text(rows if isinstance(rows, str) else table(rows), "utf-8")
    return read_roster(path, UTC)


def row(i: int, **other: str) -> list[str]:
    """A row of Moodle's worksheet."""
    cells = {"name": f"Ann {chr(65 + i)}x", "email": f"p{i}@example.org", "grade": "", "most": "10.00"} | other
    name, email, grade, most = cells.values()
    return [f"Participant {100 + i}", name, email, "Submitted", grade, most, "Yes", "-", "-", ""]


def test_the_course_is_read_from_its_folder_wherever_the_command_is_run(
    classroom: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    (tmp_path / "in.zip").write_bytes(zipped({f"adalovelace_77_88_{ASSIGNMENT}.ipynb": as_bytes(right())}))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    words = ["collect", ASSIGNMENT, str(tmp_path / "in.zip"), "--course", str(classroom.folder)]
    assert main(words) == 0, capsys.readouterr().err
    assert (classroom.folder / "submitted" / "77" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").is_file()
    assert not os.listdir(tmp_path / "elsewhere")
    assert Course(classroom.folder).config.ClearSolutions.text_stub == "*Write your answer here.*"


def test_an_id_of_which_nothing_is_left_drops_nobody(tmp_path: Path):
    read = roster(tmp_path, "id,name\n..,Ada Lovelace\n,Bob Ng\n...,\ncy,Cy Young\n,\n")
    assert [(s.id, s.name) for s in read.students.values()] == [
        ("Ada-Lovelace".casefold(), "Ada Lovelace"),
        ("bob-ng", "Bob Ng"),
        ("line-4", "line-4"),
        ("cy", "Cy Young"),
    ]
    assert len(read.notes) == 3
    assert "line 2: '..' is no id" in read.notes[0]


@pytest.mark.parametrize("with_team", [False, True])
def test_an_anonymous_worksheet_names_participants_and_not_states(with_team: bool, tmp_path: Path):
    head = ["Identifier", "Status", *["Group"] * with_team, *HEAD[4:]]
    states = ["Submitted for grading", "No submission"] * 3
    rows = [[*row(i)[:1], states[i], *["Default group"] * with_team, *row(i)[4:]] for i in range(6)]
    read = roster(tmp_path, [head, *rows])
    assert read.kind == "moodle"
    assert [(s.id, s.name, s.number) for s in read.students.values()] == [
        (f"participant-{100 + i}", f"Participant {100 + i}", str(100 + i)) for i in range(6)
    ]
    assert len(read.notes) == 1
    assert "the worksheet is anonymous" in read.notes[0]
    member = "Participant_103_assignsubmission_file_/06.ipynb"
    (tmp_path / "in.zip").write_bytes(zipped({member: b"{}"}))
    owned, _ = sort_out(list(members(tmp_path / "in.zip", 0)), read, [])
    assert list(owned) == ["participant-103"]


@pytest.mark.parametrize(
    "odd", [{"grade": "excused"}, {"most": ""}, {"grade": "B+", "most": ""}], ids=["a word", "no maximum", "both"]
)
def test_one_odd_grade_costs_nobody_the_worksheet(odd: dict, tmp_path: Path):
    read = roster(tmp_path, [HEAD, row(0, **odd), row(1, grade="7.00"), row(2)])
    assert (read.kind, list(read.students)) == ("moodle", [f"p{i}@example.org" for i in range(3)])
    filled = moodle_file(read, ASSIGNMENT, {"p1@example.org": 5.0}, 10.0, None)
    assert (filled.scale, filled.other) == (1, {"p1@example.org": "7.00"})
    assert [cells[4] for cells in csv.reader(filled.text.splitlines())] == ["Grade", odd.get("grade", ""), "5.00", ""]


def test_grades_in_words_of_a_scale_are_collected_and_what_to_do_is_said(tmp_path: Path):
    scale = "Fail, Pass, Merit"
    read = roster(tmp_path, [[*HEAD[:5], "Scale", *HEAD[6:]], *[row(i, grade="Pass", most=scale) for i in range(3)]])
    assert (read.kind, len(read.students)) == ("moodle", 3)
    assert "let Moodle grade the assignment by points" in read.notes[0]
    with pytest.raises(ReturnError, match="set the grade of the assignment in Moodle to points"):
        moodle_file(read, ASSIGNMENT, {}, 10.0, None)


def test_two_who_share_an_email_are_two(tmp_path: Path):
    shared = "family@example.org"
    rows = [row(0, email=shared, name="Ann Lee"), row(1, email=shared, name="Ben Lee"), row(2)]
    read = roster(tmp_path, [HEAD, *rows])
    assert list(read.students) == [f"{shared}-ann-lee", f"{shared}-ben-lee", "p2@example.org"]
    assert len(read.notes) == 2
    same = [row(i, email=shared, name="Ann Lee") for i in range(2)]
    assert list(roster(tmp_path, [HEAD, *same]).students) == [f"{shared}-ann-lee-100", f"{shared}-ann-lee-101"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Ada/06_2026_11_30.ipynb", None),
        ("My work 06_12_13_x.ipynb", None),
        ("lovelaceada_5000_90000_06_2026_11_30.ipynb", ("lovelaceada", "5000", 90000, False, "06_2026_11_30.ipynb")),
        ("anon_Zk3xA_90000_12_limits.ipynb", ("anon_Zk3xA", "anon_Zk3xA", 90000, False, "12_limits.ipynb")),
        ("LATE_anon_Zk3xA_90000_06.ipynb", ("anon_Zk3xA", "anon_Zk3xA", 90000, True, "06.ipynb")),
        ("नेहा_LATE_5_6_06.ipynb", ("नेहा", "5", 6, True, "06.ipynb")),
    ],
)
def test_a_name_is_canvas_s_only_if_canvas_could_have_made_it(path: str, expected: tuple | None):
    label = read_label(path)
    assert (label and (label.name, label.number, label.attachment, label.late, label.file)) == expected


def test_folders_and_drives_say_whose_a_file_is(tmp_path: Path):
    read = roster(tmp_path, "id,name,email\nada,Ada Lovelace,ada@x.org\nbob,Bob Ng,b@x.org\ncy,Cy Young,c@x.org\n")
    paths = {
        "Ada Lovelace/hw_2026_11_30.ipynb": "ada",
        "OneDrive_2026-11-29/Submitted files/Ng, Bob/06/Version 2/Book.ipynb": "bob",
        "06 running statistics - Cy Young.ipynb": "cy",
        "drive-download-20261129T101500Z-001/b@x.org/Copy of 06.ipynb": "bob",
        "06-running-statistics_ada.ipynb": "ada",
    }
    (tmp_path / "in.zip").write_bytes(zipped({path: b"{}" for path in paths}))
    owned, nobodys = sort_out(list(members(tmp_path / "in.zip", 0)), read, [])
    assert nobodys == []
    assert {f.member.path: student for student, files in owned.items() for f in files} == paths


def test_anonymous_work_of_canvas_is_graded_and_returned_by_its_codes(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    names = ["anon_Zk3xA_901_06.ipynb", "LATE_anon_9bQrT_902_link.ipynb"]
    (tmp_path / "in.zip").write_bytes(zipped({name: as_bytes(right()) for name in names}))
    course = Course(classroom.folder)
    gradebook = tmp_path / "Grades.csv"
    gradebook.write_text('Student,ID,Section,06 (1)\n"Lovelace, Ada",5000,S,\n')
    with pytest.raises(NotThisClass, match="end anonymous grading in Canvas"):
        collect(course, ASSIGNMENT, [tmp_path / "in.zip"], gradebook, UTC)
    account = collect(course, ASSIGNMENT, [tmp_path / "in.zip"], None, UTC)
    assert set(account.entries) == {"anon_Zk3xA", "anon_9bQrT"}
    assert account.entries["anon_9bQrT"].late
    with course.gradebook() as book, catch_warnings():
        simplefilter("ignore", SAWarning)  # nbgrader's own queries bring them about
        for student in account.entries:
            (notebook,) = book.update_or_create_submission(ASSIGNMENT, student).notebooks
            for grade in notebook.grades:
                grade.auto_score = 4.0 if grade.name == LAYER_TEST else 0.0
                grade.needs_manual_grade = False
        book.db.commit()
    for step, end in (("autograded", "ipynb"), ("feedback", "html")):
        for student in account.entries:
            (classroom.folder / step / student / ASSIGNMENT).mkdir(parents=True)
            (classroom.folder / step / student / ASSIGNMENT / f"{ASSIGNMENT}.{end}").write_text(student)
    assert main(["return", ASSIGNMENT, "--course", str(classroom.folder)]) == 0, capsys.readouterr().err
    said = capsys.readouterr().out
    assert "2 grades:" in said
    assert "2 files of feedback:" in said
    with zipfile.ZipFile(next((classroom.folder / "returned").rglob("*.zip"))) as archive:
        taken = canvas_takes_feedback(archive.namelist(), {"anon_Zk3xA": {"901"}, "anon_9bQrT": {"902"}})
        assert {who: archive.read(name).decode() for who, name in taken.items()} == {w: w for w in taken}
    assert len(taken) == 2
    assert account_of(course, ASSIGNMENT).sum.endswith("2 graded + 0 missing")
