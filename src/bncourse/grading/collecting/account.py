"""An account that adds up: everybody on the roster is graded, waits to be graded, is unreadable, or is missing."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Account", "Entry", "counted", "unformula"]

GRADED, WAITING, UNREADABLE, MISSING = "graded", "to be graded", "unreadable", "missing"
STATES = GRADED, WAITING, UNREADABLE, MISSING


@dataclass
class Entry:
    """One student of the roster.

    Attributes:
        id: in the gradebook.
        name: as the platform writes it.
        state: one of :data:`STATES`.
        why: why it is unreadable.
        file: the notebook that counts, by its name in the archive.
        late: whether it came after the due date, by the platform or by its time.
        handed_in: the time in UTC, where the platform gives it.
        notes: what was out of order.
        kept: the other files, by their names in the archive, and what each is.
        key: how new the notebook is, compared with others of this student.
        stem: the platform's name of the file, which Canvas wants to see again on the feedback.
        number: the platform's number of the student.
        group: the name of the group that handed it in; empty where it was the student alone.
    """

    id: str
    name: str
    state: str = MISSING
    why: str = ""
    file: str = ""
    late: bool = False
    handed_in: str = ""
    notes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    key: list[Any] = field(default_factory=list)
    stem: str = ""
    number: str = ""
    group: str = ""


@dataclass
class Account:
    """What became of everybody on the roster, for one assignment.

    Attributes:
        assignment: its name.
        roster: the name of the roster's file; empty where those who handed in are all that is known.
        entries: by the student's id.
        others: files that belong to nobody on the roster, and why.
        notes: on the roster itself.
    """

    assignment: str
    roster: str
    entries: dict[str, Entry]
    others: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, state: str) -> list[Entry]:
        """Those in a state, by name."""
        return sorted((e for e in self.entries.values() if e.state == state), key=lambda e: (e.name.casefold(), e.id))

    def with_the_same_work(self, student: str) -> list[Entry]:
        """All members of the group that handed in a student's notebook, by name; nobody where it was no group."""
        entry = self.entries.get(student)
        if entry is None or not entry.group:
            return []
        same = [e for e in self.entries.values() if (e.group, e.file) == (entry.group, entry.file)]
        return sorted(same, key=lambda e: (e.name.casefold(), e.id))

    @property
    def sum(self) -> str:
        """The account in one line."""
        parts = [f"{len(self.of(state))} {state}" for state in STATES if self.of(state) or state == MISSING]
        whose = counted(len(self.entries), "student") + (f" on {self.roster}" if self.roster else "")
        return f"{self.assignment}: {whose} = {' + '.join(parts)}"

    def __str__(self) -> str:
        lines = [self.sum]
        for state in (UNREADABLE, MISSING):
            if self.of(state):
                lines += ["", f"{state.capitalize()}:"]
                lines += [f"  {shown(e)}{f': {e.why}' if e.why else ''}" for e in self.of(state)]
        late = [e for e in self.entries.values() if e.late]
        if late:
            lines += ["", f"Late: {', '.join(sorted(shown(e) for e in late))}"]
        noted = [e for e in self.entries.values() if e.notes]
        if noted:
            lines += ["", "Worth knowing:"]
            lines += [f"  {shown(e)}: {note}" for e in noted for note in e.notes]
        if self.others:
            lines += ["", "Of nobody on the roster, and kept:" if self.roster else "Of nobody, and kept:"]
            lines += [f"  {other}" for other in self.others]
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join(map(harmless, lines))

    def csv(self) -> str:
        """The account as a table: one row for each student."""
        file = io.StringIO()
        table = csv.writer(file)
        table.writerow(["student_id", "name", "state", "why", "late", "handed_in_utc", "file", "notes", "other_files"])
        for e in sorted(self.entries.values(), key=lambda e: (e.name.casefold(), e.id)):
            row = [e.id, e.name, e.state, e.why, "late" if e.late else "", e.handed_in, e.file]
            table.writerow([unformula(cell) for cell in [*row, "; ".join(e.notes), "; ".join(e.kept)]])
        return file.getvalue()

    def html(self) -> str:
        """The account as a part of a page."""
        rows = "".join(
            f"<tr><th scope='row'>{html.escape(shown(e))}</th><td>{e.state}</td><td>{'late' if e.late else ''}</td>"
            f"<td>{html.escape('; '.join(filter(None, [e.why, *e.notes])))}</td></tr>"
            for state in (MISSING, UNREADABLE, WAITING, GRADED)
            for e in self.of(state)
        )
        heads = "".join(f"<th scope='col'>{head}</th>" for head in ("student", "state", "late", "remarks"))
        others, notes = (
            "".join(f"<li>{html.escape(each)}</li>" for each in some) for some in (self.others, self.notes)
        )
        return (
            f"<h2 id='account'>Account</h2><p>{html.escape(self.sum)}.</p>"
            "<div class='wide' role='region' aria-label='Table of the account' tabindex='0'>"
            f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
            + (f"<p>Of nobody on the roster:</p><ul>{others}</ul>" if others else "")
            + (f"<p>Notes on the roster:</p><ul>{notes}</ul>" if notes else "")
        )

    def save(self) -> bytes:
        """As it is written beside what was collected."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False).encode("utf-8", "replace")

    @classmethod
    def load(cls, path: Path) -> Account | None:
        """What an earlier run wrote; nothing where there was none, or what it wrote is damaged."""
        try:
            read = json.loads(path.read_bytes())
            entries = {name: Entry(**entry) for name, entry in read.pop("entries").items()}
            return cls(entries=entries, **read)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def after_grading(self, graded: Iterable[str]) -> Account:
        """The account where these students have been graded."""
        for name in graded:
            if name in self.entries and self.entries[name].state == WAITING:
                self.entries[name].state = GRADED
        return self


def shown(entry: Entry) -> str:
    """A student's name, and the id where it says more."""
    return entry.name if entry.name == entry.id else f"{entry.name} ({entry.id})"


def harmless(line: str) -> str:
    """A line without what a terminal would obey: students choose the names of files."""
    return re.sub(r"[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", "\ufffd", line)


def counted(number: int, thing: str) -> str:
    """How many there are of a thing, in words: "1 student", "2 students"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def unformula(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: students choose the names of files."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell
