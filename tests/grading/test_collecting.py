"""From the platform and back: a class of 30 is accounted for, graded to the point, and what goes back is taken."""

import csv
import gzip
import io
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pytest
from classroom import ASSIGNMENT, CALIBRATION_TEST, POINTS, WRITTEN, Classroom, as_bytes, right
from killed_runs import dice_of_this_run, run_until
from nbgrader.api import Gradebook
from platforms import (
    Handed,
    canvas,
    canvas_reads,
    canvas_takes_feedback,
    moodle,
    moodle_reads,
    moodle_takes_feedback,
    the_class,
    zipped,
)
from sqlalchemy.exc import SAWarning

from bncourse.grading.assignment import Assignment
from bncourse.grading.collecting.collect import account_of, collect
from bncourse.grading.collecting.command import main
from bncourse.grading.collecting.recognising import Recogniser
from bncourse.grading.course import Course
from building import ROOT
from commands import nbgrader

WAYS: dict[str, Callable[[list, Path], Handed]] = {
    "canvas": canvas,
    "moodle-4.1": lambda pupils, folder: moodle(pupils, folder, old=False, folders=True),
    "moodle-before-4.1": lambda pupils, folder: moodle(pupils, folder, old=True, folders=True),
    "moodle-no-folders": lambda pupils, folder: moodle(pupils, folder, old=False, folders=False),
    "moodle-german": lambda pupils, folder: moodle(pupils, folder, old=False, folders=True, german=True),
}


def run(classroom: Classroom, *words: object) -> int:
    """Run the command in this process."""
    return main([*map(str, words), "--course", str(classroom.folder)])


def take_in(classroom: Classroom, handed: Handed) -> int:
    """Collect what a platform gives."""
    return run(
        classroom, "collect", ASSIGNMENT, *handed.archives, "--roster", handed.roster, "--timezone", "Europe/Berlin"
    )


def grade_without_running(classroom: Classroom, points: dict[str, float]) -> None:
    """Put grades where grading puts them: what is under test here is what comes before and after."""
    with Gradebook(f"sqlite:///{classroom.folder / 'gradebook.db'}", "bncourse") as gradebook, catch_warnings():
        simplefilter("ignore", SAWarning)  # nbgrader's own queries bring them about
        for student, all_points in points.items():
            submission = gradebook.update_or_create_submission(ASSIGNMENT, student)
            (notebook,) = submission.notebooks
            for grade in notebook.grades:
                name = grade.name
                if name == WRITTEN:
                    grade.manual_score = 2.0
                else:
                    grade.auto_score = POINTS[name] if all_points == 8 or name == CALIBRATION_TEST else 0.0
                grade.needs_manual_grade = False
        gradebook.db.commit()
    for student in points:
        for step, end in (("autograded", "ipynb"), ("feedback", "html")):
            folder = classroom.folder / step / student / ASSIGNMENT
            folder.mkdir(parents=True)
            (folder / f"{ASSIGNMENT}.{end}").write_text(student)


def grade_in_earnest(classroom: Classroom) -> None:
    """Grade with the instructor's command, give 2 points for each written answer, and make the feedback."""
    classroom.grade()
    with Gradebook(f"sqlite:///{classroom.folder / 'gradebook.db'}", "bncourse") as gradebook, catch_warnings():
        simplefilter("ignore", SAWarning)
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            grade = gradebook.find_grade(WRITTEN, ASSIGNMENT, ASSIGNMENT, submission.student.id)
            grade.manual_score, grade.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    nbgrader(classroom.folder, "generate_feedback", ASSIGNMENT)


@pytest.mark.parametrize("way", WAYS)
def test_a_class_of_30_is_accounted_for_and_gets_back_what_it_earned(
    way: str, classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    pupils = the_class()
    assert len(pupils) == 30
    with Gradebook(f"sqlite:///{classroom.folder / 'gradebook.db'}", "bncourse") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2027-01-31 23:59:00 UTC")
    handed = WAYS[way](pupils, tmp_path)

    assert take_in(classroom, handed) == 0, capsys.readouterr().err
    earned = {handed.ids[i]: pupil.points for i, pupil in enumerate(pupils) if pupil.points is not None}
    # One of the forms is graded in earnest; EARNEST=all does that with each, which takes minutes.
    in_earnest = way == "canvas" or os.environ.get("EARNEST") == "all"
    if in_earnest:
        grade_in_earnest(classroom)
    else:
        grade_without_running(classroom, earned)
    account = account_of(Course(classroom.folder), ASSIGNMENT)

    assert {e.id: e.state for e in account.entries.values()} == {
        handed.ids[i]: p.expected for i, p in enumerate(pupils)
    }
    if in_earnest:
        # Grading renews the account, and whoever collects again reads in it who is graded.
        files = [classroom.folder / "reports" / f"{ASSIGNMENT}-account.{kind}" for kind in ("csv", "html")]
        after_grading = [path.read_text("utf-8") for path in files]
        assert take_in(classroom, handed) == 0
        assert [path.read_text("utf-8") for path in files] == after_grading
        assert all("graded" in text and "to be graded" not in text for text in after_grading)
    assert [e.id for e in account.entries.values() if e.late] == [
        handed.ids[i] for i, pupil in enumerate(pupils) if pupil.late
    ]
    assert not account.others
    # The newest counts, whatever it is called: where the right one is expected, it is the right one that lies there.
    for i, pupil in enumerate(pupils):
        folder = classroom.folder / "submitted" / handed.ids[i] / ASSIGNMENT
        assert (folder / f"{ASSIGNMENT}.ipynb").is_file() == (pupil.expected == "graded")
        if pupil.late:
            assert (folder / "timestamp.txt").read_text().startswith("2027-0")
        elif pupil.expected == "graded" and pupil.name in ("Dee Dee", "Eve Adams"):
            assert (folder / f"{ASSIGNMENT}.ipynb").read_bytes() == as_bytes(right())
    if way.startswith("moodle"):
        late = handed.ids[next(i for i, pupil in enumerate(pupils) if pupil.late)]
        stamp = classroom.folder / "submitted" / late / ASSIGNMENT / "timestamp.txt"
        assert stamp.read_text() == "2027-02-02 08:14:00 UTC\n"

    assert run(classroom, "return", ASSIGNMENT) == 0, capsys.readouterr().err
    kind = way.split("-")[0]
    text = (classroom.folder / "returned" / ASSIGNMENT / f"{kind}-grades.csv").read_bytes().decode("utf-8")
    with zipfile.ZipFile(classroom.folder / "returned" / ASSIGNMENT / f"{kind}-feedback.zip") as archive:
        feedback = {name: archive.read(name).decode() for name in archive.namelist()}
    with_written = {student: points + 2 for student, points in earned.items()}
    if kind == "canvas":
        uploaded: dict[str, set[str]] = {}
        for path in handed.archives:
            for name in zipfile.ZipFile(path).namelist():
                user, attachment = [part for part in name.split("_") if part.isdigit()][:2]
                uploaded.setdefault(user, set()).add(attachment)
        assert canvas_reads(text) == with_written
        taken = {user: feedback[name] for user, name in canvas_takes_feedback(list(feedback), uploaded).items()}
    else:
        given = handed.roster.read_text("utf-8-sig")
        head = next(csv.reader(io.StringIO(given), delimiter=";" if "german" in way else ","))
        numbers = {12000 + 7 * i: handed.ids[i] for i in range(30)}
        read = moodle_reads(text, head, "Teilnehmer/in" if "german" in way else "Participant ")
        assert {numbers[n]: points for n, points in read.items()} == with_written
        taken_by = moodle_takes_feedback(list(feedback), set(numbers))
        assert len(taken_by) == len(feedback)
        taken = {numbers[int(name.split("_")[1])]: page for name, page in feedback.items()}
        assert {numbers[number] for number in taken_by} == set(taken)
    if in_earnest:
        assert {who: "biased-running-variance" in page for who, page in taken.items()} == {
            student: points < 8 for student, points in earned.items()
        }
        what_is_older_than_its_grade_stays_here(classroom, list(feedback), capsys)
    else:
        assert taken == {student: student for student in earned}


def what_is_older_than_its_grade_stays_here(
    classroom: Classroom, before: list[str], capsys: pytest.CaptureFixture
) -> None:
    """One gets other points for the answer, and one is graded again, after the feedback was made."""
    account = account_of(Course(classroom.folder), ASSIGNMENT)
    one, other = (e for e in account.entries.values() if {"Lovelace", "Ng"} & set(e.name.replace(",", "").split()))
    assert run(classroom, "points", ASSIGNMENT, WRITTEN, 1.5, one.id) == 0
    notebook = classroom.folder / "autograded" / other.id / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    os.utime(notebook)
    assert run(classroom, "return", ASSIGNMENT) == 0
    words = f"Feedback is older than the grade, so that it is not in the zip (2): {one.name}, {other.name}; run"
    assert words in capsys.readouterr().out
    (archive,) = (classroom.folder / "returned" / ASSIGNMENT).glob("*-feedback.zip")
    assert len(set(before) - set(zipfile.ZipFile(archive).namelist())) == 2


def test_collecting_twice_changes_nothing(classroom: Classroom, tmp_path: Path):
    handed = canvas(the_class(), tmp_path)
    take_in(classroom, handed)
    before = everything(classroom.folder)
    take_in(classroom, handed)
    assert everything(classroom.folder) == before


def everything(folder: Path) -> dict[str, bytes]:
    """The files that were collected."""
    places = [folder / "submitted", folder / "downloaded"]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for place in places
        for path in sorted(place.rglob("*"))
        if path.is_file()
    }


def test_killed_at_any_moment_nothing_is_lost(classroom: Classroom, tmp_path: Path):
    dice = dice_of_this_run()
    handed = canvas(the_class(), tmp_path)
    calm = Classroom(tmp_path / "calm")
    shutil.copytree(classroom.folder, calm.folder)
    words = ["collect", ASSIGNMENT, *map(str, handed.archives), "--roster", str(handed.roster)]
    moments = run_until(calm, 0, *words)
    submitted = classroom.folder / "submitted"
    for moment in sorted(dice.sample(range(1, moments + 1), 5)):
        run_until(classroom, moment, *words)
        for folder in submitted.glob("[0-9]*/*"):
            json.loads((folder / f"{ASSIGNMENT}.ipynb").read_bytes())  # whole, or not there
    assert take_in(classroom, handed) == 0
    assert everything(classroom.folder) == everything(calm.folder)
    account = account_of(Course(classroom.folder), ASSIGNMENT)
    assert len(account.entries) == 30
    assert len(list(submitted.glob("*/*/*.ipynb"))) == sum(p.expected == "graded" for p in the_class())
    assert not list(submitted.glob(".collecting-*"))


def sources() -> list[str]:
    """The assignments of the course."""
    return sorted(path.name for path in (ROOT / "exercises").iterdir() if path.is_dir())


@pytest.mark.parametrize("name", sources())
def test_every_other_assignments_notebook_is_said_to_be_one(name: str):
    recogniser = Recogniser.of(Assignment.load(ROOT / "solutions" / name), ROOT / "solutions")
    for other in sources():
        for place in ("exercises", "solutions"):
            problem = recogniser.problem((ROOT / place / other / f"{other}.ipynb").read_bytes())
            assert problem == ("" if other == name else f"it is the notebook of {other}, and not of {name}")


ROSTER = "id,name\nada,Ada Lovelace\nbob,Bob Ng\n"


@pytest.mark.parametrize(
    ("roster", "words"),
    [
        ("id,name\nada,Ada\nada,Adam\n", "has the id 'ada' twice, in lines 2 and 3"),
        ("", "has no students in it"),
        ("colour,shape\nred,round\n", "has the columns 'colour', 'shape', and none that is a student's id"),
        ('Student,ID,Section,06 (1)\n"Other, Anna",1,S,\n', "is it another course's gradebook?"),
        (b"PK\x03\x04....", "is a spreadsheet or another kind of file"),
        (b"\x00\x01\x02", "is no text"),
        ("<!DOCTYPE html>\n<html><body>Log in</body></html>\n", "is a web page, and no CSV file: log in"),
        ("id,name\n1.23457E+11,Ada\n", "line 2: the id of 'Ada' is '1.23457E+11', which a spreadsheet has rounded"),
    ],
)
def test_a_roster_that_cannot_be_used_costs_one_sentence(
    roster: str | bytes, words: str, classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture
):
    (tmp_path / "roster.csv").write_bytes(roster if isinstance(roster, bytes) else roster.encode())
    (tmp_path / "in.zip").write_bytes(zipped({f"adalovelace_77_88_{ASSIGNMENT}.ipynb": as_bytes(right())}))
    assert run(classroom, "collect", ASSIGNMENT, tmp_path / "in.zip", "--roster", tmp_path / "roster.csv") == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert not (classroom.folder / "submitted").exists()


def test_a_hostile_archive_harms_nobody(classroom: Classroom, tmp_path: Path):
    name = f"{ASSIGNMENT}.ipynb"
    file = tmp_path / "in.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"adalovelace_1_10_../../../../{name}", as_bytes(right()))
        archive.writestr("adalovelace_1_11_../../../evil.txt", b"evil")
        archive.writestr(f"ngbob_2_12_{name}", b"\0" * (200 << 20))
        link = zipfile.ZipInfo(f"coxcyd_3_13_{name}")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr(
            "deedee_4_14_work.zip", zipped({f"{i}.zip": zipped({"x": b"\0" * (20 << 20)}) for i in range(3)})
        )
    (tmp_path / "r.csv").write_text(
        "id;name;number\nada;Ada Lovelace;1\nbob;Bob Ng;2\ncyd;Cyd Cox;3\ndee;Dee Dee;4\n", "utf-8-sig"
    )
    before = {path for path in tmp_path.iterdir()}
    account = collect(Course(classroom.folder), ASSIGNMENT, [file], tmp_path / "r.csv", UTC)
    assert {e.id: e.state for e in account.entries.values()} == {
        "ada": "to be graded",
        "bob": "unreadable",
        "cyd": "unreadable",
        "dee": "unreadable",
    }
    (note,) = [note for note in account.notes if "out of the archive" in note]
    assert note.startswith("2 paths lead out of the archive, as in ")
    assert "it would unpack to 200 MiB" in account.entries["bob"].why
    assert "it is a link" in account.entries["cyd"].why
    assert "it would unpack to 20 MiB" in account.entries["dee"].why
    assert {path for path in tmp_path.iterdir()} == before
    kept = [path for path in (classroom.folder / "downloaded").rglob("*") if path.is_file()]
    assert all(path.resolve().is_relative_to(classroom.folder) and not path.is_symlink() for path in kept)
    assert sum(path.stat().st_size for path in kept) < 1 << 20


def test_what_is_no_archive_costs_one_sentence(classroom: Classroom, tmp_path: Path, capsys: pytest.CaptureFixture):
    (tmp_path / "in.zip").write_bytes(b"<html>log in</html>")
    whole = zipped({"adalovelace_77_88_06.ipynb": as_bytes(right())})
    kinds = {
        "in.zip": (b"<html>log in</html>", "is no zip file that can be read (it is a web page)"),
        "7z.zip": (b"7z\xbc\xaf\x27\x1c\0\4", "(it is a 7z archive, which is not read)"),
        "tar.zip": (gzip.compress(b"tar"), "(it is a gzip archive, which is not read)"),
        "part.zip": (b"PK\7\x08" + whole[:2000], "(it is one part of an archive in several parts, which are not read)"),
        "half.zip": (whole[: len(whole) // 2], "(its end is missing)"),
        "nothing.zip": (b"", "(it is an empty file)"),
    }
    for name, (data, _) in kinds.items():
        (tmp_path / name).write_bytes(data)
    for given, (_, words) in (kinds | {"no.zip": (b"", "there is no file")}).items():
        assert run(classroom, "collect", ASSIGNMENT, tmp_path / given) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1
    assert not (classroom.folder / "submitted").exists()


def test_nothing_of_the_students_can_be_committed_by_accident(tmp_path: Path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    shutil.copy(ROOT / ".gitignore", tmp_path)
    students = [
        "Grades.csv", "groups.csv", "submissions.zip", "submissions (1).zip", "grades.csv", "gradebook.db",
        f"downloaded/{ASSIGNMENT}/kept/ada/a.pdf", f"submitted/ada/{ASSIGNMENT}/{ASSIGNMENT}.ipynb",
        f"autograded/ada/{ASSIGNMENT}/{ASSIGNMENT}.ipynb", f"feedback/ada/{ASSIGNMENT}/{ASSIGNMENT}.html",
        f"reports/{ASSIGNMENT}-account.csv", f"returned/{ASSIGNMENT}/canvas-grades.csv",
    ]  # fmt: skip
    command = ["git", "-C", tmp_path, "check-ignore", "--no-index", *students]
    assert subprocess.run(command, capture_output=True, text=True).stdout.replace('"', "").split("\n")[:-1] == students
