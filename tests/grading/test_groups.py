"""Groups that hand in together, names of every script, and archives of every system: nobody is lost."""

import zipfile
from datetime import UTC
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, WRITTEN, Classroom, as_bytes, right
from platforms import canvas_takes_feedback, table, zipped

from bncourse.grading.beside import BesideTheWork
from bncourse.grading.collecting.account import Account
from bncourse.grading.collecting.collect import collect
from bncourse.grading.collecting.command import main
from bncourse.grading.collecting.returning import feedback_name, hand_back
from bncourse.grading.collecting.rosters import RosterError, read_roster
from bncourse.grading.course import Course

FILE = f"{ASSIGNMENT}.ipynb"
GRADEBOOK = [
    ["Student", "ID", "SIS Login ID", "Section", "06 Running statistics (777)"],
    ["    Points Possible", "", "", "", "10.00"],
    ["Lovelace, Ada", 5001, "ada@example.org", "BN", ""],
    ["Ng, Bob", 5002, "bob@example.org", "BN", ""],
    ["Cox, Cyd", 5003, "cyd@example.org", "BN", ""],
]
GROUPS = [
    ["name", "canvas_user_id", "user_id", "login_id", "sections", "group_name", "canvas_group_id", "group_id"],
    ["Ada Lovelace", 5001, "", "ada@example.org", "BN", "Les Élèves 1", 77, ""],
    ["Bob Ng", 5002, "", "bob@example.org", "BN", "Les Élèves 1", 77, ""],
    ["Cyd Cox", 5003, "", "cyd@example.org", "BN", "", "", ""],
]


def taken(
    classroom: Classroom, folder: Path, files: dict[str, bytes], roster: list[list], groups: list | None
) -> Account:
    """The account of an archive with these files."""
    (folder / "in.zip").write_bytes(zipped(files))
    (folder / "roster.csv").write_text(table(roster), "utf-8")
    if groups:
        (folder / "groups.csv").write_text(table(groups), "utf-8")
    paths = [folder / "in.zip"], folder / "roster.csv", UTC, folder / "groups.csv" if groups else None
    return collect(Course(classroom.folder), ASSIGNMENT, *paths)


def collected(classroom: Classroom) -> set[str]:
    """Whose notebook lies where grading looks for it."""
    return {path.parts[-3] for path in (classroom.folder / "submitted").glob(f"*/*/{FILE}")}


def test_every_member_of_a_group_in_canvas_has_what_the_group_handed_in(classroom: Classroom, tmp_path: Path):
    files = {f"lesélèves1_5001_90001_{FILE}": as_bytes(right())}
    account = taken(classroom, tmp_path, files, GRADEBOOK, GROUPS)
    assert collected(classroom) == {"5001", "5002"}
    assert account.entries["5003"].state == "missing"
    assert "handed in by the group 'lesélèves1'" in account.entries["5002"].notes[0]
    # Both get a grade, and the feedback goes once to the member whom Canvas names.
    roster = read_roster(tmp_path / "roster.csv", UTC)
    names = {feedback_name(roster, roster.students[s], account.entries[s].stem, ASSIGNMENT) for s in ("5001", "5002")}
    assert canvas_takes_feedback(sorted(names), {"5001": {"90001"}}) == {"5001": names.pop()}


def test_the_feedback_of_a_group_is_written_once(classroom: Classroom, tmp_path: Path):
    taken(classroom, tmp_path, {f"lesélèves1_5001_90001_{FILE}": as_bytes(right())}, GRADEBOOK, GROUPS)
    classroom.grade()
    for student in ("5001", "5002"):
        page = classroom.folder / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"
        page.parent.mkdir(parents=True)
        page.write_text("read")
    hand_back(Course(classroom.folder), ASSIGNMENT)
    with zipfile.ZipFile(classroom.folder / "returned" / ASSIGNMENT / "canvas-feedback.zip") as archive:
        assert archive.namelist() == [f"lesélèves1_5001_90001_{ASSIGNMENT}.html"]

    # The formgrader lists every member; the page of each says who the others are, and how all get the same points.
    where = {"metadata": {"path": str(classroom.folder / "autograded" / "5002" / ASSIGNMENT)}}
    feedback, _ = BesideTheWork().preprocess(classroom.graded("5002"), dict(where))
    formgrader, _ = BesideTheWork().preprocess(classroom.graded("5002"), where | {"submission_id": "1"})
    for page in (feedback, formgrader):
        assert "by the group lesélèves1:** Lovelace, Ada (5001); Ng, Bob (5002)." in page.cells[0].source
    command = f"python -m bncourse.course points {ASSIGNMENT} {WRITTEN} POINTS 5001 5002"
    assert command in "".join(each.source for each in formgrader.cells)
    assert command not in "".join(each.source for each in feedback.cells)
    words = command.replace("POINTS", "1.5").split()[3:]
    assert main([*words, "--course", str(classroom.folder)]) == 0
    assert classroom.points() == {"5001": 9.5, "5002": 9.5}


def test_without_a_list_of_groups_the_account_says_what_is_odd(classroom: Classroom, tmp_path: Path):
    account = taken(classroom, tmp_path, {f"lesélèves1_5001_90001_{FILE}": as_bytes(right())}, GRADEBOOK, None)
    assert "give Canvas's list of groups by --groups" in account.entries["5001"].notes[0]
    assert collected(classroom) == {"5001"}


@pytest.mark.parametrize("name", ["Team A_41", "Default group"])
def test_every_member_of_a_group_in_moodle_has_what_the_group_handed_in(
    name: str, classroom: Classroom, tmp_path: Path
):
    group = name.split("_")[0]
    head = [
        "Identifier",
        "Full name",
        "Email address",
        "Status",
        "Group",
        "Grade",
        "Maximum Grade",
        "Grade can be changed",
    ]
    people = [("Ada Lovelace", "ada", group), ("Bob Ng", "bob", group), ("Cyd Cox", "cyd", "Team B")]
    # 41 is the number of the group, and by chance that of a participant of another group.
    numbers = [12000, 12007, 41]
    rows = [
        [f"Participant {number}", full, f"{short}@example.org", "Submitted for grading", team, "", "10.00", "Yes"]
        for number, (full, short, team) in zip(numbers, people, strict=True)
    ]
    taken(classroom, tmp_path, {f"{name}_assignsubmission_file/{FILE}": as_bytes(right())}, [head, *rows], None)
    assert collected(classroom) == {"ada@example.org", "bob@example.org"}


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ([["id", "colour"], ["5001", "red"]], "none that is a group's name"),
        ([["id", "group"], ["9", "red"]], "is it another course's list of groups?"),
    ],
)
def test_a_list_of_groups_that_cannot_be_used_costs_one_sentence(
    groups: list, words: str, classroom: Classroom, tmp_path: Path
):
    with pytest.raises(RosterError, match=words.replace("?", r"\?")):
        taken(classroom, tmp_path, {f"red_5001_90001_{FILE}": as_bytes(right())}, GRADEBOOK, groups)
    assert not collected(classroom)


SCRIPTS = {
    "u1": "Jörg Müller-Lüdenscheidt",
    "u2": "王小明",
    "u3": "Seán O'Brien",
    "u4": "Nguyễn Thị Ánh",
    "u5": "Łukasz Żak",
}


@pytest.mark.parametrize("system", ["windows", "macos", "linux"])
def test_names_of_every_script_in_folders_zipped_on_every_system(system: str, classroom: Classroom, tmp_path: Path):
    """Windows writes what fits into its code page without a mark, macOS UTF-8 without one, Linux UTF-8 with one."""
    names = {"windows": ["u1", "u3"]}.get(system, list(SCRIPTS))
    with zipfile.ZipFile(tmp_path / "drive.zip", "w") as archive:
        for student in names:
            path = f"Hand-ins/{SCRIPTS[student]}/Copy of {FILE}"
            info = MarkedAsCodePage(path, {"windows": "cp437", "macos": "utf-8"}[system]) if system != "linux" else path
            archive.writestr(info, as_bytes(right()))
    rows = [["id", "name"], *SCRIPTS.items()]
    (tmp_path / "roster.csv").write_text(table(rows), "utf-8")
    account = collect(Course(classroom.folder), ASSIGNMENT, [tmp_path / "drive.zip"], tmp_path / "roster.csv", UTC)
    assert account.others == []
    assert collected(classroom) == set(names)


class MarkedAsCodePage(zipfile.ZipInfo):
    """An entry whose name is written in an encoding without the flag that says UTF-8."""

    def __init__(self, path: str, encoding: str) -> None:
        super().__init__("x")
        self.filename, self.encoding = path, encoding

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's own name
        return self.filename.encode(self.encoding), self.flag_bits
