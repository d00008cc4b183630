"""What lies in ``submitted/``: whoever handed it in may have put anything there, and it costs nobody else anything.

A link may lead to another student's work, a named pipe makes who reads it wait for ever, a file may claim to hold a
terabyte. So only plain files of a bounded size are read, and no link is followed below ``submitted/``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from bncourse.grading.submission import LARGEST_FILE, Unreadable

__all__ = ["EXCHANGE_SECRET", "LeftOut", "Submission", "find", "strange"]

LONGEST_TIMESTAMP = 100
"""Bytes; nbgrader writes about thirty."""

EXCHANGE_SECRET, LONGEST_SECRET = "submission_secret.txt", 4096
"""Written by ``nbgrader submit``; in bytes, of which nbgrader writes 128."""

MOST_FILES = 1000
"""In one student's folder."""


@dataclass(frozen=True)
class LeftOut:
    """A folder in which nothing can be graded, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name!r}: {self.why}"


@dataclass(frozen=True)
class Submission:
    """What one student handed in for an assignment.

    Attributes:
        student: the name of the folder.
        path: of the notebook.
        timestamp: when it was handed in; ``None`` where nothing says so.
        remarks: what was out of order, in words.
    """

    student: str
    path: Path
    timestamp: datetime | None = None
    remarks: tuple[str, ...] = ()

    def read(self) -> bytes:
        """The notebook as it lies in the file.

        Raises:
            Unreadable: it is a link, no plain file, or too large; the student's doing.
            OSError: the machine cannot read it; not the student's doing.
        """
        with plain_file(self.path, above=3) as descriptor, os.fdopen(descriptor, "rb", closefd=False) as file:
            size = os.fstat(descriptor).st_size
            if size > LARGEST_FILE:
                raise Unreadable(f"the file has {size >> 20} MiB; at most {LARGEST_FILE >> 20} are read")
            return file.read(LARGEST_FILE + 1)

    def secret(self) -> bytes:
        """What nbgrader's exchange knows the feedback on this submission by; a fresh one where it came another way.

        ``nbgrader release_feedback`` wants one beside every page of feedback, and releases none where one is missing.
        """
        try:
            with plain_file(self.path.with_name(EXCHANGE_SECRET), above=3) as descriptor:
                return os.read(descriptor, LONGEST_SECRET) or fresh_secret()
        except (Unreadable, OSError):
            return fresh_secret()


def fresh_secret() -> bytes:
    """A secret as ``nbgrader submit`` makes one."""
    return secrets.token_hex(64).encode()


@contextlib.contextmanager
def plain_file(path: Path, above: int) -> Iterator[int]:
    """Open a plain file, and no link on the way to it: neither its own name nor those of the folders above it.

    Arguments:
        path: of the file.
        above: how many of the last parts of the path may not be links, the file among them.

    Raises:
        Unreadable: there is a link, or it is something else.
    """
    folder = os.open(path.parents[above - 1], os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in path.parts[-above:-1]:
            try:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            except OSError as error:
                if is_link(part, folder):
                    raise Unreadable("its folder is a link, and leads to what somebody else has") from None
                raise error
            os.close(folder)
            folder = inner
        try:
            if not stat.S_ISREG(os.stat(path.name, dir_fd=folder, follow_symlinks=False).st_mode):
                raise Unreadable("it is a link, a pipe or a device, and no plain file")
            # Not to wait where it has become a pipe in the meantime.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(path.name, flags, dir_fd=folder)
        except OSError as error:
            if is_link(path.name, folder):
                raise Unreadable("it is a link, and leads to what somebody else has") from None
            raise error
    finally:
        os.close(folder)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable("it is a link, a pipe or a device, and no plain file")
        yield descriptor
    finally:
        os.close(descriptor)


def is_link(name: str, folder: int) -> bool:
    """Whether a name in a folder is that of a link."""
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False


def find(submitted: Path, assignment: str, students: list[str] | None = None) -> tuple[list[Submission], list[LeftOut]]:
    """What was handed in for an assignment, by student, and the folders in which there is nothing to grade.

    A folder without the assignment's notebook is not among it. Where the notebook has a name of its own, as when it was
    saved from Colab, and is the only one, it is taken.
    """
    found: list[Submission] = []
    left_out: list[LeftOut] = []
    for student in sorted(names_in(submitted)):
        folder = submitted / student / assignment
        if (students and student not in students) or student.startswith("."):
            continue
        try:
            folder.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            pass  # reading it says why not
        if not is_plain_name(student):
            left_out.append(LeftOut(student, "the name of the folder cannot be a student's: rename it"))
            continue
        if os.path.islink(submitted / student) or os.path.islink(folder):
            # Named as the assignment's: reading it says that it is a link.
            found.append(Submission(student, folder / f"{assignment}.ipynb"))
            continue
        if not os.access(folder.parent, os.X_OK) or (folder.is_dir() and not os.access(folder, os.R_OK | os.X_OK)):
            found.append(Submission(student, folder / f"{assignment}.ipynb"))
            continue
        if not folder.is_dir():
            left_out.append(LeftOut(student, "what was handed in is no folder"))
            continue
        path = folder / f"{assignment}.ipynb"
        if not os.path.lexists(path):
            others = sorted(name for name in names_in(folder)[:MOST_FILES] if name.endswith(".ipynb"))
            others = [name for name in others if not os.path.islink(folder / name)]
            if len(others) > 1:
                words = f"it holds {len(others)} notebooks, and none is called {assignment}.ipynb: rename one"
                left_out.append(LeftOut(student, words))
            if len(others) != 1:
                continue
            path = folder / others[0]
        timestamp, remark = timestamp_of(path)
        found.append(Submission(student, path, timestamp, (remark,) if remark else ()))
    return found, left_out


def names_in(folder: Path) -> list[str]:
    """The names in a folder; none if it is no folder."""
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []


def is_plain_name(name: str) -> bool:
    """Whether a name can be written into a gradebook and onto a page."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return name.isprintable()


def timestamp_of(path: Path) -> tuple[datetime | None, str]:
    """When a notebook was handed in, and a remark where ``timestamp.txt`` does not say so in a way that can be read.

    Then the time of the file counts, so that nobody is on time by a timestamp of nonsense.
    """
    file = path.with_name("timestamp.txt")
    if not os.path.lexists(file):
        return None, ""
    try:
        with plain_file(file, above=3) as descriptor:
            text = os.read(descriptor, LONGEST_TIMESTAMP + 1).decode("utf-8", "strict").strip()
        if not text:
            return None, ""
        if len(text) <= LONGEST_TIMESTAMP:
            when = parse_utc(text)
            if isinstance(when, datetime) and 1970 <= when.year <= 9999:
                return when, ""
    except Exception:  # the parser of dates raises many kinds, and so may the disk
        pass
    try:
        when = datetime.fromtimestamp(path.lstat().st_mtime, UTC).replace(tzinfo=None)
    except (OSError, OverflowError, ValueError):
        return None, "timestamp.txt cannot be read as a date"
    return when, "timestamp.txt cannot be read as a date; the time of the file was taken"


def strange(folder: Path) -> list[tuple[Path, str]]:
    """What lies in a submitted folder and is no plain file of a sensible size, and what is wrong with each."""
    for place in (folder.parent, folder):
        if os.path.islink(place):
            return [(place, "it is a link, and leads to what somebody else has")]
    found = []
    for root, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(root, name)
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode):
                found.append((path, "it is a link"))
            elif not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
                found.append((path, "it is a pipe or a device"))
            elif stat.S_ISREG(status.st_mode) and status.st_size > LARGEST_FILE:
                found.append((path, f"it has {status.st_size >> 20} MiB"))
            elif not is_plain_name(name):
                found.append((path, "its name cannot be written down"))
    file = folder / "timestamp.txt"
    if os.path.lexists(file) and all(path != file for path, _ in found) and timestamp_of(folder / "any.ipynb")[1]:
        found.append((file, "it cannot be read as a date"))
    return found
