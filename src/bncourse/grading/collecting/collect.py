"""Take in what a platform gives: each student's notebook into ``submitted/``, everything else beside it and named.

A student's folder is written aside and then renamed, so that it is never seen half written. An earlier one is moved to
``downloaded/ASSIGNMENT/replaced/``. The same command run twice, or again after it was killed, comes to the same end.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from bncourse.grading.collecting.account import UNREADABLE, WAITING, Account, Entry
from bncourse.grading.collecting.archives import LINK, CannotRead, Member, members, members_inside
from bncourse.grading.collecting.kinds import OFFICE, what_kind
from bncourse.grading.collecting.names import Label, letters_of, other_readings, read_label
from bncourse.grading.collecting.recognising import Recogniser
from bncourse.grading.collecting.rosters import Roster, RosterError, Student, add_groups, read_roster
from bncourse.grading.course import Course, remove_unfinished, write_whole

__all__ = ["NotThisClass", "account_of", "collect", "downloaded", "write_table"]

STATE = "collected.json"
LARGEST_KEPT, MOST_KEPT = 64 << 20, 500
"""Bytes of one file, and files of one student, that are kept beside the notebooks; the archive has the others."""

MOST_NAMED = 20
"""Files of one student that the account names, notebooks first; it counts the others."""

NOT_THERE = "not on the roster"
GIVEN_BACK = "given back by a teacher"


class NotThisClass(ValueError):  # noqa: N818
    """Archive and roster do not belong together; the message says why. Nothing was written."""


@dataclass(frozen=True)
class Found:
    """A file and what its name says."""

    member: Member
    label: Label | None
    group: str = ""
    """The name of the group that handed it in, if it was one."""

    @property
    def file(self) -> str:
        """Its name as the student gave it."""
        return self.label.file if self.label else self.member.path

    @property
    def is_feedback(self) -> bool:
        """Whether a teacher gave it back."""
        return self.label is not None and self.label.is_feedback


@dataclass(frozen=True)
class Candidate:
    """A notebook that can be graded."""

    found: Found
    digest: str
    key: list[Any]
    data: bytes


def downloaded(course: Course, assignment: str) -> Path:
    """Where the account lies, and what is kept beside the notebooks."""
    return course.root / "downloaded" / assignment


def collect(
    course: Course,
    name: str,
    archives: list[Path],
    roster_file: Path | None,
    zone: tzinfo,
    groups_file: Path | None = None,
    encoding: str | None = None,
) -> Account:
    """Collect an assignment.

    Arguments:
        course: the instructor's.
        name: of the assignment.
        archives: zip files, or folders that were unpacked of them; of two submissions the newer counts.
        roster_file: who is in the class; for Canvas it may be missing, and then nobody can be.
        zone: in which Moodle writes times.
        groups_file: who is in which group, where groups hand in together and the roster does not say so.
        encoding: of the roster, where it is neither UTF-8 nor UTF-16.

    Raises:
        NotThisClass: the roster is another class's, or there is none where it is needed.
        RosterError: the roster cannot be used.
        ArchiveError: an archive cannot be opened.
        CourseError: the course has no such assignment.
    """
    recogniser = Recogniser.of(course.assignment(name), course.root / course.directory.source_directory)
    roster = read_roster(roster_file, zone, encoding) if roster_file else None
    if groups_file is not None:
        if roster is None:
            raise RosterError("--groups says who is in which group; who is in the class has to be given by --roster")
        add_groups(roster, groups_file)
    given = [member for order, archive in enumerate(archives) for member in members(archive, order)]
    owned, nobodys = sort_out(given, roster, archives)
    strangers = {found.label.number for found, why in nobodys if found.label and why == NOT_THERE}
    place = downloaded(course, name)
    place.mkdir(parents=True, exist_ok=True)
    earlier = Account.load(place / STATE)
    students = roster.students if roster else owned_students(owned, earlier)
    account = Account(name, roster_file.name if roster_file else "", {}, notes=list(roster.notes) if roster else [])
    if roster and len(strangers) > len(owned):
        account.notes.append(
            f"{len(strangers)} who handed in are not on {roster.path.name}, and {len(owned)} are: "
            "is it that of this class, and newer than its last student?"
        )
    if roster and roster.kind == "canvas" and not roster.columns_like(name):
        titles = ", ".join(map(repr, list(roster.assignments().values())[:8])) or "none"
        account.notes.append(
            f"{roster.path.name} has no column like {name!r} (it has {titles}): if it is another course's gradebook, "
            "collect again with the one of this course; if the assignment has another name there, 'return' takes the "
            "name by --column"
        )
    out = [member.origin for member in given if member.leads_out]
    if out:
        account.notes.append(
            f"{len(out)} {'path leads' if len(out) == 1 else 'paths lead'} out of the archive, as in {out[0]!r}: "
            "nothing was written there, and the last part of the path was taken as the file's name"
        )
    for left in Path(course.root / course.directory.submitted_directory).glob(".collecting-*"):
        shutil.rmtree(left, ignore_errors=True)
    remove_unfinished(place)
    with course.gradebook() as gradebook:
        due = gradebook.find_assignment(name).duedate
        if due is None and any(student.handed_in for student in students.values()):
            account.notes.append(
                f"the gradebook has no due date for {name}, so that nobody is late: "
                f"'nbgrader db assignment add {name} --duedate \"2027-01-31 23:59:00 UTC\"' sets one"
            )
        enrol(gradebook, students.values())
        for student in students.values():
            before = earlier.entries.get(student.id) if earlier else None
            try:
                entry = collect_one(course, recogniser, student, owned.get(student.id, []), before, due)
            except Exception as error:  # whatever is wrong with one student's files stops nobody else's
                entry = Entry(student.id, student.name, UNREADABLE, f"it could not be collected: {error}")
            entry.number = student.number
            account.entries[student.id] = entry
            tell_gradebook(course, gradebook, name, entry)
    for found, why in nobodys:
        kept = keep(place / "kept" / "nobody", found)
        account.others.append(f"{found.member.origin}: {why}{'' if kept else ' (left in the archive)'}")
    if roster is not None:
        write_whole(place / "roster.csv", roster.text.encode())
    write_whole(place / STATE, account.save())
    return account


def account_of(course: Course, assignment: str) -> Account | None:
    """The account of what was collected, with what has been graded since."""
    account = Account.load(downloaded(course, assignment) / STATE)
    if account is None:
        return None
    return account.after_grading(name for name in account.entries if course.is_graded(name, assignment))


def write_table(course: Course, account: Account) -> Path:
    """Write the account as CSV beside the reports; returns where it is."""
    path = course.root / "reports" / f"{account.assignment}-account.csv"
    path.parent.mkdir(exist_ok=True)
    write_whole(path, account.csv().encode("utf-8-sig", "replace"))
    return path


def sort_out(
    given: list[Member], roster: Roster | None, archives: list[Path]
) -> tuple[dict[str, list[Found]], list[tuple[Found, str]]]:
    """Whose each file is: by the student's id, and those that are nobody's with the reason."""
    owned: dict[str, list[Found]] = {}
    nobodys: list[tuple[Found, str]] = []
    waiting = list(reversed(given))
    labelled = 0
    while waiting:
        member = waiting.pop()
        label = read_label(member.path)
        labelled += label is not None
        found, owners = owned_by(Found(member, label), roster)
        label = found.label
        if found.group:
            for student in owners:
                owned.setdefault(student.id, []).append(found)
            continue
        if not owners and label is not None and roster is not None and label.platform == "canvas":
            # A student's own file may look as if Canvas had named it: the folders above say whose it is.
            above = member.path[: member.path.index(label.stem)]
            if owners := roster.by_words(above) if above else []:
                found = Found(member, None)
        if len(owners) == 1:
            owned.setdefault(owners[0].id, []).append(found)
        elif label is None and not owners and is_archive(member):
            try:
                waiting += reversed(members_inside(member))
            except CannotRead as error:
                nobodys.append((found, str(error)))
        elif owners:
            names = ", ".join(owner.id for owner in owners)
            nobodys.append((found, f"it may belong to each of {names}"))
        else:
            nobodys.append((found, "whose it is does not stand in its name" if label is None else NOT_THERE))
    words = " and ".join(path.name for path in archives)
    if roster is not None and not owned and any(found.label and found.label.is_anonymous for found, _ in nobodys):
        raise NotThisClass(
            f"{words} was downloaded while grading is anonymous, and {roster.path.name} does not have the codes after "
            "'anon_': end anonymous grading in Canvas and download again, or collect without --roster"
        )
    if roster is not None and labelled and not owned:
        whose = {"canvas": "is it another course's gradebook?", "moodle": "is it another assignment's worksheet?"}
        raise NotThisClass(
            f"none of those who handed in in {words} is on {roster.path.name}: "
            f"{whose.get(roster.kind, 'does it have the ids or the names that the platform uses?')}"
        )
    if roster is None and any(found.label and found.label.platform == "moodle" for found, _ in nobodys):
        raise NotThisClass(
            f"{words} is Moodle's, whose numbers belong to the assignment and not to the student: "
            "give the grading worksheet of this assignment by --roster"
        )
    if not owned and not nobodys:
        raise NotThisClass(f"there are no files in {words}")
    return owned, nobodys


def owned_by(found: Found, roster: Roster | None) -> tuple[Found, list[Student]]:
    """Whose a file may be, and how its path is read to say so."""
    member, label = found.member, found.label
    if roster is None:
        if label is None or label.platform != "canvas":
            return found, []
        # A folder above it may look as if Canvas had named it, as of a download with a date: the file's own name says.
        label = read_label(member.name) or label
        return Found(member, label), [Student(label.number, label.name, label.number)]
    is_moodle = label is not None and label.platform == "moodle"
    for reading in (label, *([] if is_moodle else other_readings(member.path))):
        if reading is None:
            continue
        group = roster.by_group(reading.name)
        # A group may be called like the one who leads it, who handed in alone where the number is that one's.
        if group and not (is_moodle and roster.by_number(reading.number) in roster.by_name(reading.name)):
            return Found(member, reading, reading.name), group
        # Digits alone may be a date, unless the roster is Canvas's own.
        if (roster.kind == "canvas" or not reading.name.isdigit()) and (owners := owners_of(reading, roster)):
            return Found(member, reading), owners
    if label is None:
        for path in (member.path, *member.spellings()):
            if owners := roster.by_words(path):
                return Found(replace(member, path=path), None), owners
    return found, []


def owners_of(label: Label, roster: Roster) -> list[Student]:
    """Whose a file that a platform named may be."""
    owner = roster.by_number(label.number)
    if roster.kind == label.platform:
        # It knows each student's number, so a number that it does not know is another class's.
        return [owner] if owner else []
    named = roster.by_name(label.name)
    if not named and label.platform == "moodle":
        named = roster.by_words(label.name)  # the name of a group may stand before it
    # In a table of one's own a number may be an id of the university's, which is somebody else's number in Canvas.
    return [owner] if owner and roster.kind == "table" and (owner in named or not named) else named


def owned_students(owned: dict[str, list[Found]], earlier: Account | None) -> dict[str, Student]:
    """Those who handed in, where there is no roster."""
    students = {e.id: Student(e.id, e.name, e.number) for e in earlier.entries.values()} if earlier else {}
    for name, files in owned.items():
        label = files[0].label
        assert label is not None
        students.setdefault(name, Student(name, label.name, label.number))
    return students


def is_archive(member: Member) -> bool:
    """Whether a file is a zip archive that may hold submissions."""
    return member.name.lower().endswith(".zip") and not member.problem


def collect_one(
    course: Course,
    recogniser: Recogniser,
    student: Student,
    files: list[Found],
    before: Entry | None,
    due: datetime | None,
) -> Entry:
    """Put one student's newest notebook in its place, and keep the other files beside it."""
    entry = Entry(student.id, student.name)
    place = downloaded(course, recogniser.assignment.name)
    candidates, odd = look_through(files, recogniser)
    # Of an archive that has one name twice, the last one counts, as where it is unpacked.
    newest = max(reversed(candidates), key=lambda c: c.key, default=None)
    target = course.folder(course.directory.submitted_directory, student.id, recogniser.assignment.name)
    odd.sort(key=lambda pair: ".ipynb" not in pair[0].file)
    for i, (found, what) in enumerate(odd):
        kept = i < MOST_KEPT and keep(place / "kept" / student.id, found)
        if i < MOST_NAMED:
            entry.kept.append(f"{found.file}: {what}{'' if kept else ' (left in the archive)'}")
    if len(odd) > MOST_NAMED:
        entry.kept.append(f"and {len(odd) - MOST_NAMED:,} other files")
    is_there = before is not None and before.state == WAITING and (target / notebook_of(recogniser)).is_file()
    if newest is None:
        if is_there:
            assert before is not None
            before.kept = list(dict.fromkeys([*before.kept, *entry.kept]))
            return before
        if any(not found.is_feedback for found in files):
            entry.state, entry.why = UNREADABLE, "; ".join(entry.kept) or "nothing in it can be read"
        elif before is not None and before.state == UNREADABLE:
            return before
        return entry
    # What an earlier version of this command has noted does not compare.
    if is_there and before is not None and len(before.key) == len(newest.key) and before.key > newest.key:
        before.notes.append(f"{newest.found.member.origin} is older than what was collected before, which counts")
        keep(place / "kept" / student.id, newest.found)
        return before
    entry.state, entry.file, entry.key = WAITING, newest.found.member.origin, newest.key
    label = newest.found.label
    entry.stem = label.stem if label else ""
    entry.group = newest.found.group
    if newest.found.group:
        entry.notes.append(f"handed in by the group {newest.found.group!r}; each of its members has it")
    elif label is not None and label.platform == "canvas" and is_somebody_else(label, student):
        entry.notes.append(
            f"Canvas calls who handed in {label.name!r}: if that is a group, give Canvas's list of groups by --groups, "
            "so that all of its members have it"
        )
    others = [c for c in candidates if c.digest != newest.digest]
    if others:
        is_clear = newest.found.file not in {c.found.file for c in others}
        chosen, *names = [c.found.file if is_clear else c.found.member.origin for c in (newest, *others)]
        if {chosen} == set(names):
            chosen, names = f"{chosen}, the last of this name in the archive", ["those before it"]
        entry.notes.append(
            f"handed in {len(others) + 1} notebooks; the newest counts: {chosen}, not {', '.join(names)}"
        )
        for other in others:
            keep(place / "kept" / student.id, other.found)
    if entry.kept:
        entry.notes.append(f"other files: {'; '.join(entry.kept)}")
    when = student.handed_in
    entry.late = bool(label and label.late) or bool(when and due and when > due)
    if entry.late and when is None:
        if due is None:
            entry.notes.append("late by Canvas; the gradebook has no due date, so that it cannot say so: see --duedate")
        else:
            when = due + timedelta(seconds=1)
            entry.notes.append("late by Canvas, which does not say by how much: one second is recorded")
    entry.handed_in = f"{when:%Y-%m-%d %H:%M:%S}" if when else ""
    put(target, notebook_of(recogniser), newest.data, entry.handed_in, place / "replaced" / student.id)
    return entry


def is_somebody_else(label: Label, student: Student) -> bool:
    """Whether Canvas has another name for the one who handed in than the roster, whatever the order of its parts."""
    is_named = not label.is_anonymous and label.number == student.number and student.name != student.number
    return is_named and sorted(letters_of(label.name)) != sorted(letters_of(student.name))


def notebook_of(recogniser: Recogniser) -> str:
    """The name that nbgrader wants the notebook to have."""
    return f"{recogniser.assignment.name}.ipynb"


def look_through(files: list[Found], recogniser: Recogniser) -> tuple[list[Candidate], list[tuple[Found, str]]]:
    """One student's notebooks that can be graded, and the other files with what each is."""
    candidates: list[Candidate] = []
    odd: list[tuple[Found, str]] = []
    waiting = list(files)
    while waiting:
        found = waiting.pop(0)
        member = found.member
        try:
            if is_archive(member) and not found.is_feedback:
                within = inside(found)
                waiting += within
                if not within:
                    odd.append((found, "an archive without files"))
                continue
            data = member.read()
            what = GIVEN_BACK if found.is_feedback else what_kind(member.name, data)
            if data.startswith(b"PK\3\4") and not found.is_feedback:
                what = OFFICE.get(PurePosixPath(member.name).suffix.lower(), "")
                if not what:
                    waiting += inside(found)
                    continue
            what = what or recogniser.problem(data)
        except CannotRead as error:
            odd.append((found, str(error)))
            continue
        if what:
            odd.append((found, what))
        else:
            key = key_of(found, is_own=not recogniser.is_published(data))
            candidates.append(Candidate(found, hashlib.sha256(data).hexdigest(), key, data))
            # Of many copies only those that may count stay in memory.
            if len(candidates) > 8:
                candidates.sort(key=lambda c: c.key)
                candidates = [Candidate(c.found, c.digest, c.key, b"") for c in candidates[:-1]] + candidates[-1:]
    return candidates, odd


def inside(found: Found) -> list[Found]:
    """The files of an archive of a student's own."""
    return [Found(inner, labelled(found, inner), found.group) for inner in members_inside(found.member)]


def labelled(outer: Found, inner: Member) -> Label | None:
    """What is known of a file inside of a student's archive: what the archive's name says."""
    if outer.label is None:
        return read_label(inner.path)
    label = outer.label
    return Label(
        label.platform, label.name, label.number, label.attachment, label.late, f"{label.file}/{inner.path}", label.stem
    )


def key_of(found: Found, *, is_own: bool = True) -> list[Any]:
    """How new a file is: by Canvas's number, the archive's time, the order of the archives, the numbers in its name.

    Before all of them comes whether it is what a student handed in, rather than an editor's copy, a graded one, or the
    solution that the course has published.
    """
    is_own = is_own and not NOT_HANDED_IN & set(found.member.path.casefold().split("/")[:-1])
    when = list(found.member.when) + [0] * (6 - len(found.member.when))
    attachment = found.label.attachment if found.label else 0
    # "hw-06 (10)" is newer than "hw-06 (9)", and that than "hw-06": numbers of one length, and without the ending.
    name = re.sub(r"\d+", lambda number: number[0].zfill(9), found.file.partition(".ipynb")[0])
    return [is_own, attachment, when, found.member.order, name]


NOT_HANDED_IN = {".ipynb_checkpoints", "feedback", "autograded"}
"""Folders in which an editor's copies lie, or what an instructor has made of what was handed in."""


def put(target: Path, name: str, data: bytes, when: str, replaced: Path) -> None:
    """Put a notebook and its time in their place, both or neither; what was there is moved away."""
    stamp = f"{when} UTC\n" if when else ""
    with_stamp = target / "timestamp.txt"
    there = with_stamp.read_text("utf-8", "replace") if with_stamp.is_file() else ""
    if there == stamp and (target / name).is_file() and (target / name).read_bytes() == data:
        return
    submitted = target.parent.parent
    submitted.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".collecting-", dir=submitted))
    fresh.chmod(0o755)
    write_whole(fresh / name, data)
    if stamp:
        write_whole(fresh / "timestamp.txt", stamp.encode())
    target.parent.mkdir(exist_ok=True)
    if os.path.lexists(target):
        replaced.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.name) for path in replaced.iterdir() if path.name.isdigit()), default=0)
        try:
            os.rename(target, replaced / str(number))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.move(target, replaced / str(number))
    os.rename(fresh, target)


def keep(folder: Path, found: Found) -> bool:
    """Keep a file beside the notebooks, under a name that leads nowhere else; says whether it could be read."""
    member = found.member
    try:
        data = member.read(LARGEST_KEPT) if not member.problem else link_text(member)
    except CannotRead:
        return False
    parts = [re.sub(r"[\0-\x1f:]", "_", part)[-120:] for part in PurePosixPath(found.file).parts]
    parts = [part for part in parts if part.strip("./ ")] or ["file"]
    path = folder.joinpath(*parts[-4:])
    for number in range(1, 1000):
        other = path if number == 1 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        if other.is_file() and other.read_bytes() == data:
            return True
        if not os.path.lexists(other):
            try:
                other.parent.mkdir(parents=True, exist_ok=True)
                write_whole(other, data)
            except (OSError, UnicodeError):
                return False
            return True
    return False


def link_text(member: Member) -> bytes:
    """Where a link in an archive leads, as text."""
    if member.problem != LINK or member.info is None:
        raise CannotRead(member.problem)
    with member.open() as file:
        return file.read(4096)


def enrol(gradebook: Gradebook, students: Iterable[Student]) -> None:
    """Let the gradebook know the class by name, also those who handed nothing in."""
    known = {student.id: student for student in gradebook.students}
    for student in students:
        last, comma, first = student.name.partition(",")
        if not comma:
            first, _, last = student.name.rpartition(" ")
        names = {"first_name": first.strip(), "last_name": last.strip()}
        names |= {"email": student.email} if student.email else {}
        there = known.get(student.id)
        if there is None or any(getattr(there, key) != value for key, value in names.items()):
            gradebook.update_or_create_student(student.id, **names)


def tell_gradebook(course: Course, gradebook: Gradebook, assignment: str, entry: Entry) -> None:
    """Correct the time of a submission that the gradebook has already.

    It may be none any more: who got an extension is no longer late in Canvas.
    """
    try:
        there = gradebook.find_submission(assignment, entry.id)
    except MissingEntry:
        return
    if entry.state == WAITING:
        when = datetime.strptime(entry.handed_in, "%Y-%m-%d %H:%M:%S") if entry.handed_in else None
        if there.timestamp != when:
            gradebook.update_or_create_submission(assignment, entry.id, timestamp=when)
            course.forget_recorded(entry.id, assignment)
