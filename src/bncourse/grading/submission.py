"""What a learner handed in, laid into the assignment: of the file, only texts are taken.

Flags, tags, outputs, points, ids and locked cells come from the assignment. Nothing that is written in the file says
how it is graded.
"""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from bncourse.grading.assignment import Assignment, is_solution, is_test

__all__ = ["LARGEST_FILE", "Unreadable", "rebuild"]

LARGEST_FILE = 256 << 20
"""Bytes of a submitted notebook that are read."""

LONGEST_CELL = 1 << 20
MOST_CELLS = 1000


class Unreadable(ValueError):  # noqa: N818
    """A file that is no notebook; the message is for the learner."""


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
    filled: set[str] = set()
    after: dict[str, list[NotebookNode]] = {"": []}
    anchor = ""
    for kind, name, text in read_cells(submitted):
        own = known.get(name)
        if own is None:
            if text.strip():
                after.setdefault(anchor, []).append(added(kind, text))
            continue
        if is_solution(own) and name not in filled:
            own.source = text
            filled.add(name)
            anchor = name
        elif is_solution(own):
            # A cell that was split or copied keeps its id: the second is an added cell.
            remarks.append(f"the cell {name!r} was there twice; both were run, in their order")
            after.setdefault(anchor, []).append(added(kind, text))
        elif is_test(own):
            if text.strip() != own.source.strip():
                remarks.append(f"the test cell {name!r} was changed; the original was used")
            anchor = name if name not in after else anchor
        else:
            anchor = name
            if own.cell_type == "code" and text.strip() != own.source.strip():
                remarks.append(f"the locked cell {name!r} was changed; the original ran first, then the changed one")
                after.setdefault(anchor, []).append(added("code", text))

    if not filled:
        raise Unreadable(
            f"none of the cells that {assignment.name} asks to be filled in is there: "
            "is it another assignment's notebook?"
        )
    for name, cell in known.items():
        if is_solution(cell) and name not in filled:
            remarks.append(f"the cell {name!r} was missing")
            cell.source = ""  # its stub would take the place of what was written elsewhere
    cells = list(after[""])
    for cell in base.cells:
        cells.append(cell)
        cells += after.get(cell.metadata.get("nbgrader", {}).get("grade_id", " "), [])
    base.cells = cells
    return base, remarks


def added(kind: str, text: str) -> NotebookNode:
    """A cell of the learner's own."""
    return nbformat.v4.new_code_cell(text) if kind == "code" else nbformat.v4.new_markdown_cell(text)


def read_cells(submitted: bytes) -> list[tuple[str, str, str]]:
    """Kind, nbgrader id and text of every cell, of a notebook of format 3 or 4.

    Raises:
        Unreadable: it is no notebook.
    """
    if not submitted.strip():
        raise Unreadable("the file is empty")
    if len(submitted) > LARGEST_FILE:
        raise Unreadable(f"the file has {len(submitted) >> 20} MiB; at most {LARGEST_FILE >> 20} are read")
    try:
        data = json.loads(submitted)
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
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"the notebook has {len(cells)} cells; at most {MOST_CELLS} are read")
    found = []
    for cell in cells:
        if isinstance(cell, dict):
            metadata = cell.get("metadata")
            own = metadata.get("nbgrader") if isinstance(metadata, dict) else None
            name = own.get("grade_id") if isinstance(own, dict) else None
            kind = "code" if cell.get("cell_type") == "code" else "markdown"
            found.append(
                (kind, name if isinstance(name, str) else "", read_text(cell.get("source", cell.get("input"))))
            )
    return found


def listed(thing: Any) -> list:
    """A list, or an empty one."""
    return thing if isinstance(thing, list) else []


def read_text(source: Any) -> str:
    """The text of a cell, which is a string or a list of lines; what no text can hold is replaced."""
    text = "".join(line for line in source if isinstance(line, str)) if isinstance(source, list) else source
    if not isinstance(text, str):
        return ""
    if len(text) > LONGEST_CELL:
        raise Unreadable(f"a cell has {len(text)} characters; at most {LONGEST_CELL} are read")
    text = text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "\ufffd", text)
