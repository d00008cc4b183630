"""A class of 30 as Canvas and Moodle hand it over, and readers of what goes back, by what the platforms' sources say.

The readers know nothing of the package: Canvas's is written from ``lib/gradebook_importer.rb`` and
``app/models/abstract_assignment.rb`` (``infer_comment_context_from_filename``), Moodle's from
``mod/assign/feedback/offline/importgradeslib.php`` and ``mod/assign/feedback/file/importziplib.php``.
"""

import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from classroom import ASSIGNMENT, as_bytes, right, wrong

from building import ROOT

ANOTHER = ROOT / "exercises" / "07-backward-pass" / "07-backward-pass.ipynb"


@dataclass
class Pupil:
    """One student, what was handed in, and what has to become of it.

    Attributes:
        files: per upload, the name and the bytes, the oldest first.
        expected: the state after grading.
    """

    name: str
    files: list[tuple[str, bytes]]
    expected: str = "graded"
    points: float | None = 8.0
    late: bool = False
    second_zip: bool = False


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def the_class() -> list[Pupil]:
    """30 students with the kinds of trouble that platforms bring."""
    good, bad = as_bytes(right()), as_bytes(wrong())
    own = f"{ASSIGNMENT}.ipynb"
    no_ids = json.loads(good)
    for cell in no_ids["cells"]:
        cell["metadata"], cell["id"] = {}, f"x{id(cell)}"[:20]
    odd = [
        Pupil("Ada Lovelace", [("06 Running Statistics.ipynb", good)]),
        Pupil("Bob Ng", [("Copy_of_06_running_statistics.ipynb", bad)], points=3.0),
        Pupil("Cy Young", [("06-running-statistics.ipynb.txt", good)]),
        Pupil("Dee Dee", [(own, bad), ("06-running-statistics (1).ipynb", good)]),
        Pupil("Eve Adams", [(own, bad), (own, good)], second_zip=True),
        Pupil("Fay Wray", [("07-backward-pass.ipynb", ANOTHER.read_bytes())], "unreadable", None),
        Pupil("Gil Bo", [("answer.pdf", b"%PDF-1.7 ...")], "unreadable", None),
        Pupil("Hal Inc", [("running.py", b"class BatchNorm1d: ...\n")], "unreadable", None),
        Pupil("Ida Red", [(own, b"")], "unreadable", None),
        Pupil("Jo O'Neil-Müller", [(own, good), ("notes.docx", zipped({"word/document.xml": b"<w/>"}))]),
        Pupil("Kim Lee", [("work.zip", zipped({"my work/06 final.ipynb": good, "__MACOSX/._06 final.ipynb": b"x"}))]),
        Pupil("Kim Lee", [(own, bad)], points=3.0),
        Pupil("Liz Late", [(own, good)], late=True),
        Pupil("Max Absent", [], "missing", None),
        Pupil("Ned Link", [("06.url", b"[InternetShortcut]\nURL=https://drive.example/06\n")], "unreadable", None),
        Pupil("Ola Nordmann", [(own, as_bytes(no_ids))]),
        Pupil("Pim Pandoer", [(own, good[: len(good) // 2])], "unreadable", None),
        Pupil("Quy Nguyễn", [("link_06.ipynb", good)]),
        Pupil("Ray 2", [(own, good), ("data.csv", b"1,2\n")]),
        Pupil("Sue Ann_Smith", [(own, good)]),
    ]
    return odd + [
        Pupil(f"Zoe {chr(65 + i)}lias", [(own, good if i % 2 else bad)], points=8.0 if i % 2 else 3.0)
        for i in range(10)
    ]


@dataclass
class Handed:
    """What a platform gives: its archives, and its own file of the class."""

    archives: list[Path]
    roster: Path
    ids: dict[int, str] = field(default_factory=dict)
    """Per place in the class: the id in the gradebook."""


def canvas(pupils: list[Pupil], folder: Path) -> Handed:
    """As Canvas does: ``lastfirst[_LATE]_user_attachment_file``, all in one folder."""
    handed = Handed([folder / "submissions.zip", folder / "submissions (1).zip"], folder / "Grades-BN101.csv")
    files: list[dict[str, bytes]] = [{}, {}]
    rows = []
    for i, pupil in enumerate(pupils):
        user = 5000 + i
        handed.ids[i] = str(user)
        first, _, last = pupil.name.partition(" ")
        short = re.sub(r"[^\w]|_", "", f"{last}{first}").lower()
        for j, (name, data) in enumerate(pupil.files):
            late = "_LATE" if pupil.late else ""
            which = 1 if pupil.second_zip and j else 0
            files[which][f"{short}{late}_{user}_{90000 + 40 * j + i}_{name}"] = data
        rows.append([f"{last}, {first}", user, f"s{user}", f"u{user}@example.org", "BN 101", "", "7.00"])
    for path, members in zip(handed.archives, files, strict=True):
        path.write_bytes(zipped(members))
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "06 Running statistics (777)", "Final Score"]
    possible = ["    Points Possible", "", "", "", "", "10.00", "(read only)"]
    test = ["Student, Test", 9999, "", "aaaa", "BN 101", "", "0.0"]
    handed.roster.write_text(table([head, possible, *rows, test]), "utf-8-sig")
    return handed


def moodle(pupils: list[Pupil], folder: Path, *, old: bool, folders: bool, german: bool = False) -> Handed:
    """As Moodle does: the full name, the participant's number, the plugin; with or without folders per student."""
    handed = Handed([folder / "BN101-06.zip", folder / "BN101-06 (1).zip"], folder / "Grades-06.csv")
    files: list[dict[str, bytes]] = [{}, {}]
    rows = []
    word = "Teilnehmer/in" if german else "Participant "
    for i, pupil in enumerate(pupils):
        number = 12000 + 7 * i
        handed.ids[i] = f"p{i}@example.org"
        for j, (name, data) in enumerate(pupil.files):
            which = 1 if pupil.second_zip and j else 0
            end = ("_/" if old else "/") if folders else "_"
            files[which][f"{pupil.name.replace('_', ' ')}_{number}_assignsubmission_file{end}{name}"] = data
        on = "Dienstag, 2. Februar 2027, 09:14" if german else "Tuesday, 2 February 2027, 9:14 AM"
        before = "Samstag, 30. Januar 2027, 21:05" if german else "Saturday, 30 January 2027, 9:05 PM"
        when = (on if pupil.late else before) if pupil.files else "-"
        maximum = "10,00" if german else "10.00"
        rows.append([f"{word}{number}", pupil.name, handed.ids[i], "status", "", maximum, "Yes", when, "-", ""])
    for path, members in zip(handed.archives, files, strict=True):
        path.write_bytes(zipped(members))
    head = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed"]
    head += ["Last modified (submission)", "Last modified (grade)", "Feedback comments"]
    if german:
        head = ["ID", "Vollständiger Name", "E-Mail-Adresse", "Status", "Bewertung", "Bestwertung"]
        head += [
            "Bewertung kann geändert werden",
            "Zuletzt geändert (Abgabe)",
            "Zuletzt geändert (Bewertung)",
            "Feedback",
        ]
    handed.roster.write_text(table([head, *rows], ";" if german else ","), "utf-8-sig" if german else "utf-8")
    return handed


def table(rows: list[list], mark: str = ",") -> str:
    """A CSV file."""
    file = io.StringIO()
    csv.writer(file, delimiter=mark).writerows(rows)
    return file.getvalue()


def canvas_reads(text: str) -> dict[str, float]:
    """Per user the grade, as Canvas's importer takes it."""
    rows = list(csv.reader(io.StringIO(text)))
    head = rows[0]
    assert head[0] == "Student"
    assert head[1] == "ID"
    assert "Section" in head, "without it the importer refuses the file"
    scored = [i for i, name in enumerate(head) if i > head.index("Section") and re.search(r"\((\d+)\)$", name)]
    assert len(scored) == 1
    assert head[scored[0]].endswith("(777)")
    found = {}
    for row in rows[1:]:
        assert len(row) == len(head)
        if "Points Possible" in row[0]:
            assert float(row[scored[0]]) == 10
        elif row[scored[0]]:
            found[row[1]] = float(row[scored[0]])
    return found


def canvas_takes_feedback(names: list[str], uploaded: dict[str, set[str]]) -> dict[str, str]:
    """Per user the file: of the parts that are numbers the first is the user, the second one of the user's files.

    A code follows ``anon``, and what ends in a part that begins with ``link`` has no attachment.
    """
    found = {}
    for name in names:
        assert not name.startswith(".")
        parts = [part for part in name.rsplit("/", 1)[-1].split("_") if part != "LATE"]
        assert not parts[-1].startswith("link"), "Canvas takes it for the address of a website"
        if parts[0] == "anon":
            user, attachment = f"anon_{parts[1]}", parts[2]
        else:
            user, attachment, *_ = [part for part in parts if re.fullmatch(r"\d+", part)]
        assert attachment in uploaded[user], "Canvas ignores a file whose attachment is not this user's"
        found[user] = name
    return found


def moodle_reads(text: str, head: list[str], word: str) -> dict[int, float]:
    """Per participant the grade: columns are found by the names of the site's language, commas between them."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == head, "columns that Moodle does not find by their names"
    found = {}
    for row in rows[1:]:
        assert len(row) == len(head)
        number = int(row[0][len(word) :])
        if row[4]:
            found[number] = float(row[4].replace(",", "."))
    return found


def moodle_takes_feedback(names: list[str], participants: set[int]) -> dict[int, str]:
    """Per participant the name of the feedback, as the importer breaks the path into its parts."""
    found = {}
    for path in names:
        assert not path.rsplit("/", 1)[-1].startswith((".", "~"))
        for part in path.split("/"):
            pieces = part.split("_", 4)
            if len(pieces) >= 5 and pieces[1].isdigit() and int(pieces[1]) in participants:
                assert pieces[2:4] == ["assignfeedback", "file"]
                found[int(pieces[1])] = pieces[4]
                break
        else:
            raise AssertionError(f"Moodle ignores {path}")
    return found
