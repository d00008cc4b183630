"""The files in the archives that a platform gives, whatever else is in there: read within bounds, never unpacked.

Nothing is ever written under a name from an archive, so a path that leaves the folder, an absolute one or a link leads
nowhere. An archive inside an archive is opened too, to a depth of :data:`DEEPEST`.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from bncourse.grading.collecting.kinds import why_no_zip
from bncourse.grading.submission import LARGEST_FILE

__all__ = ["LINK", "ArchiveError", "CannotRead", "Member", "members", "members_inside"]

DEEPEST = 3
"""How many archives deep files are looked for."""

MOST_MEMBERS = 200_000
"""Files in one archive; Canvas and Moodle write a few per student."""

MOST_INNER = 2_000
"""Files in an archive inside an archive that are read; of more, notebooks and archives come first."""

LARGEST_INNER = 1 << 30
"""Bytes of an archive inside an archive."""

MOST_TIMES, WORTH_A_LOOK = 150, 8 << 20
"""A file that grows more than so many times, to more bytes than these, is no submission: notebooks grow five times."""

SYSTEM = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$)", re.IGNORECASE)
"""What operating systems leave in archives."""


MAY_BE_WORK = re.compile(r"\.(ipynb\b[^/]*|zip)$", re.IGNORECASE)
"""Names of notebooks and of archives that may have some in them."""

CODE_PAGES = "cp850", "cp1252", "cp1250", "cp1251", "cp866", "gb18030", "big5", "cp932", "cp949", "cp1253", "cp1256"
"""Encodings in which Windows writes names into archives, in some country or other, without saying so."""


class ArchiveError(ValueError):
    """What was given as an archive is none; the message says what is accepted."""


class CannotRead(ValueError):  # noqa: N818
    """One file of an archive cannot be read; the message says why, and the other files are not affected."""


@dataclass(frozen=True)
class Member:
    """One file of an archive or folder.

    Attributes:
        path: inside of the archive, with ``/`` between its parts, as it is written there.
        origin: the archive and the path, for messages.
        order: position of the archive on the command line; later ones are newer.
        when: the time that the archive gives for the file, ``(year, month, day, hour, minute, second)``.
        depth: how many archives it lies in.
        problem: why its content cannot be used; empty where it can.
    """

    path: str
    origin: str
    order: int
    when: tuple[int, ...]
    depth: int
    problem: str
    source: zipfile.ZipFile | Path
    info: zipfile.ZipInfo | None = None

    def read(self, most: int = LARGEST_FILE) -> bytes:
        """The content.

        Raises:
            CannotRead: it is damaged, encrypted, a link, or larger than ``most`` bytes, whatever its header claims.
        """
        if self.problem:
            raise CannotRead(self.problem)
        try:
            with self.open() as file:
                data = file.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise CannotRead(f"it is damaged in the archive ({type(error).__name__})") from None
        except (RuntimeError, NotImplementedError) as error:
            raise CannotRead(f"it cannot be unpacked: {error}") from None
        if len(data) > most:
            raise CannotRead(f"unpacked it has more than {most >> 20} MiB; it was left in the archive")
        return data

    def open(self) -> IO[bytes]:
        """The content as a file."""
        if isinstance(self.source, Path):
            descriptor = os.open(self.source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            return os.fdopen(descriptor, "rb")
        assert self.info is not None
        return self.source.open(self.info)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def leads_out(self) -> bool:
        """Whether the path, taken as it is written, leads out of the folder into which it is unpacked."""
        return self.path.startswith("/") or self.path[1:3] == ":/" or ".." in self.path.split("/")

    def spellings(self) -> Iterator[str]:
        """The path as it reads without the signs of an address, and in encodings that the archive does not name."""
        if "%" in self.path:
            yield unquote(self.path)
        if self.info is None or self.info.flag_bits & IS_UTF8 or self.info.filename.isascii():
            return
        for encoding in CODE_PAGES:
            try:
                yield self.info.filename.encode("cp437").decode(encoding).replace("\\", "/")
            except UnicodeError:
                continue


def members(given: Path, order: int) -> Iterator[Member]:
    """The files of a zip file, or of a folder into which a browser has unpacked it.

    Raises:
        ArchiveError: it is neither.
    """
    if given.is_dir():
        yield from members_of_folder(given, order)
        return
    try:
        archive = zipfile.ZipFile(given)
    except FileNotFoundError:
        raise ArchiveError(f"there is no file {given}") from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ArchiveError(
            f"{given} is no zip file that can be read ({why_not(error, given)}): give the zip that Canvas or Moodle "
            "makes of all submissions, or the folder that your browser unpacked it to"
        ) from None
    yield from members_of_zip(archive, given.name, order, 1)


def why_not(error: Exception, given: Path | bytes) -> str:
    """Why an archive could not be opened, in words where its first bytes say more than the error does."""
    if not isinstance(error, zipfile.BadZipFile):
        return str(error)
    if isinstance(given, bytes):
        return why_no_zip(given)
    with given.open("rb") as file:
        return why_no_zip(file.read(1000))


def members_of_folder(folder: Path, order: int) -> Iterator[Member]:
    """The files below a folder."""
    for root, _, files in os.walk(folder):
        for name in sorted(files):
            file = Path(root, name)
            path = file.relative_to(folder).as_posix()
            status = file.lstat()
            is_file = stat.S_ISREG(status.st_mode)
            try:
                when = tuple(zipfile.ZipInfo.from_file(file, strict_timestamps=False).date_time) if is_file else ()
            except (OSError, ValueError):
                when = ()
            if not SYSTEM.search(path):
                problem = "" if is_file else "it is a link, a pipe or a device"
                yield Member(path, f"{folder.name}/{path}", order, when, 1, problem, file)


def members_of_zip(archive: zipfile.ZipFile, name: str, order: int, depth: int) -> Iterator[Member]:
    """The files of an opened archive, one after the other, in the order of the archive."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS:
        raise ArchiveError(f"{name} lists {len(infos):,} files; at most {MOST_MEMBERS:,} are read")
    if depth > 1 and len(infos) > MOST_INNER:
        # Somebody packed a whole environment or repository: the work is among it.
        infos = sorted(infos, key=lambda info: not MAY_BE_WORK.search(info.filename))[:MOST_INNER]
    for info in infos:
        path = name_of(info).replace("\\", "/")
        if SYSTEM.search(path):
            continue
        problem = ""
        if stat.S_ISLNK(info.external_attr >> 16):
            problem = LINK
        elif info.flag_bits & 1:
            problem = "it is encrypted"
        elif info.file_size > max(WORTH_A_LOOK, MOST_TIMES * info.compress_size):
            problem = (
                f"it would unpack to {info.file_size >> 20:,} MiB from {info.compress_size >> 10:,} KiB, "
                f"and nothing is unpacked to more than {MOST_TIMES} times its size"
            )
        yield Member(path, f"{name}/{path}", order, tuple(info.date_time), depth, problem, archive, info)


def name_of(info: zipfile.ZipInfo) -> str:
    """The path of a file in an archive: macOS writes UTF-8 and does not say so, and then it is read as cp437."""
    if info.flag_bits & IS_UTF8 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


LINK = "it is a link, and no file: ask for the file itself"
"""What is wrong with a link in an archive."""

IS_UTF8 = 0x800
"""The bit of a file's flags that says that its path is UTF-8."""


def members_inside(member: Member) -> list[Member]:
    """The files of an archive that is itself a file of an archive.

    Raises:
        CannotRead: it is no archive that can be opened, or lies too deep.
    """
    if member.depth >= DEEPEST:
        raise CannotRead(f"it is an archive {member.depth} archives deep; {DEEPEST} are opened")
    if size_of(member) > LARGEST_INNER:
        raise CannotRead(f"unpacked it has {size_of(member) >> 20:,} MiB; it was left in the archive")
    file: IO[bytes] = io.BytesIO(member.read(KEPT_IN_MEMORY)) if size_of(member) <= KEPT_IN_MEMORY else spooled(member)
    try:
        archive = zipfile.ZipFile(file)
        return list(members_of_zip(archive, member.origin, member.order, member.depth + 1))
    except ArchiveError as error:
        raise CannotRead(str(error)) from None
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        file.seek(0)
        raise CannotRead(f"it is an archive that cannot be opened ({why_not(error, file.read(1000))})") from None


KEPT_IN_MEMORY = 4 << 20
"""Bytes of an archive inside an archive; a larger one waits on the disk."""


def size_of(member: Member) -> int:
    """The bytes that a file has, by its header; never more are unpacked."""
    if member.info is not None:
        return member.info.file_size
    assert isinstance(member.source, Path)
    return member.source.lstat().st_size


def spooled(member: Member) -> IO[bytes]:
    """The content in a temporary file."""
    if member.problem:
        raise CannotRead(member.problem)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as its archive
    try:
        with member.open() as source:
            shutil.copyfileobj(source, file, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        file.close()
        raise CannotRead(f"it is damaged in the archive ({type(error).__name__})") from None
    file.seek(0)
    return file
