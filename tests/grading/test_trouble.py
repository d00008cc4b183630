"""Trouble of the kinds that classes bring, through the real command: everybody stands once in the account."""

import csv
import json
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pytest
from classroom import ASSIGNMENT, Classroom, as_bytes, right, wrong
from platforms import canvas_reads, canvas_takes_feedback, table, zipped
from sqlalchemy.exc import SAWarning
from test_groups import MarkedAsCodePage
from test_rosters import HEAD, row

from bncourse.grading.collecting.account import Account
from bncourse.grading.collecting.collect import account_of
from bncourse.grading.collecting.command import main
from bncourse.grading.collecting.names import read_label
from bncourse.grading.collecting.returning import canvas_file, feedback_name, moodle_file
from bncourse.grading.collecting.rosters import read_roster
from bncourse.grading.course import RECORDED, Course
from building import ROOT

FILE = f"{ASSIGNMENT}.ipynb"
GOOD, BAD = as_bytes(right()), as_bytes(wrong())
PUBLISHED = (ROOT / "solutions" / ASSIGNMENT / FILE).read_bytes()
TAKEN, UNREADABLE, MISSING = "to be graded", "unreadable", "missing"

CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "06 Running statistics (777)", "Current Score"]
POSSIBLE = ["    Points Possible", "", "", "", "", "10.00", "(sólo lectura)"]
BOB = ["Ng, Bob", 5001, "s1", "bob@x.org", "BN", "", ""]
OF_BOB = {f"ngbob_5001_9001_{FILE}": GOOD}


@dataclass
class Case:
    """What is handed in, by whom, and what has to become of each."""

    files: dict[str, bytes]
    roster: str | bytes
    expected: dict[str, str]
    options: list[str] = field(default_factory=list)
    said: str = ""


def collected(classroom: Classroom, folder: Path, case: Case, capsys: pytest.CaptureFixture) -> Account:
    """Run the command, and read the account that it wrote."""
    (folder / "in.zip").write_bytes(zipped(case.files))
    (folder / "class.csv").write_bytes(case.roster if isinstance(case.roster, bytes) else case.roster.encode())
    words = ["collect", ASSIGNMENT, folder / "in.zip", "--roster", folder / "class.csv", *case.options]
    code = main([*map(str, words), "--course", str(classroom.folder)])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert case.said in said.out
    account = account_of(Course(classroom.folder), ASSIGNMENT)
    assert account is not None
    return account


def canvas(*rows: list, mark: str = ",") -> str:
    """Canvas's gradebook."""
    return table([CANVAS, POSSIBLE, *rows], mark)


def moodle(*rows: list, head: list[str] = HEAD) -> str:
    """Moodle's worksheet."""
    return table([head, *rows])


AGAIN = FILE.replace(".ipynb", "-1.ipynb")
ENVIRONMENT = {f"work/.venv/{i}.py": b"x" for i in range(2100)}

CASES = {
    "names of groups with numbers": Case(
        {f"group_1_5001_90001_{FILE}": GOOD, f"2_LATE_5002_90002_{FILE}": GOOD},
        canvas(BOB, ["Lee, Kim", 5002, "", "", "BN", "", ""], ["Cox, Cyd", 5003, "", "", "BN", "", ""]),
        {"5001": TAKEN, "5002": TAKEN, "5003": TAKEN},
        ["--groups", "GROUPS"],
    ),
    "Canvas's test student in another language, and a row of what is posted by hand": Case(
        OF_BOB,
        table(
            [
                CANVAS,
                [*[""] * 5, "Manual Posting", ""],
                POSSIBLE,
                BOB,
                ["Étudiant, Test", 9, "", "3f" * 20, "BN", "", ""],
            ]
        ),
        {"5001": TAKEN},
    ),
    "semicolons between headings that have commas in them": Case(
        OF_BOB,
        ";".join([*CANVAS[:5], *[f"a, b, c ({i})" for i in range(9)]]) + "\nNg, Bob;5001;s;l;BN" + ";" * 9 + "\n",
        {"5001": TAKEN},
    ),
    "tabs in UTF-16, and lines of nothing but spaces": Case(
        OF_BOB, canvas(BOB, [" ", "", "", "", "", "", " "], mark="\t").encode("utf-16"), {"5001": TAKEN}
    ),
    "a roster in a Chinese code page": Case(
        {f"王小明/{FILE}": GOOD},
        "学号,姓名\n0207,王小明\n7,李雷\n".encode("gb18030"),
        {"0207": TAKEN, "7": MISSING},
        ["--encoding", "gb18030"],
    ),
    "a code page that is not said": Case(
        {f"0207/{FILE}": GOOD}, "id,name\n0207,王小明\n".encode("gb18030"), {"0207": TAKEN}, said="--encoding gb18030"
    ),
    "a list of participants in German, with the address as the only id": Case(
        {f"Bee, Zoë/{FILE}": GOOD},
        "Vorname;Nachname;E-Mail-Adresse\nZoë;Bee;Zoe@x.org\nCy;Dee;cy@x.org\n",
        {"Zoe@x.org": TAKEN, "cy@x.org": MISSING},
    ),
    "marks in an id that nobody sees": Case({f"ada/{FILE}": GOOD}, "id,name\n\u200fada\u200b,Ada\n", {"ada": TAKEN}),
    "ids that a spreadsheet has taken for numbers": Case(
        {f"00123/{FILE}": GOOD, f"x_00456_{FILE}": GOOD, f"06/77777/{FILE}": GOOD},
        "id,name\n123,Ann Lee\n456,Bob Ng\n77777.0,Cy Dee\n6,Dee Bee\n",
        {"123": TAKEN, "456": TAKEN, "77777": TAKEN, "6": MISSING},
    ),
    "a name with the signs of an address": Case(
        {"Bob%20Ng_06%20final.ipynb": GOOD}, "id,name\nb1,Bob Ng\nb2,Kim Lee\n", {"b1": TAKEN, "b2": MISSING}
    ),
    "letters that macOS takes apart": Case(
        {f"{unicodedata.normalize('NFD', 'zoë')}/{FILE}": GOOD}, "id,name\nzoë,Zoë Bee\n", {"zoë": TAKEN}
    ),
    "an id of the university's that is somebody else's number in Canvas": Case(
        {f"beeann_5001_9001_{FILE}": GOOD},
        "id,name\n5001,Cy Dee\n5002,Ann Bee\n",
        {"5001": MISSING, "5002": TAKEN},
    ),
    "a line in the worksheet that is no participant": Case(
        {f"Ann Ax_100_assignsubmission_file/{FILE}": GOOD},
        moodle(*[row(i) for i in range(5)], ["Average", "", "", "", "7", "", "", "", "", ""]),
        {"p0@example.org": TAKEN} | {f"p{i}@example.org": MISSING for i in range(1, 5)},
        said="line 7 names no participant: 'Average'",
    ),
    "numbers of the university's own in the worksheet": Case(
        {f"Ann Ax_100_assignsubmission_file/{FILE}": GOOD},
        moodle(
            *[[*row(i)[:2], 4700 + i, "10", *row(i)[2:]] for i in range(3)],
            head=[*HEAD[:2], "ID number", "Department", *HEAD[2:]],
        ),
        {"p0@example.org": TAKEN, "p1@example.org": MISSING, "p2@example.org": MISSING},
    ),
    "text typed into Moodle": Case(
        {"Ann Ax_100_assignsubmission_onlinetext/onlinetext.html": b"<p>https://colab.example</p>"},
        moodle(row(0)),
        {"p0@example.org": UNREADABLE},
    ),
    "a whole environment in a zip": Case(
        {
            "ngbob_5001_9001_work.zip": zipped(
                ENVIRONMENT | {"work/06.ipynb": GOOD, "work/.ipynb_checkpoints/06-checkpoint.ipynb": as_bytes(wrong())}
            )
        },
        canvas(BOB),
        {"5001": TAKEN},
        said="other files",
    ),
    "names that a terminal would obey": Case(
        {"ngbob_5001_9001_\x1b[2J\n5 graded\u202e.ipynb": b""},
        canvas(BOB),
        {"5001": UNREADABLE},
        said="\ufffd[2J\ufffd5 graded\ufffd.ipynb: an empty file",
    ),
    "handed in again, renamed by Canvas, in a second archive": Case(
        {"first.zip": zipped({f"ngbob_5001_9001_{FILE}": BAD}), "new.zip": zipped({f"ngbob_5001_9007_{AGAIN}": GOOD})},
        canvas(BOB),
        {"5001": TAKEN},
        said=f"handed in 2 notebooks; the newest counts: {AGAIN}, not {FILE}",
    ),
    "copies that a browser numbered": Case(
        {f"Bob Ng/hw-06{mark}.ipynb": GOOD if mark == "-10" else BAD for mark in ("", "-1", "-9", "-10")},
        "id,name\nbob,Bob Ng\n",
        {"bob": TAKEN},
        said="the newest counts: Bob Ng/hw-06-10.ipynb, not",
    ),
    "names that Canvas runs together, and a table of one's own": Case(
        {
            f"{name}_{i}_90{i}_{FILE}": GOOD
            for i, name in enumerate(("obrienseán", "leemarieanne", "garcíalópezana"), 1)
        },
        "id,name\nu1,Seán O'Brien\nu2,Marie-Anne Lee\nu3,Ana García López\n",
        {"u1": TAKEN, "u2": TAKEN, "u3": TAKEN},
    ),
    "one group's work from Moodle, and a table of one's own": Case(
        {f"Lab 3-Bob Ng_12000_assignsubmission_file/{FILE}": GOOD},
        "id,name\nbob,Bob Ng\ncy,Cy Dee\n",
        {"bob": TAKEN, "cy": MISSING},
    ),
    "Windows's own way of parting folders": Case(
        {f"Ann Ax_100_assignsubmission_file\\my work\\{FILE}": GOOD}, moodle(row(0)), {"p0@example.org": TAKEN}
    ),
    "a name in one word, one that stands in another, and versions that are somebody's id": Case(
        {
            "Madonna/hw 1.ipynb": GOOD,
            "Ann Lee/06.ipynb": GOOD,
            "06 - Ann Lee Smith (2).ipynb": GOOD,
            "2/06.ipynb": GOOD,
        },
        "id,name\n1,Cy Dee\n2,Bob Ng\n3,Madonna\n4,Ann Lee\n5,Ann Lee Smith\n",
        {"1": MISSING, "2": TAKEN, "3": TAKEN, "4": TAKEN, "5": TAKEN},
    ),
    "a group that is called like the one who leads it, who handed in alone": Case(
        {f"Ann Ax_100_assignsubmission_file/{FILE}": GOOD},
        moodle(*[[*row(i)[:4], "Ann Ax", *row(i)[4:]] for i in range(2)], head=[*HEAD[:4], "Group", *HEAD[4:]]),
        {"p0@example.org": TAKEN, "p1@example.org": MISSING},
    ),
    "what teachers gave back, beside what was handed in": Case(
        {
            f"Ann Ax_100_assignsubmission_file/{FILE}": GOOD,
            f"Ann Ax_100_assignfeedback_file/{FILE.replace('.', '-zz.')}": BAD,
            f"Ann Bx_101_assignfeedback_file_{FILE}": BAD,
        },
        moodle(row(0), row(1)),
        {"p0@example.org": TAKEN, "p1@example.org": MISSING},
        said="given back by a teacher",
    ),
    "an instructor's own folder of feedback on a shared drive": Case(
        {"hw/submitted/Bob Ng/06.ipynb": GOOD, "hw/zz/feedback/Bob Ng/06.ipynb": BAD},
        "id,name\nbob,Bob Ng\n",
        {"bob": TAKEN},
    ),
    "a copy of the whole repository, all of one time": Case(
        {
            "ngbob_5001_9001_main.zip": zipped(
                {f"course/exercises/{ASSIGNMENT}/{FILE}": GOOD, f"course/solutions/{ASSIGNMENT}/{FILE}": PUBLISHED}
            )
        },
        canvas(BOB),
        {"5001": TAKEN},
    ),
    "a folder with a date, which might be Canvas's": Case(
        {f"class_2026_11_29/ngbob_5001_9001_{FILE}": GOOD, f"class_2026_11_29/leekim_LATE_5002_9002_{FILE}": GOOD},
        canvas(BOB, ["Lee, Kim", 5002, "", "", "BN", "", ""]),
        {"5001": TAKEN, "5002": TAKEN},
    ),
    "a roster in Windows's Unicode without its mark": Case(
        {f"zoë/{FILE}": GOOD}, "id,name\nzoë,Zoë Bee\n".encode("utf-16-le"), {"zoë": TAKEN}
    ),
    "Moodle's times, and no due date in the gradebook": Case(
        {f"Ann Ax_100_assignsubmission_file/{FILE}": GOOD},
        moodle([*row(0)[:7], "Tuesday, 2 February 2027, 9:14 AM", "-", ""]),
        {"p0@example.org": TAKEN},
        said="has no due date for 06-running-statistics, so that nobody is late",
    ),
    "typed words beside the file, on both platforms' pages": Case(
        {
            "Ann Ax_100_assignsubmission_onlinetext/onlinetext.html": b"<p>see my file</p>",
            f"Ann Ax_100_assignsubmission_file/{FILE}": GOOD,
        },
        moodle(row(0)),
        {"p0@example.org": TAKEN},
        said="other files: onlinetext.html: a web page",
    ),
}
"""By the kind of trouble."""


@pytest.mark.parametrize("kind", CASES)
def test_everybody_stands_once_in_the_account(
    kind: str, classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    case = CASES[kind]
    groups = tmp_path / "groups.csv"
    groups.write_text("canvas_user_id,name,group_name\n5001,Bob Ng,Group 1\n5003,Cyd Cox,Group 1\n5002,Kim Lee,2\n")
    case.options = [str(groups) if word == "GROUPS" else word for word in case.options]
    account = collected(classroom, tmp_path, case, capsys)
    assert {e.id: e.state for e in account.entries.values()} == case.expected
    assert account.others == []
    there = {path.parts[-3]: path.read_bytes() for path in (classroom.folder / "submitted").glob(f"*/*/{FILE}")}
    assert there == {student: GOOD for student, state in case.expected.items() if state == TAKEN}
    assert all(len(e.kept) <= 21 for e in account.entries.values())


NOTEBOOKS = {
    "06.ipynb.json": (GOOD, ""),
    "with a mark.ipynb": (b"\xef\xbb\xbf" + GOOD, ""),
    "saved by an editor of Windows.IPYNB": (
        json.dumps(right(why_answer="été"), ensure_ascii=False).encode("cp1252"),
        "",
    ),
    "without an ending": (GOOD, ""),
    "from a shell of Windows.ipynb": (GOOD.decode().encode("utf-16"), ""),
    "work.tar": (b"06.ipynb" + b"\0" * 600, "a tar archive, which is not read"),
    "merged.ipynb": (b"{\n<<<<<<< HEAD\n}", "not JSON: it has the marks of a merge that was not finished"),
    "list.ipynb": (b"[]", "no JSON, as a notebook is"),
    "null.ipynb": (b'{"cells": null}', "the file holds JSON, and no notebook"),
    "chapter.ipynb": (b"", "an empty file"),
    "page.ipynb": (b"<!DOCTYPE html><html><body>06</body></html>", "page.ipynb: a web page"),
    "text.ipynb": (b"{\\rtf1\\ansi 06}", "text.ipynb: a text document"),
    "06.ipynb.gdoc": (b'{"doc_id": "1"}', "a link to Google Drive"),
    "shortcut.ipynb": (b'{"url": "https://drive.example/1", "doc_id": "1"}', "a link to Google Drive"),
    "06.pages": (zipped({"Index/Document.iwa": b"x"}), "a Pages document"),
    "nothing.zip": (zipped({}), "an archive without files"),
    "rar.zip": (b"Rar!\x1a\7\0", "cannot be opened (it is a RAR archive, which is not read)"),
    "half.zip": (zipped({FILE: GOOD})[:-100], "cannot be opened (its end is missing)"),
    "photo.heic": (b"\0\0\0\x18ftypheic", "a picture or a film"),
}


def test_files_are_what_they_hold(classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture):
    students = {str(5000 + i): each for i, each in enumerate(NOTEBOOKS.items())}
    case = Case(
        {f"x{i}_{i}_9{i}_{name}": data for i, (name, (data, _)) in students.items()},
        canvas(*[[f"X{i}, Y", i, "", "", "BN", "", ""] for i in students]),
        {},
    )
    account = collected(classroom, tmp_path, case, capsys)
    for student, (name, (_, why)) in students.items():
        entry = account.entries[student]
        assert (entry.state, why in entry.why) == (UNREADABLE if why else TAKEN, True), (name, entry)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_one_name_twice_in_an_archive_the_last_counts(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        for data in (BAD, GOOD):
            archive.writestr(next(iter(OF_BOB)), data)
    case = Case({"all.zip": (tmp_path / "twice.zip").read_bytes()}, canvas(BOB), {})
    entry = collected(classroom, tmp_path, case, capsys).entries["5001"]
    assert (classroom.folder / "submitted" / "5001" / ASSIGNMENT / FILE).read_bytes() == GOOD
    assert "the last of this name in the archive, not those before it" in entry.notes[0]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp850", "Inês São"), ("gb18030", "王小明"), ("cp1251", "Иван Петров"), ("cp932", "田中 太郎")],
)
def test_folders_zipped_by_windows_in_any_country(
    encoding: str, name: str, classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    with zipfile.ZipFile(tmp_path / "drive.zip", "w") as archive:
        archive.writestr(MarkedAsCodePage(f"Work/{name}/06.ipynb", encoding), GOOD)
    inner = (tmp_path / "drive.zip").read_bytes()
    case = Case({"all.zip": inner}, f"id,name\na,{name}\nb,Bob Ng\n", {})
    account = collected(classroom, tmp_path, case, capsys)
    assert {e.id: e.state for e in account.entries.values()} == {"a": TAKEN, "b": MISSING}


def test_one_who_hands_in_again_waits_to_be_graded_again(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    case = Case({f"ngbob_5001_9001_{FILE}": as_bytes(wrong())}, canvas(BOB), {})
    assert collected(classroom, tmp_path, case, capsys).entries["5001"].state == TAKEN
    classroom.grade()
    assert account_of(Course(classroom.folder), ASSIGNMENT).entries["5001"].state == "graded"
    case.files = {f"ngbob_LATE_5001_9002_{FILE}": GOOD}
    assert collected(classroom, tmp_path, case, capsys).entries["5001"].state == TAKEN
    assert main(["return", ASSIGNMENT, "--course", str(classroom.folder)]) == 0
    said = capsys.readouterr().out
    assert "0 grades" in said
    assert "A newer submission is not graded yet (1): Ng, Bob; run 'python -m bncourse.grading" in said
    classroom.grade()
    assert account_of(Course(classroom.folder), ASSIGNMENT).entries["5001"].state == "graded"


def test_what_canvas_excuses_or_has_already_is_said_and_not_changed_in_silence(tmp_path: Path):
    path = tmp_path / "class.csv"
    grades = {"5001": "EX", "5002": "7,00", "5003": "8.00", "5004": "N/A"}
    path.write_text(canvas(*[[f"X{i}, Y", i, "", "", "BN", grade, "9"] for i, grade in grades.items()]))
    roster = read_roster(path, None)
    filled = canvas_file(roster, ASSIGNMENT, dict.fromkeys(grades, 8.0), 10.0, None)
    assert canvas_reads(filled.text) == {"5002": 8.0, "5003": 8.0, "5004": 8.0}
    assert (filled.excused, filled.other) == (["5001"], {"5002": "7,00"})


def test_what_moodle_would_not_take_is_said(tmp_path: Path):
    rows = [row(0), row(1), row(2, grade="4,50")]
    for cells, can_be_changed in zip(rows, ("Nein", "Ja", "Ja"), strict=True):
        cells[5], cells[6] = "5,00", can_be_changed
    path = tmp_path / "class.csv"
    path.write_text(table([HEAD, *rows]).replace("\r\n", ",,\r\n"))
    roster = read_roster(path, None)
    points = {f"p{i}@example.org": grade for i, grade in enumerate((8.0, 9.0, 10.5))}
    filled = moodle_file(roster, ASSIGNMENT, points, 10.0, None)
    read = list(csv.reader(filled.text.splitlines()))
    assert {len(cells) for cells in read} == {len(HEAD)}, "Moodle takes no file with lines of different lengths"
    assert [cells[4] for cells in read[1:]] == ["", "4,50", "5,25"]
    assert (filled.locked, filled.above, filled.scale) == (["p0@example.org"], ["p2@example.org"], 0.5)
    assert filled.other == {"p2@example.org": "4,50"}


def test_a_worksheet_of_another_assignment_gets_no_grades(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    case = Case({f"Ann Ax_100_assignsubmission_file/{FILE}": GOOD}, moodle(row(0), row(1)), {})
    collected(classroom, tmp_path, case, capsys)
    other = [[f"Participant {900 + i}", *row(i)[1:]] for i in range(2)]
    (tmp_path / "other.csv").write_text(moodle(*other))
    words = ["return", ASSIGNMENT, "--roster", str(tmp_path / "other.csv"), "--course", str(classroom.folder)]
    assert main(words) == 2
    assert "is it another assignment's worksheet?" in capsys.readouterr().err
    assert not (classroom.folder / "returned").exists()


def test_feedback_for_a_group_that_is_a_number_finds_its_member(tmp_path: Path):
    (tmp_path / "class.csv").write_text(canvas(BOB))
    roster = read_roster(tmp_path / "class.csv", None)
    for stem in (f"1_5001_90001_{FILE}", f"group_1_5001_90001_{FILE}"):
        assert read_label(stem) is None or read_label(stem).number != "5001"
        name = feedback_name(roster, roster.students["5001"], stem, ASSIGNMENT)
        assert canvas_takes_feedback([name], {"5001": {"90001"}}) == {"5001": name}


def test_the_account_survives_what_a_file_name_may_hold(classroom: Classroom, tmp_path: Path):
    account = Account(ASSIGNMENT, "", {}, others=["\udcff.ipynb: not on the roster"])
    assert json.loads(account.save())["others"] == ["?.ipynb: not on the roster"]


def test_work_without_a_roster_in_a_folder_with_a_date(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    files = {f"class_2026_11_29/ngbob_5001_9001_{FILE}": GOOD, f"class_2026_11_29/leekim_5002_9002_{FILE}": GOOD}
    (tmp_path / "in.zip").write_bytes(zipped(files))
    assert main(["collect", ASSIGNMENT, str(tmp_path / "in.zip"), "--course", str(classroom.folder)]) == 0
    assert "2 students = 2 to be graded + 0 missing" in capsys.readouterr().out


def test_another_courses_gradebook_with_a_few_of_the_same_students_is_noticed(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    files = OF_BOB | {f"x{i}_{i}_9{i}_{FILE}": GOOD for i in range(10, 13)}
    account = collected(classroom, tmp_path, Case(files, canvas(BOB), {}), capsys)
    assert [e.state for e in account.entries.values()] == [TAKEN]
    assert len(account.others) == 3
    assert account.notes[0].startswith("3 who handed in are not on class.csv, and 1 are")


def test_a_gradebook_without_a_column_for_the_assignment_is_noticed(
    classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    """The students alone do not say whose gradebook it is where two courses have the same ones."""
    head = [*CANVAS[:5], "Essay 1 (778)", "Homework (779)", CANVAS[6]]
    other = table([head, [*POSSIBLE[:6], "5.00", POSSIBLE[6]], [*BOB[:6], "", ""]])
    account = collected(classroom, tmp_path, Case(OF_BOB, other, {}), capsys)
    assert account.entries["5001"].state == TAKEN
    (note,) = account.notes
    assert note.startswith(f"class.csv has no column like '{ASSIGNMENT}' (it has 'Essay 1 (778)', 'Homework (779)'): ")
    assert "--column" in note

    assert collected(classroom, tmp_path, Case(OF_BOB, canvas(BOB), {}), capsys).notes == []


def test_who_gets_an_extension_is_late_no_more(classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture):
    course = Course(classroom.folder)
    with course.gradebook() as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2027-01-31 23:59:00 UTC")
    case = Case({f"ngbob_LATE_5001_9001_{FILE}": GOOD}, canvas(BOB), {})
    entry = collected(classroom, tmp_path, case, capsys).entries["5001"]
    assert (entry.late, entry.handed_in) == (True, "2027-01-31 23:59:01")
    with course.gradebook() as gradebook, catch_warnings():
        simplefilter("ignore", SAWarning)  # nbgrader's own queries bring them about
        gradebook.update_or_create_submission(ASSIGNMENT, "5001", timestamp=entry.handed_in)
    recorded = classroom.folder / "autograded" / "5001" / ASSIGNMENT / RECORDED
    recorded.parent.mkdir(parents=True)
    recorded.touch()

    case.files = OF_BOB
    assert not collected(classroom, tmp_path, case, capsys).entries["5001"].late
    with course.gradebook() as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "5001").total_seconds_late == 0
    assert not recorded.exists(), "the next run takes the penalty off"
