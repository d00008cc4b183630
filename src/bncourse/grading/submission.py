"""What a learner handed in, laid into the assignment: of the file, only texts and pasted pictures are taken.

Flags, tags, outputs, points, ids and locked cells come from the assignment. Nothing that is written in the file says
how it is graded.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from bncourse.grading.assignment import MARKS, Assignment, is_solution, is_test
from bncourse.grading.pictures import Room, pasted

__all__ = ["LARGEST_FILE", "Cell", "Unreadable", "read_cells", "rebuild"]

LARGEST_FILE = 128 << 20
"""Bytes of a submitted notebook that are read."""

MOST_VALUES = 2_000_000
"""Texts, numbers, lists and objects in a file: each takes many times its length in memory."""

SHORT_SOLUTION = 400
"""Characters of code that many write in the same way."""

LONGEST_CELL = 1 << 20
"""Characters of one cell, pasted pictures not counted."""

MOST_CELLS = 1000
MOST_TEXT = 4 << 20
"""Characters of all cells, pasted pictures not counted."""


class Unreadable(ValueError):  # noqa: N818
    """A file that is no notebook; the message is for the learner."""


@dataclass
class Cell:
    """One cell of a submission.

    Attributes:
        kind: ``"code"`` or ``"markdown"``.
        name: the nbgrader id in its metadata, else the id of the cell, which is the same in the released notebook.
        text: its source.
        pictures: what was pasted into it, by name, as base64.
    """

    kind: str
    name: str
    text: str
    pictures: dict[str, str]


def rebuild(submitted: bytes, assignment: Assignment) -> tuple[NotebookNode, list[str]]:
    """The assignment's notebook with the learner's texts in it, and remarks on what was out of order.

    A solution cell gets the text that the learner's cell with its id has. Cells that the learner added stand where they
    stood, after the same cell of the assignment. What was changed in a locked cell that has no points, such as that of
    the imports, is kept as an added cell; what was changed in a test cell is not.

    Raises:
        Unreadable: it is no notebook, or has nothing of this assignment.
    """
    base = assignment.notebook
    known = {cell.metadata.nbgrader.grade_id: cell for cell in base.cells if "nbgrader" in cell.metadata}
    remarks: list[str] = []
    cells = read_cells(submitted, remarks)
    if is_anothers(cells, assignment):
        raise Unreadable(f"it is another assignment's notebook, and not that of {assignment.name}")
    if not any(cell.name in known and is_solution(known[cell.name]) for cell in cells):
        name_by_texts(cells, base.cells, remarks)
    filled: set[str] = set()
    after: dict[str, list[NotebookNode]] = {"": []}
    anchor = ""
    room, left = Room(), MOST_TEXT
    for cell in cells:
        own = known.get(cell.name)
        if own is not None and is_solution(own) and own.cell_type == "markdown" and cell.kind == "code":
            own = None  # text that became code does not run in the place of an answer
        text, length = shortened(cell, min(LONGEST_CELL, left), remarks)
        left -= length
        if cell.kind == "markdown":
            text = with_pictures(text, cell.pictures, room, remarks)
        if own is None:
            if text.strip():
                after.setdefault(anchor, []).append(added(cell.kind, text))
        elif is_solution(own) and cell.name not in filled:
            own.source = text
            filled.add(cell.name)
            anchor = cell.name
        elif is_solution(own):
            # A cell that was split or copied keeps its id: the second is an added cell.
            remarks.append(f"the cell {cell.name!r} was there twice; both were run, in their order")
            after.setdefault(anchor, []).append(added(cell.kind, text))
        elif is_test(own):
            # With its hidden tests it is the instructor's own, who tries the assignment.
            if text.strip() not in (own.source.strip(), assignment.tests.get(cell.name, "").strip()):
                remarks.append(f"the test cell {cell.name!r} was changed; the original was used")
            anchor = cell.name if cell.name not in after else anchor
        else:
            anchor = cell.name
            if own.cell_type == "code" and text.strip() != own.source.strip():
                words = "the original ran first, then the changed one"
                remarks.append(f"the locked cell {cell.name!r} was changed; {words}")
                after.setdefault(anchor, []).append(added("code", text))

    if not filled:
        raise Unreadable(
            f"none of the cells that {assignment.name} asks to be filled in is there: "
            "is it the chapter, or another assignment's notebook?"
        )
    for name, cell in known.items():
        if is_solution(cell) and name not in filled:
            remarks.append(f"the cell {name!r} was missing")
            cell.source = ""  # its stub would take the place of what was written elsewhere
    remarks += [f"the code of {name!r} is that of the published solution" for name in published(base, assignment)]
    laid = list(after[""])
    for cell in base.cells:
        laid.append(cell)
        laid += after.get(cell.metadata.get("nbgrader", {}).get("grade_id", " "), [])
    base.cells = laid
    return base, list(dict.fromkeys(remarks))


def is_anothers(cells: Sequence[Cell], assignment: Assignment) -> bool:
    """Whether the checks that a notebook calls are all another assignment's: ids of cells alone do not tell."""
    called = {name for cell in cells if cell.kind == "code" for name in re.findall(r"\bchecks\.(\w+)\(", cell.text)}
    own = {call.check for calls in assignment.calls.values() for call in calls}
    return bool(called) and bool(own) and not called & own


def published(notebook: NotebookNode, assignment: Assignment) -> list[str]:
    """The cells whose code is the course's own solution, comments and spaces aside.

    Short solutions are written in the same way by many.
    """
    found = []
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        solution = assignment.solutions.get(name, "")
        if len(solution) >= SHORT_SOLUTION and len(cell.source) < 2 * len(solution):
            try:
                if ast.dump(ast.parse(MARKS.sub("", cell.source))) == ast.dump(ast.parse(solution)):
                    found.append(name)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return found


def name_by_texts(cells: Sequence[Cell], released: Sequence[NotebookNode], remarks: list[str]) -> None:
    """Give the cells of a notebook that lost its ids the names of the assignment's.

    A locked cell is known by its text. What lies between two locked cells was written into the cells that lie between
    them in the assignment, in the same order; the last of them has the last of that kind.
    """
    released = [cell for cell in released if "nbgrader" in cell.metadata]
    texts = {squeezed(cell.source): cell.metadata.nbgrader.grade_id for cell in released if not is_solution(cell)}
    named = 0
    for cell in cells:
        cell.name = texts.pop(squeezed(cell.text), "")
        named += bool(cell.name)
    if named < 2:
        return
    remarks.append("the notebook had lost the ids of its cells; they were known by the texts around them")
    order = [cell.metadata.nbgrader.grade_id for cell in released]
    between: dict[str, list[Cell]] = {}
    last = ""
    for cell in cells:
        last = cell.name or last
        if not cell.name:
            between.setdefault(last, []).append(cell)
    last = ""
    for own, name in zip(released, order, strict=True):
        if not is_solution(own):
            last = name if any(c.name == name for c in cells) else last
            continue
        written = [c for c in between.get(last, []) if c.kind == own.cell_type and not c.name]
        if written:
            written[0].name = name


def squeezed(text: str) -> str:
    """A text without what editors change: spaces and line ends."""
    return re.sub(r"\s+", " ", text).strip()


def shortened(cell: Cell, most: int, remarks: list[str]) -> tuple[str, int]:
    """The text of a cell, or what of it there is room for, and its length without pictures."""
    words = pasted(cell.text, lambda data: "")
    if len(words) <= most:
        return cell.text, len(words)
    remarks.append(
        f"a cell had {len(words)} characters; at most {LONGEST_CELL} are read, and of all cells together {MOST_TEXT}"
    )
    if cell.kind == "code":
        return f"raise ValueError('this cell was left out: it had {len(words)} characters')", 0
    return words[:most], most


def with_pictures(text: str, pictures: dict[str, str], room: Room, remarks: list[str]) -> str:
    """A text with the pictures that were pasted into it, written in one way: as ``data:`` addresses.

    Colab writes them so; Jupyter attaches them to the cell, where the pages of nbgrader do not find them.
    """
    left = room.bytes  # one that is attached once may be shown thousands of times

    def attached(found: re.Match) -> str:
        nonlocal left
        data = pictures.get(found[1])
        if data is None:
            return "#a-picture-that-is-missing"
        left -= len(data)
        return f"data:image/png;base64,{data}" if left >= 0 else left_out()

    def left_out() -> str:
        remarks.append("a picture was left out: it is no PNG or JPEG, or too large")
        return "#a-picture-that-was-left-out"

    def show(data: str) -> str:
        kind = room.take(data)
        return f"data:{kind};base64,{data}" if kind else left_out()

    return pasted(re.sub(r"attachment:([^\s)\"'>]+)", attached, text), show)


def added(kind: str, text: str) -> NotebookNode:
    """A cell of the learner's own."""
    return nbformat.v4.new_code_cell(text) if kind == "code" else nbformat.v4.new_markdown_cell(text)


def read_cells(submitted: bytes, remarks: list[str] | None = None) -> list[Cell]:
    """The cells of a notebook of format 3 or 4.

    Raises:
        Unreadable: it is no notebook.
    """
    if not submitted.strip():
        raise Unreadable("the file is empty")
    if len(submitted) > LARGEST_FILE:
        raise Unreadable(f"the file has {len(submitted) >> 20} MiB; at most {LARGEST_FILE >> 20} are read")
    if how_many_values(submitted) > MOST_VALUES:
        raise Unreadable(f"the file has more than {MOST_VALUES:,} values, which no notebook has")
    try:
        data = loaded(submitted, remarks)
    except (ValueError, RecursionError):
        raise Unreadable(
            "the file is not JSON, so it is no notebook: save it again, or download it as .ipynb"
        ) from None
    if not isinstance(data, dict):
        raise Unreadable("the file holds JSON, and no notebook")
    cells = data.get("cells")
    if cells is None and isinstance(data.get("worksheets"), list):  # format 3
        sheets = [sheet for sheet in data["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in listed(sheet.get("cells"))]
    if not isinstance(cells, list):
        raise Unreadable("the file holds JSON, and no notebook")
    if len(cells) > MOST_CELLS and remarks is not None:
        remarks.append(f"the notebook had {len(cells)} cells; those after the first {MOST_CELLS} were left out")
    return [read_cell(cell) for cell in cells[:MOST_CELLS] if isinstance(cell, dict)]


def loaded(submitted: bytes, remarks: list[str] | None) -> Any:
    """What JSON says, in UTF-8, UTF-16, or as an editor of Windows may have saved it."""
    try:
        return json.loads(submitted)
    except UnicodeDecodeError:
        data = json.loads(submitted.decode("cp1252", "replace"))
    if remarks is not None:
        remarks.append("the file is not written in UTF-8, so that letters with accents may be wrong")
    return data


def how_many_values(submitted: bytes) -> int:
    """About how many values JSON holds, without reading it; counting ends where they are too many."""
    if sum(map(submitted.count, (b",", b"[", b"{"))) <= MOST_VALUES:
        return 0
    bare = submitted.replace(rb"\\", b"").replace(rb"\"", b"")  # so that a text ends at the next quotation mark
    values = 0
    for texts, found in enumerate(re.finditer(rb'"[^"]*"|[,\[{]', bare)):
        values += found.end() - found.start() == 1
        if values > MOST_VALUES or texts > 4 * MOST_VALUES:
            return MOST_VALUES + 1
    return values


def read_cell(cell: dict[str, Any]) -> Cell:
    """One cell, whatever is in its fields."""
    metadata = cell.get("metadata")
    own = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = own.get("grade_id") if isinstance(own, dict) else None
    name = name if isinstance(name, str) else cell.get("id")
    kind = "code" if cell.get("cell_type") == "code" else "markdown"
    pictures = {}
    attachments = cell.get("attachments")
    for title, kinds in attachments.items() if isinstance(attachments, dict) else ():
        data = next(iter(kinds.values()), None) if isinstance(kinds, dict) else None
        data = "".join(map(str, data)) if isinstance(data, list) else data
        if isinstance(data, str):
            pictures[title] = re.sub(r"\s+", "", data)
    return Cell(kind, name if isinstance(name, str) else "", read_text(cell.get("source", cell.get("input"))), pictures)


def listed(thing: Any) -> list:
    """A list, or an empty one."""
    return thing if isinstance(thing, list) else []


def read_text(source: Any) -> str:
    """The text of a cell, which is a string or a list of lines; what no text can hold is replaced."""
    text = "".join(line for line in source if isinstance(line, str)) if isinstance(source, list) else source
    if not isinstance(text, str):
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    text = re.sub(r"[\x0b\x0c]", "", text.removeprefix("\ufeff"))  # of old editors; Python passes over them
    return re.sub(r"[\x00-\x08\x0e-\x1f\x7f]", "\ufffd", text)
