"""What goes back to the platform: its own file of grades, and one zip of feedback by the names that it takes.

Canvas reads its gradebook again: the columns of the student, and the assignment's with its number in brackets. Moodle
reads its worksheet again, with the grades filled in. Of feedback, Canvas wants the user's number, or the code where
grading is anonymous, and that of one of the user's attachments in the name of the file; Moodle the participant's number
and the plugin ``assignfeedback_file``.
"""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from bncourse.grading.collecting.account import WAITING, Account
from bncourse.grading.collecting.collect import account_of, downloaded
from bncourse.grading.collecting.names import other_readings, read_label
from bncourse.grading.collecting.rosters import Roster, Student, number_in, read_roster, without_number
from bncourse.grading.course import Course, remove_unfinished, write_whole, written_whole

__all__ = ["ReturnError", "hand_back"]


@dataclass
class Filled:
    """The platform's file with the grades in it.

    Attributes:
        text: the file.
        scale: by what our points were multiplied, so that the platform's most is ours.
        excused: whom the platform excuses from the assignment, so that no grade was written.
        locked: whose grade the platform has locked, so that it takes none.
        above: whose grade is above the largest that the platform takes.
        other: who had another grade there, and which.
    """

    text: str
    scale: float = 1.0
    excused: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    other: dict[str, str] = field(default_factory=dict)


class ReturnError(ValueError):
    """Nothing can be returned yet; the message says what is missing."""


def hand_back(course: Course, name: str, roster_file: Path | None = None, column: str | None = None) -> str:
    """Write the platform's file and the zip into ``returned/ASSIGNMENT/``.

    Those who are missing or unreadable, and those whose written answers wait for the instructor, keep what the platform
    has: their grade is left empty.

    Returns:
        What was written, and for whom nothing was.

    Raises:
        ReturnError: nothing was collected or graded, the platform's column is not known, or the worksheet is another
            assignment's.
        RosterError: the roster cannot be used.
    """
    account = account_of(course, name)
    place = downloaded(course, name)
    if account is None:
        raise ReturnError(f"nothing was collected for {name!r}: run 'python -m bncourse.course collect' first")
    kept = place / "roster.csv"
    if roster_file or (account.roster and kept.is_file()):
        roster = read_roster(roster_file or kept, UTC)
    else:
        roster = roster_of(account, place)
    if roster_file and kept.is_file():
        see_that_it_is_the_same(roster, read_roster(kept, UTC), name)
    points, most, waiting = points_of(course, name)
    if not points:
        raise ReturnError(f"nobody is graded in {name} yet: run 'python -m bncourse.grading {name}' first")
    newer = {e.id for e in account.entries.values() if e.state == WAITING and e.id in points}
    grades = {student: value for student, value in points.items() if student not in waiting | newer}
    target = course.root / "returned" / name
    target.mkdir(parents=True, exist_ok=True)
    remove_unfinished(target)
    write = {"canvas": canvas_file, "moodle": moodle_file, "table": plain_file}[roster.kind]
    filled = write(roster, name, grades, most, column)
    table = target / f"{roster.kind}-grades.csv"
    # Of a file without the mark spreadsheets guess the encoding; the platforms know theirs.
    write_whole(table, filled.text.encode("utf-8-sig" if roster.kind == "table" else "utf-8"))
    left_out = {*filled.excused, *filled.locked}
    lines = [f"{sum(s in grades and s not in left_out for s in roster.students)} grades: {table}"]
    if filled.scale != 1:
        lines.append(
            f"The platform gives {most * filled.scale:g} points for what has {most:g} here: grades are times "
            f"{filled.scale:g}."
        )
    lines += told("Excused by the platform, so that no grade is written", filled.excused, account, "")
    lines += told("Locked in the platform's gradebook, which takes no grade", filled.locked, account, "")
    lines += told("Above the largest grade that the platform takes", filled.above, account, "it will ignore these")
    if filled.other:
        were = [f"{called(account, student)} {grade}" for student, grade in filled.other.items()]
        lines.append(f"Other grades were there ({len(were)}): {', '.join(were)}; importing the file replaces them.")
    if roster.path.suffix == ".json":
        lines.append(
            "It was collected without a roster: for the platform's own file of grades give its list by --roster."
        )
    sent = write_feedback(course, account, roster, points, target / f"{roster.kind}-feedback.zip")
    lines.append(f"{len(sent.found)} files of feedback: {target / f'{roster.kind}-feedback.zip'}")
    what = "Canvas takes feedback only for files that it named itself, so that it will ignore these"
    lines += told(what, sent.unknown, account, "hand it out otherwise")
    lines += told("Feedback is missing", sent.without, account, f"run 'nbgrader generate_feedback {name}'")
    what = "Feedback is older than the grade, so that it is not in the zip"
    lines += told(what, sent.older, account, f"run 'nbgrader generate_feedback {name} --force'")
    lines += told("No grade yet, because written answers wait for you", sorted(waiting), account, "see the formgrader")
    lines += told(
        "A newer submission is not graded yet", sorted(newer), account, f"run 'python -m bncourse.grading {name}'"
    )
    left = sorted(student for student in roster.students if student not in points)
    lines += told("Nothing graded, so nothing is written", left, account, "")
    lines += told("Graded, but not on the roster", sorted(set(points) - set(roster.students)), account, "")
    return "\n".join(lines)


def see_that_it_is_the_same(roster: Roster, before: Roster, name: str) -> None:
    """See that a newer worksheet is that of the assignment: its participants have the numbers that they had.

    Raises:
        ReturnError: all have other numbers, so that the grades would go to another assignment.
    """
    numbers = [
        (before.students[s].number, there.number) for s, there in roster.students.items() if s in before.students
    ]
    if roster.kind == before.kind == "moodle" and numbers and all(one != other for one, other in numbers):
        raise ReturnError(
            f"in {roster.path.name} everybody has another number than in the worksheet by which {name} was collected: "
            "is it another assignment's worksheet?"
        )


def told(what: str, students: list[str], account: Account, remedy: str) -> list[str]:
    """A line that names students."""
    if not students:
        return []
    names = [called(account, student) for student in students]
    return [f"{what} ({len(names)}): {', '.join(names)}{f'; {remedy}' if remedy else ''}."]


def called(account: Account, student: str) -> str:
    """A student's name, or the id where there is none."""
    return account.entries[student].name if student in account.entries else student


def points_of(course: Course, name: str) -> tuple[dict[str, float], float, set[str]]:
    """Per student the points with the penalty taken off, the most there are, and who waits for the instructor."""
    with course.gradebook() as gradebook:
        try:
            most = float(gradebook.find_assignment(name).max_score)
        except MissingEntry:
            raise ReturnError(f"the gradebook does not know {name!r}") from None
        graded = graded_submissions(gradebook, name)
    points = {student: max(0.0, score - penalty) for student, score, penalty, _ in graded}
    return points, most, {student for student, _, _, waits in graded if waits}


def graded_submissions(gradebook: Gradebook, name: str) -> list[tuple[str, float, float, bool]]:
    """Each submission's student, points, penalty, and whether a person has to look at it."""
    return [
        (each.student.id, float(each.score), float(each.late_submission_penalty or 0), bool(each.needs_manual_grade))
        for each in gradebook.assignment_submissions(name)
        if each.notebooks
    ]


def canvas_file(roster: Roster, name: str, grades: dict[str, float], most: float, column: str | None) -> Filled:
    """The gradebook with the columns of the student and that of the assignment."""
    last = roster.head.index("Section") + 1
    at = canvas_column(roster, name, column)
    possible = roster.points_possible()
    filled = Filled("", scale_of(possible[at] if possible else "", most))
    rows = [[*roster.head[:last], roster.head[at]]]
    if possible:
        rows.append([*possible[:last], possible[at]])
    for student in roster.students.values():
        there = roster.rows[student.line][at].strip()
        if student.id not in grades:
            continue
        if there.casefold() == "ex":
            filled.excused.append(student.id)
            continue
        value = written(grades[student.id] * filled.scale)
        note_other(filled, student.id, there, value)
        rows.append([*roster.rows[student.line][:last], value])
    filled.text = table_of(rows)
    return filled


def note_other(filled: Filled, student: str, there: str, value: str) -> None:
    """Note a grade that the file replaces."""
    if (earlier := number_in(there)) is not None and abs(earlier - float(value)) > 0.005:
        filled.other[student] = there


def canvas_column(roster: Roster, name: str, column: str | None) -> int:
    """The assignment's column: by its name, or where its number or its words are those of the assignment."""
    columns = roster.assignments()
    if column is not None:
        found = [i for i, head in columns.items() if column in (head, without_number(head))]
    else:
        found = roster.columns_like(name)
    if len(found) != 1:
        names = ", ".join(repr(head) for head in columns.values()) or "none"
        what = f"--column is {column!r}, and" if column else f"which column is that of {name}?"
        raise ReturnError(
            f"{what} {roster.path.name} has the columns {names}: give one of them by --column, "
            "or collect again with the gradebook of this course"
        )
    return found[0]


def moodle_file(roster: Roster, name: str, grades: dict[str, float], most: float, column: str | None) -> Filled:
    """The worksheet with the grades in it; its other cells are as they were, above all the times."""
    at = roster.worksheet
    assert at is not None
    if at.most is None:
        raise ReturnError(
            f"in {roster.path.name} the grades are words of a scale: set the grade of the assignment in Moodle to "
            "points, download the grading worksheet again, and give it by --roster"
        )
    largest = next(row[at.most] for row in roster.rows if row[at.most].strip())
    filled = Filled("", scale_of(largest, most))
    rows = [list(row) for row in roster.rows]
    for student in roster.students.values():
        row = rows[student.line]
        if student.id not in grades:
            continue
        if at.is_locked(row):
            filled.locked.append(student.id)
            continue
        value = written(grades[student.id] * filled.scale)
        note_other(filled, student.id, row[at.grade].strip(), value)
        if float(value) > (number_in(largest.strip()) or 0):
            filled.above.append(student.id)
        row[at.grade] = value.replace(".", ",") if "," in largest else value
    filled.text = table_of([roster.head, *rows])
    return filled


def plain_file(roster: Roster, name: str, grades: dict[str, float], most: float, column: str | None) -> Filled:
    """One's own table with a column of points."""
    rows = [list(row) for row in roster.rows]
    by_line = {student.line: student.id for student in roster.students.values()}
    points = [written(grades[by_line[i]]) if by_line.get(i) in grades else "" for i in range(len(rows))]
    return Filled(table_of([[*roster.head, name], *([*row, value] for row, value in zip(rows, points, strict=True))]))


def scale_of(cell: str, most: float) -> float:
    """By what points are multiplied so that the platform's most is ours."""
    there = number_in(cell.strip())
    return there / most if there and most else 1.0


def written(points: float) -> str:
    """Points with at most two decimals, as platforms show them."""
    return f"{points:.2f}"


def table_of(rows: list[list[str]]) -> str:
    """As CSV with commas, which both platforms read without being told."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()


def roster_of(account: Account, place: Path) -> Roster:
    """Those who handed in, where that is all that is known of the class."""
    students = {e.id: Student(e.id, e.name, e.number, line=i) for i, e in enumerate(account.entries.values())}
    rows = [[student.id, student.name] for student in students.values()]
    return Roster("table", place / "collected.json", students, ["id", "name"], rows)


@dataclass
class Sent:
    """Whose feedback is in the zip.

    Attributes:
        found: those for whom there is some.
        without: for whom there is none.
        older: whose was made before the grade that they have now.
        unknown: whose the platform cannot know by its name.
    """

    found: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def write_feedback(course: Course, account: Account, roster: Roster, points: dict[str, float], path: Path) -> Sent:
    """Write the zip, whole or not at all; the same pages make the same file, byte for byte."""
    name = account.assignment
    sent = Sent()
    written_names: set[str] = set()
    with written_whole(path) as file, zipfile.ZipFile(file, "w") as archive:
        for entry in account.entries.values():
            if entry.state != "graded":
                continue
            page = course.folder(course.directory.feedback_directory, entry.id, name) / f"{name}.html"
            student = roster.students.get(entry.id)
            if student is None or not page.is_file():
                sent.without.append(entry.id)
                continue
            data, made = page.read_bytes(), page.stat().st_mtime
            graded = course.folder(course.directory.autograded_directory, entry.id, name) / f"{name}.ipynb"
            if made < graded.stat().st_mtime or says_other_points(data, points.get(entry.id)):
                sent.older.append(entry.id)
                continue
            called = feedback_name(roster, student, entry.stem, name)
            # Of a group Canvas knows one member, to whom the feedback on the work of all goes.
            if called not in written_names:
                info = zipfile.ZipInfo(called, max(time.localtime(made)[:6], (1980, 1, 1, 0, 0, 0)))
                info.external_attr = 0o644 << 16
                archive.writestr(info, data, zipfile.ZIP_DEFLATED)
                written_names.add(called)
            sent.found.append(entry.id)
            if roster.kind == "canvas" and "/" in called:
                sent.unknown.append(entry.id)
    return sent


def says_other_points(page: bytes, points: float | None) -> bool:
    """Whether a page of feedback was made before points were given that count now: nbgrader writes them at its head."""
    said = re.search(rb"<h4>[^<]*\(Score: (-?[\d.]+) / [\d.]+\)</h4>", page)
    return said is not None and points is not None and abs(max(0.0, float(said[1])) - points) > 0.01


def feedback_name(roster: Roster, student: Student, stem: str, assignment: str) -> str:
    """The name by which the platform knows whose feedback it is; the student's own words are not in it.

    Canvas looks for numbers between underscores, and ignores a file whose last part begins with ``link``.
    """
    readings = [read for read in (read_label(stem), *other_readings(stem)) if read is not None]
    label = next((read for read in readings if roster.by_number(read.number)), next(iter(readings), None))
    if label is not None and label.platform == "canvas" and label.attachment and roster.kind != "moodle":
        # Canvas takes the first part that is a number for the user's: a group's name may have or be one.
        group = "group-" * label.name.isdigit() + label.name.replace("_", "-")
        who = label.number if label.is_anonymous else f"{group}_{label.number}"
        return f"{who}_{label.attachment}_{assignment}.html"
    number = student.number if roster.kind == "moodle" else label.number if label is not None else ""
    if number and (roster.kind == "moodle" or (label is not None and label.platform == "moodle")):
        # In one name rather than in a folder: that is taken before and since Moodle 4.1.
        name = re.sub(r"[_/\\]", " ", student.name).strip(". ~")
        return f"{name}_{number}_assignfeedback_file_{assignment}.html"
    return f"{student.id}/{assignment}.html"
