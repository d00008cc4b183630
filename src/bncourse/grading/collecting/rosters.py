"""Who is in the class, by the platform's own file: Canvas's gradebook, Moodle's grading worksheet, or any table.

The columns of Moodle's worksheet are named in the language of the site, so they are known by what stands in them: the
identifier ends in a number, and the maximum grade, to the right of the grade, is the same for everybody.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Literal

from bncourse.grading.collecting.dates import read_date
from bncourse.grading.collecting.kinds import kind_by_content
from bncourse.grading.collecting.names import letters_of, squeezed_name

__all__ = ["Roster", "RosterError", "Student", "Worksheet", "add_groups", "number_in", "read_roster", "without_number"]

LARGEST = 64 << 20
"""Bytes of a roster."""

WHAT_IS_ACCEPTED = (
    "give Canvas's gradebook (Grades → Export), Moodle's grading worksheet (Submissions → Download grading worksheet), "
    "or a CSV file with a column 'id' and a column 'name'"
)


class RosterError(ValueError):
    """The file is no roster that can be used; the message says why and what is accepted."""


@dataclass(frozen=True)
class Student:
    """One student of the class.

    Attributes:
        id: in the gradebook; the same for all assignments.
        name: as the platform writes it.
        number: by which the platform names files: the user in Canvas, the participant in Moodle.
        email: where the roster has it.
        line: of the roster, counted from zero without the heading.
        handed_in: when, where the roster says so.
    """

    id: str
    name: str
    number: str = ""
    email: str = ""
    line: int = 0
    handed_in: datetime | None = None


@dataclass
class Roster:
    """A class.

    Attributes:
        kind: whose file it is.
        path: of the file.
        students: by the id in the gradebook.
        head: the headings of the columns.
        rows: the cells below them.
        notes: what was out of order in the file.
        worksheet: where the columns are, if it is Moodle's.
        groups: per student the groups that hand in together, as far as the files say so.
        text: the file itself, decoded.
    """

    kind: Literal["canvas", "moodle", "table"]
    path: Path
    students: dict[str, Student]
    head: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)
    worksheet: Worksheet | None = None
    groups: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""

    def points_possible(self) -> list[str] | None:
        """The row of Canvas's gradebook that says how many points each assignment has."""
        return next((row for row in self.rows if "Points Possible" in row[0]), None)

    def assignments(self) -> dict[int, str]:
        """The columns of Canvas's gradebook that are assignments, with their headings."""
        possible = self.points_possible()
        first = self.head.index("Section") + 1
        # Of an assignment the points are a number or nothing; "(read only)" of a sum is in the language of the course.
        return {
            i: head
            for i, head in enumerate(self.head)
            if i >= first and head and not (possible and possible[i].strip() and number_in(possible[i].strip()) is None)
        }

    def columns_like(self, assignment: str) -> list[int]:
        """The columns of Canvas's gradebook that have the number or the words of an assignment in their heading."""
        plain = {i: words_of(without_number(head)) for i, head in self.assignments().items()}
        words = words_of(assignment)
        without = words.lstrip("0123456789 ")
        found = [i for i, head in plain.items() if words in head]
        return found or [i for i, head in plain.items() if without in head]

    def by_group(self, name: str) -> list[Student]:
        """Who is in a group, by its name without what platforms take out of it."""
        wanted = letters_of(name)
        return [
            student
            for student in self.students.values()
            if any(wanted and letters_of(group) == wanted for group in self.groups.get(student.id, ()))
        ]

    def by_number(self, number: str) -> Student | None:
        """Whom the platform's number belongs to."""
        return next((s for s in self.students.values() if s.number == number and number), None)

    def by_name(self, name: str) -> list[Student]:
        """Who has a name, whatever the order of first and last name; Canvas runs the two together."""
        wanted = squeezed_name(name)
        found = [s for s in self.students.values() if squeezed_name(s.name) == wanted]
        return found or [s for s in self.students.values() if run_together(s.name) & {wanted.replace(" ", "")}]

    def by_words(self, path: str) -> list[Student]:
        """Whose id, email or whole name stands in a path that no platform made, as of a shared drive."""
        path = unicodedata.normalize("NFC", path)  # macOS takes letters apart
        bare = re.sub(r"\.\w+$", "", path)
        parts = {*path.split("/"), *bare.split("/")}
        whole = {part.casefold() for part in parts}
        if found := [s for s in self.students.values() if ids_of(s) & whole]:
            return found
        whole = {squeezed_name(part) for part in parts} - {""}
        if found := [s for s in self.students.values() if squeezed_name(s.name) in whole]:
            return found
        words = set(squeezed_name(bare).split())
        named = [(s, set(squeezed_name(s.name).split())) for s in self.students.values()]
        # One word alone may be anybody's, unless it is a whole name in a script that puts no spaces between them.
        named = [(s, own) for s, own in named if (len(own) >= 2 or not s.name.isascii()) and own and own <= words]
        # Ann Lee stands in the name of Ann Lee Smith, too.
        if found := [s for s, own in named if not any(own < other for _, other in named)]:
            return found
        pieces = {piece.casefold() for piece in re.split(r"[\s_()/]+|-(?=\D)|(?<=\D)-", bare)}
        # A spreadsheet may have taken the zeros from the beginning of an id; those of "06" are no id's.
        short = {piece.lstrip("0") for piece in (*parts, *(p for p in pieces if len(p) > 4)) if piece.isdecimal()}
        short = {piece for piece in short if len(piece) >= 3}
        if found := [s for s in self.students.values() if s.id.isdecimal() and s.id.lstrip("0") in short]:
            return found
        # A few digits alone may be a version, a chapter or a year.
        pieces = {piece for piece in pieces if not re.fullmatch(r"\d{1,4}", piece)}
        return [s for s in self.students.values() if ids_of(s) & pieces]


def words_of(title: str) -> str:
    """A title without case and marks."""
    return re.sub(r"\W+", " ", title).casefold().strip()


def without_number(head: str) -> str:
    """The heading of an assignment in Canvas's gradebook without the number that Canvas puts behind it."""
    return re.sub(r"\s*\(\d+\)$", "", head)


def ids_of(student: Student) -> set[str]:
    """By what a student may be called instead of by name."""
    return {student.id.casefold(), student.email.casefold()} - {""}


@lru_cache(maxsize=65_536)
def run_together(name: str) -> frozenset[str]:
    """A name in one word, the last names first, however many they are, as Canvas writes it in the names of files."""
    last, comma, first = name.partition(",")
    words = squeezed_parts(f"{last} {first}") if comma else squeezed_parts(name)
    turned = {"".join(words[i:] + words[:i]) for i in range(len(words))}
    return frozenset({*turned, "".join(sorted(words))})


def squeezed_parts(name: str) -> list[str]:
    """The words of a name in their order, without case, accents and marks."""
    return [word for part in re.split(r"[\s,]+", name) if (word := letters_of(part))]


def read_roster(path: Path, zone: tzinfo, encoding: str | None = None) -> Roster:
    """Read a roster.

    Arguments:
        path: of a CSV file with commas, semicolons or tabs.
        zone: in which Moodle writes times.
        encoding: of the file; by default UTF-8 or UTF-16, and Windows's Western code page where it is neither.

    Raises:
        RosterError: it has no students, the same id for two of them, or cannot be read.
    """
    text, notes = read_text(path, encoding)
    table = table_in(text, path)
    if len(table) < 2:
        raise RosterError(f"{path} has no students in it: {WHAT_IS_ACCEPTED}")
    # A mark too many at the end of a line is an empty cell too many, and Moodle takes no such file back.
    width = max(i for row in table for i, cell in enumerate(row, 1) if cell.strip())
    table = [row[:width] + [""] * (width - len(row)) for row in table]
    head, rows = [cell.strip() for cell in table[0]], table[1:]
    if is_canvas(head):
        roster = canvas(path, head, rows)
    elif (at := worksheet(head, rows)) is not None:
        roster = moodle(path, head, rows, at, zone)
    else:
        roster = plain(path, head, rows)
    roster.text = text
    roster.notes = notes + roster.notes
    return roster


def read_text(path: Path, encoding: str | None = None) -> tuple[str, list[str]]:
    """The text of a file, and a note where its encoding had to be guessed."""
    notes: list[str] = []
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise RosterError(f"the roster {path} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise RosterError(f"the roster {path} has more than {LARGEST >> 20} MiB: {WHAT_IS_ACCEPTED}")
    if data.startswith((b"PK", b"\xd0\xcf", b"%PDF")):
        raise RosterError(f"{path} is a spreadsheet or another kind of file, and no CSV file: save it as CSV")
    if encoding is not None:
        try:
            text = data.decode(codecs.lookup(encoding).name).removeprefix("\ufeff")
        except (LookupError, UnicodeDecodeError) as error:
            raise RosterError(f"--encoding is {encoding!r}, by which {path} cannot be read: {error}") from None
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    elif len(data) >= 8 and data[0] > 0 and data[1:8:2] == bytes(4):
        text = data.decode("utf-16-le", "replace")  # Windows's "Unicode", without the mark
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
            notes.append(
                f"{path.name} is not written in UTF-8: it was read as Windows writes Western languages; if names look "
                "wrong, say how it is written, as in --encoding gb18030 (Chinese), cp1251 (Cyrillic), cp1250 (Polish)"
            )
    if kind_by_content(text[:1000].encode()) == "a web page":
        raise RosterError(f"{path} is a web page, and no CSV file: log in and download it again")
    if "\0" in text:
        raise RosterError(f"{path} is no text: {WHAT_IS_ACCEPTED}")
    return text, notes


def table_in(text: str, path: Path) -> list[list[str]]:
    """The cells of a text, without empty lines; the mark between them is the one that most lines agree about."""
    if first := re.match(r"sep=(.)\r?\n", text):  # Excel's own line
        text = text[first.end() :]
    tables = []
    for mark in ",;\t":
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
        except csv.Error:
            continue
        tables.append([row for row in rows if any(cell.strip() for cell in row)])
    if not tables:
        raise RosterError(f"{path} is no CSV file that can be read: {WHAT_IS_ACCEPTED}")
    return max(tables, key=agreement)


def agreement(rows: list[list[str]]) -> tuple[bool, int, int]:
    """How well a mark divides a table: into more than one column, as many in most lines as in the heading."""
    columns = len(rows[0]) if rows else 0
    return columns > 1, sum(len(row) == columns for row in rows), columns


def is_canvas(head: list[str]) -> bool:
    """Whether the headings are those of Canvas's gradebook, as ``lib/gradebook_importer.rb`` asks for them."""
    names = head[:2] == ["Student", "ID"] or head[:3] == ["LastName", "FirstName", "ID"]
    return names and "Section" in head


def canvas(path: Path, head: list[str], rows: list[list[str]]) -> Roster:
    """From Canvas's gradebook: the user's number is the student's id."""
    at = head.index("ID")
    found: list[Student] = []
    for line, row in enumerate(rows):
        name = row[0].strip() if at == 1 else f"{row[0].strip()}, {row[1].strip()}"
        number = whole_number(row[at], name, f"{path}, line {line + 2}")
        # The points possible, what is posted by hand, and Canvas's own test student are no students.
        if not number or "Points Possible" in row[0] or is_test_student(name, row[at + 1 : head.index("Section")]):
            continue
        if not number.isdigit():
            raise RosterError(f"{path}, line {line + 2}: the ID of {name!r} is {number!r}; Canvas's are numbers")
        email = next((row[i].strip() for i in range(at, head.index("Section")) if "@" in row[i]), "")
        found.append(Student(number, name, number, email, line))
    return of(path, "canvas", found, head, rows)


def is_test_student(name: str, logins: list[str]) -> bool:
    """Whether a row is that of the student whom Canvas makes for the student view, in whatever language.

    Its login is made of 40 hexadecimal digits (``Course#student_view_student``), and it has no other number.
    """
    return name == "Student, Test" or bool(re.fullmatch("[0-9a-f]{40}", "".join(cell.strip() for cell in logins)))


@dataclass(frozen=True)
class Worksheet:
    """Where the columns of Moodle's worksheet are.

    Attributes:
        identifier: words and the participant's number.
        name: the full name; ``None`` where the worksheet is anonymous.
        grade: what is filled in.
        most: the largest grade; ``None`` where grades are the words of a scale.
    """

    identifier: int
    name: int | None
    grade: int
    most: int | None

    def is_locked(self, row: list[str]) -> bool:
        """Whether the gradebook has locked a student's grade: the column after the largest grade says so."""
        at = (self.grade + 1 if self.most is None else self.most) + 1
        return at < len(row) and row[at].strip().casefold() in NO


NO = (
    "no", "nein", "non", "não", "nee", "nej", "nei", "ei", "nie", "ne", "nu", "nem", "не", "нет", "ні", "όχι", "hayır",
    "ez", "nē", "tidak", "không", "いいえ", "否", "不", "아니오", "아니요", "لا", "לא", "خیر", "नहीं",
)  # fmt: skip
"""As Moodle says it in the languages of most of its sites."""


def participants(rows: list[list[str]], identifier: int) -> dict[int, str]:
    """Per line the number of the participant, where most lines have the same words and a number in that column."""
    cells = {i: re.fullmatch(r"(.*\D)(\d+)", row[identifier].strip()) for i, row in enumerate(rows)}
    words = Counter(cell[1] for cell in cells.values() if cell)
    word, count = words.most_common(1)[0] if words else ("", 0)
    if 5 * count < 4 * len(rows):
        return {}
    return {i: cell[2] for i, cell in cells.items() if cell and cell[1] == word}


def worksheet(head: list[str], rows: list[list[str]]) -> Worksheet | None:
    """The columns of Moodle's worksheet, or nothing where the table is not one."""
    for identifier in range(min(2, len(head))):
        if not (lines := participants(rows, identifier)):
            continue
        rows = [rows[i] for i in lines]
        most = maximum_column(head, rows, identifier)
        grade = (most if most is not None else scale_column(head, rows, identifier) or 0) - 1
        if grade <= identifier:
            continue
        words = {row[identifier + 1].strip() for row in rows}
        # In a column of states, which follows where names are hidden, most students have the same words.
        is_anonymous = grade - identifier <= 2 or (len(rows) >= 4 and len(words) <= len(rows) / 2)
        return Worksheet(identifier, None if is_anonymous else identifier + 1, grade, most)
    return None


def maximum_column(head: list[str], rows: list[list[str]], identifier: int) -> int | None:
    """The column of the largest grade: one number above zero for everybody, to the right of the grades.

    A cell of it may be empty, and one of the grades may be a word; where all grades look like grades is tried first.
    """
    candidates = []
    for i in range(identifier + 2, len(head)):
        values = [row[i].strip() for row in rows if row[i].strip()]
        if len(set(values)) == 1 and (number_in(values[0]) or 0) > 0 and 2 * len(values) > len(rows):
            candidates.append(i)
    sure = [i for i in candidates if all(is_grade(row[i - 1].strip()) for row in rows)]
    # Whether the grade can be changed follows, as yes or no: a department's number, for one, has no such neighbour.
    followed = [i for i in sure if i + 1 < len(head) and 1 <= len({row[i + 1].strip() for row in rows}) <= 2]
    followed = [i for i in followed if not any(is_grade(row[i + 1].strip()) for row in rows)]
    return next(iter(followed + sure + candidates), None)


def scale_column(head: list[str], rows: list[list[str]], identifier: int) -> int | None:
    """The column of the words of a scale, which are the same for everybody, with commas between them."""
    for i in range(identifier + 2, len(head)):
        values = {row[i].strip() for row in rows}
        if len(values) == 1 and re.search(r"\w\s*,\s*\w", min(values)) and number_in(min(values)) is None:
            return i
    return None


def is_grade(cell: str) -> bool:
    """Whether a cell may be a grade: a number, nothing, or a dash."""
    return cell in ("", "-", "–") or number_in(cell) is not None


def number_in(cell: str) -> float | None:
    """A number with a point or a comma in it."""
    return float(cell.replace(",", ".")) if re.fullmatch(r"\d+([.,]\d+)?", cell) else None


def moodle(path: Path, head: list[str], rows: list[list[str]], at: Worksheet, zone: tzinfo) -> Roster:
    """From Moodle's worksheet: the email, else the name is the student's id, made different for two who share it."""
    right = at.most if at.most is not None else at.grade + 1
    email = next((i for i in range(at.identifier + 1, at.grade) if any("@" in row[i] for row in rows)), None)
    # The time of submission is the first column right of the grades in which dates stand.
    time = next((i for i in range(right + 1, len(head)) if any(read_date(row[i], zone) for row in rows)), None)
    numbers = participants(rows, at.identifier)
    emails = Counter(rows[i][email].strip().casefold() for i in numbers) if email is not None else Counter()
    notes = [
        f"line {i + 2} names no participant: {rows[i][at.identifier]!r}" for i in range(len(rows)) if i not in numbers
    ]
    wanted = {}
    for line in numbers:
        row = rows[line]
        own = row[email].strip() if email is not None else ""
        name = row[at.name].strip() if at.name is not None else ""
        if own and emails[own.casefold()] > 1:
            notes.append(f"{name!r} shares the email address {own} with another student: the name was added to it")
            own = f"{own}-{'-'.join(squeezed_parts(name))}"
        wanted[line] = folder_name(own.lower()) or folder_name("-".join(squeezed_parts(name)))
    twice = Counter(own.casefold() for own in wanted.values())
    found = []
    for line, own in wanted.items():
        row, number = rows[line], numbers[line]
        name = row[at.name].strip() if at.name is not None else row[at.identifier].strip()
        if not own or twice[own.casefold()] > 1:
            same = f"{own}-{number}" if own else f"participant-{number}"
            if own:
                notes.append(
                    f"{name!r} cannot be distinguished from another student by name and email: {same!r} holds for this "
                    "assignment alone, unless Moodle shows you the email addresses"
                )
            own = same
        when = read_date(row[time], zone) if time is not None else None
        found.append(Student(own, name, number, row[email].strip() if email is not None else "", line, when))
    if at.name is None:
        notes.append(
            "the worksheet is anonymous, so that the ids hold for this assignment alone: to have one gradebook for all "
            "assignments, reveal the identities of the students in Moodle and download the worksheet again"
        )
    if at.most is None:
        notes.append("the grades are words of a scale: to return points, let Moodle grade the assignment by points")
    roster = of(path, "moodle", found, head, rows)
    # Where groups hand in, one of the columns before the grade has the name of the group.
    first = (at.name if at.name is not None else at.identifier) + 1
    roster.groups = {s.id: [cell for cell in rows[s.line][first : at.grade] if cell.strip()] for s in found}
    roster.notes += notes
    roster.worksheet = at
    return roster


ID = (
    "id", "student_id", "student id", "username", "user_id", "user", "login", "sis login id", "student",
    "matrikelnummer", "numéro étudiant", "matrícula", "matricola", "学号", "學號", "学籍番号", "학번",
)  # fmt: skip
FIRST = (
    "first_name", "firstname", "first name", "given name", "vorname", "prénom", "prenom", "nombre", "nome", "voornaam",
    "förnamn", "imię", "имя", "名", "名字",
)  # fmt: skip
LAST = (
    "last_name", "lastname", "last name", "surname", "family name", "nachname", "familienname", "nom",
    "nom de famille", "apellido(s)", "apellidos", "sobrenome", "cognome", "achternaam", "efternamn", "nazwisko",
    "фамилия", "姓", "姓氏",
)  # fmt: skip
NAME = (
    "name", "full name", "fullname", "full_name", "student name", "vollständiger name", "nom complet",
    "nombre completo", "姓名", "全名", "氏名", "이름",
)  # fmt: skip
EMAIL = (
    "email", "e-mail", "email address", "mail", "e-mail-adresse", "adresse de courriel", "adresse électronique",
    "dirección de correo", "correo electrónico", "indirizzo email", "endereço de email",
    "电子邮件地址", "电子邮件", "邮箱",
)  # fmt: skip
NUMBER = ("lms_user_id", "number", "canvas_user_id", "identifier")
GROUP = ("group_name", "group", "team", "gruppe", "groupe", "grupo", "小组", "组")


def plain(path: Path, head: list[str], rows: list[list[str]]) -> Roster:
    """From a table of one's own, nbgrader's, or the list of participants of a platform: the email is an id, too."""

    def column(names: tuple[str, ...]) -> int | None:
        lower = [unicodedata.normalize("NFC", cell).casefold() for cell in head]
        return next((lower.index(name) for name in names if name in lower), None)

    def cell(row: list[str], at: int | None) -> str:
        return row[at].strip() if at is not None else ""

    at = column(ID)
    if at is None:
        at = column(EMAIL)
    if at is None:
        words = ", ".join(repr(name) for name in head[:8])
        raise RosterError(f"{path} has the columns {words}, and none that is a student's id: {WHAT_IS_ACCEPTED}")
    found, notes = [], []
    for line, row in enumerate(rows):
        name = cell(row, column(NAME)) or f"{cell(row, column(FIRST))} {cell(row, column(LAST))}".strip()
        own = folder_name(whole_number(cell(row, at), name, f"{path}, line {line + 2}"))
        if not own and (name or cell(row, at)):
            own = folder_name("-".join(squeezed_parts(name))) or f"line-{line + 2}"
            notes.append(f"line {line + 2}: {cell(row, at)!r} is no id; {name or 'the student'} has {own!r}")
        if own:
            number = cell(row, column(NUMBER)) or (own if own.isdigit() else "")
            email = cell(row, column(EMAIL)) or ("@" in cell(row, at)) * cell(row, at)
            found.append(Student(own, name or own, number, email, line))
    roster = of(path, "table", found, head, rows)
    if (group := column(GROUP)) is not None:
        roster.groups = {student.id: [cell(rows[student.line], group)] for student in found}
    roster.notes += notes
    return roster


def add_groups(roster: Roster, path: Path) -> None:
    """Read who is in which group from a table, such as Canvas's list of groups.

    Raises:
        RosterError: it has no column of groups, or names nobody on the roster.
    """
    table = table_in(read_text(path)[0], path)
    lower = [cell.strip().casefold() for cell in table[0]] if table else []
    at = next((lower.index(name) for name in GROUP if name in lower), None)
    if at is None:
        words = ", ".join(repr(name) for name in lower[:8]) or "none"
        raise RosterError(
            f"{path} has the columns {words}, and none that is a group's name: give Canvas's list of groups (People → "
            "the set of groups → Export), or a CSV file with a column 'id' and a column 'group'"
        )
    who = [i for i, name in enumerate(lower) if name in (*NUMBER, *ID, *NAME, *EMAIL)]
    found = 0
    for row in table[1:]:
        row = [cell.strip() for cell in row + [""] * (len(lower) - len(row))]
        cells = {row[i].casefold() for i in who} - {""}
        members = [s for s in roster.students.values() if {s.id.casefold(), s.number, s.email.casefold()} & cells]
        members = members or [s for i in who if row[i] for s in roster.by_name(row[i])]
        if len({s.id for s in members}) == 1 and row[at]:
            roster.groups.setdefault(members[0].id, []).append(row[at])
            found += 1
    if not found:
        raise RosterError(f"nobody in {path} is on {roster.path.name}: is it another course's list of groups?")


def whole_number(cell: str, name: str, where: str) -> str:
    """An id as it was before a spreadsheet took it for a number: ``5001.0`` is 5001.

    Raises:
        RosterError: the spreadsheet has rounded it, as in ``1.23457E+11``.
    """
    cell = visible(cell)
    if re.fullmatch(r"\d[.,]?\d*[eE]\+\d+", cell):
        raise RosterError(
            f"{where}: the id of {name!r} is {cell!r}, which a spreadsheet has rounded: download the file again, and "
            "give it without saving it in a spreadsheet"
        )
    return re.sub(r"^(\d+)[.,]0$", r"\1", cell)


def folder_name(own: str) -> str:
    """An id as the name of a folder, which nbgrader makes of it; empty where nothing is left of it."""
    return visible(re.sub(r"[/\\\0-\x1f+]", "-", own)).lstrip(".").strip("- ")


def visible(cell: str) -> str:
    """A cell without marks that cannot be seen, such as those of the direction of writing, and spelled in one way."""
    return "".join(filter(str.isprintable, unicodedata.normalize("NFC", cell))).strip()


def of(
    path: Path, kind: Literal["canvas", "moodle", "table"], found: list[Student], head: list[str], rows: list[list[str]]
) -> Roster:
    """A roster in which every id is that of one student."""
    students: dict[str, Student] = {}
    folded: dict[str, Student] = {}
    notes = []
    for student in found:
        for earlier in (folded.get(student.id.casefold()),):
            if earlier is None:
                continue
            if (earlier.id, earlier.name, earlier.number) != (student.id, student.name, student.number):
                raise RosterError(
                    f"{path} has the id {student.id!r} twice, in lines {earlier.line + 2} and {student.line + 2}, for "
                    f"{earlier.name!r} and {student.name!r}: give each student an id of their own"
                )
            notes.append(f"{student.name!r} ({student.id}) stands in lines {earlier.line + 2} and {student.line + 2}")
        students.setdefault(student.id, student)
        folded.setdefault(student.id.casefold(), student)
    numbers = Counter(student.number for student in students.values() if student.number)
    if twice := [number for number, count in numbers.items() if count > 1]:
        raise RosterError(f"{path} has the platform's number {twice[0]} for {numbers[twice[0]]} students")
    if not students:
        raise RosterError(f"{path} has no students in it: {WHAT_IS_ACCEPTED}")
    return Roster(kind, path, students, head, rows, notes)
