"""What the name of a file in a platform's archive says: whose it is, which attachment, and whether it is late.

Canvas (``lib/content_zipper.rb``) joins the student's name, ``LATE`` where it is so, the number of the user, the number
of the attachment and the name of the file by underscores. The name has no spaces or marks; where grading is anonymous
there is none, and ``anon_`` with a code stands in place of the number.

Where a group hands in, its name stands in place of the student's, and the number is that of one of its members.

Moodle (``mod/assign``) joins the full name, the number of the participant in this very assignment and the plugin, or
the name of the group, its number and the plugin; the file's name follows after an underscore or in a folder, whose name
ends in an underscore before Moodle 4.1 and does not since. Where one group's work is downloaded, the name of the group
and a dash stand before the full name. What teachers gave back has a plugin of feedback in that place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = ["Label", "letters_of", "other_readings", "read_label", "squeezed_name"]

MOODLE = re.compile(
    r"^(?P<name>[^/]*?)(?:_(?P<number>\d+))?_assign(?P<what>submission|feedback)_(?P<kind>[a-z]+)(?P<end>_?)(?P<rest>.*)$",
    re.S,
)
WORD = r"[^\x00-/:-@\[-^`{-\x7f]"
"""A letter of any script, a digit, or an underscore: what Canvas leaves of a name."""

WHO = (
    r"^(?:(?:(?P<anonymous_late>LATE)_)?(?P<anonymous>anon_[A-Za-z0-9]+)"
    rf"|(?P<name>(?=\d*[^\d_]){WORD}+?)_(?:(?P<late>LATE)_)?(?P<number>[1-9]\d*))"
)
CANVAS = re.compile(WHO + r"_(?P<attachment>[1-9]\d*)_(?P<rest>.+)$", re.S)
CANVAS_TEXT = re.compile(WHO + r"_(?P<rest>(?:text|link)\.html?)$", re.S)
OTHERWISE = (
    rf"^(?P<name>{WORD}{{%d,}}?)_(?:(?P<late>LATE)_)?(?P<number>[1-9]\d*)"
    r"_(?:(?P<attachment>[1-9]\d*)_(?P<rest>.+)|(?P<typed>(?:text|link)\.html?))$"
)
"""A name of at least so many characters, digits alone among them."""


@dataclass(frozen=True)
class Label:
    """What a path says.

    Attributes:
        platform: whose way of naming it is.
        name: the student's name as the platform writes it there.
        number: of the user in Canvas, or its code where grading is anonymous; of the participant in Moodle.
        attachment: Canvas's number of the file; later files have larger numbers. Zero in Moodle.
        late: whether Canvas says so.
        file: the name that the student gave, with the folders that the student made.
        stem: the part of the path that the platform made, and wants to see again in the name of the feedback.
        is_feedback: whether a teacher gave it back, so that nobody handed it in.
    """

    platform: Literal["canvas", "moodle"]
    name: str
    number: str
    attachment: int
    late: bool
    file: str
    stem: str
    is_feedback: bool = False

    @property
    def is_anonymous(self) -> bool:
        """Whether Canvas names nobody."""
        return self.number.startswith("anon_")


def read_label(path: str) -> Label | None:
    """What a path in an archive says, or nothing where no part of it is named by Canvas or Moodle."""
    parts = path.split("/")
    for i, part in enumerate(parts):
        if found := MOODLE.match(part):
            file = "/".join([found["rest"], *parts[i + 1 :]]).strip("/") or part
            # The group of those who are in none has no number.
            who, is_feedback = (found["name"].strip(), found["number"] or ""), found["what"] == "feedback"
            return Label("moodle", *who, 0, False, file, part, is_feedback)
    for i, part in enumerate(parts):
        if found := CANVAS.match(part) or CANVAS_TEXT.match(part):
            return of_canvas(found, parts[i:])
    return None


def other_readings(path: str) -> Iterator[Label]:
    """What a path of Canvas may say where its first reading leads to nobody.

    Canvas leaves underscores and digits in names: the group ``group_1`` hands in ``group_1_5001_90001_06.ipynb``, and
    the group ``1`` hands in ``1_5001_90001_06.ipynb``.
    """
    parts = path.split("/")
    for i, part in enumerate(parts):
        least = 1
        while found := re.match(OTHERWISE % least, part, re.S):
            yield of_canvas(found, parts[i:])
            least = len(found["name"]) + 1


def of_canvas(found: re.Match[str], parts: list[str]) -> Label:
    """What the first part of a path says, which Canvas made; without a name the code stands for it."""
    said = found.groupdict("")
    number = said.get("anonymous") or said["number"]
    late = bool(said.get("anonymous_late") or said["late"])
    file = "/".join([said.get("typed") or said["rest"], *parts[1:]])
    attachment = int((said.get("attachment") or "0")[:30])
    return Label("canvas", said["name"] or number, number, attachment, late, file, parts[0])


@lru_cache(maxsize=65_536)
def squeezed_name(name: str) -> str:
    """A name without what platforms change: case, accents, spaces, marks, and the order of first and last name."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c)))
    return " ".join(sorted(words))


@lru_cache(maxsize=65_536)
def letters_of(name: str) -> str:
    """The letters and digits of a name in their order, without case and accents: all that Canvas leaves of it."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(re.findall(r"[^\W_]+", "".join(c for c in plain if not unicodedata.combining(c))))
