"""Reads the corpus: each file becomes what one student hands in. Its form is described in README.md."""

from __future__ import annotations

import base64
import copy
import json
import os
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from classroom import RIGHT_LAYER, WRONG_LAYER, cell_of, right  # noqa: E402

GROUPS = {
    "file": "the file and the archive",
    "comparison": "the comparison",
    "answer": "getting the answer",
    "verdict": "forging the verdict",
    "resources": "resources",
    "honest": "honest oddities",
}
SETTINGS = {"GROUP", "CATALOGUE", "CODE", "FILES", "STOCK", "NEIGHBOUR", "SLOW"}


@dataclass(frozen=True)
class Entry:
    """One file of the corpus.

    Attributes:
        name: that of the file.
        group: a key of :data:`GROUPS`.
        tries: what it tries, or what is odd about it, in words.
        catalogue: its numbers in the catalogue of attacks.
        code: what stands in the solution cell of the layer; see README.md.
        change: makes what is handed in from the notebook.
        files: what is handed in beside the notebook, or in its place, by name: a text, bytes, ``("link", target)``,
            ``("pipe",)``, ``("folder",)`` or ``("sparse", size)``.
        stock: whether it may be run without a sandbox.
        neighbour: whether the next test cell, which is right in it, must get its points.
        slow: whether it uses up a limit, so that a test gives it small ones.
    """

    name: str
    group: str
    tries: str
    catalogue: tuple[int, ...] = ()
    code: str | None = None
    change: Callable[[dict[str, Any]], dict[str, Any] | bytes] | None = None
    files: dict[str | bytes, str | bytes | tuple] = field(default_factory=dict)
    stock: bool = True
    neighbour: bool = True
    slow: bool = False

    def submission(self, course: Path) -> bytes:
        """The notebook that is handed in, by a student who knows where the course's folder is."""
        layer = RIGHT_LAYER if self.group == "honest" else WRONG_LAYER
        if self.code is not None:
            code = self.code.replace("@COURSE@", str(course))
            layer = code if self.group == "honest" else f"{layer}\n\n{code}"
        notebook: dict[str, Any] | bytes = right(batchnorm_code=layer)
        if self.change is not None:
            notebook = self.change(notebook)
        return notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()

    def hand_in(self, folder: Path, assignment: str, course: Path) -> None:
        """Write the submission, and what came with it, into a student's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{assignment}.ipynb").write_bytes(self.submission(course))
        for name, content in self.files.items():
            path = folder / (os.fsdecode(name) if isinstance(name, bytes) else name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if isinstance(content, tuple):
                make(
                    path,
                    *(part.replace("@COURSE@", str(course)) if isinstance(part, str) else part for part in content),
                )
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())


def make(path: Path, kind: str, what: str | int = "") -> None:
    """Make something that is no plain file: a link to a target, a pipe, a folder, or a file that is mostly a hole."""
    if kind == "link":
        path.symlink_to(str(what))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"")
        os.truncate(path, int(what))


def read(path: Path) -> Entry:
    """Read one file.

    Raises:
        ValueError: it says something that no file may say, or lacks what each must have.
    """
    names = {name: value for name, value in runpy.run_path(str(path)).items() if not name.startswith("__")}
    unknown = {name for name in names if name.isupper()} - SETTINGS
    kind = path.parent.name
    change = names.get("attack" if kind == "hostile" else "change")
    group = names.get("GROUP", "honest") if kind == "hostile" else "honest"
    doc = runpy.run_path(str(path)).get("__doc__")
    if unknown or not doc or (change is None) == ("CODE" not in names) or group not in GROUPS:
        raise ValueError(f"{path.name}: a file has a docstring and either CODE or a function; {sorted(unknown)}")
    return Entry(
        path.stem,
        group,
        " ".join(doc.split()),
        tuple(names.get("CATALOGUE", ())),
        names.get("CODE"),
        change,
        names.get("FILES", {}),
        names.get("STOCK", True),
        names.get("NEIGHBOUR", True),
        names.get("SLOW", False),
    )


def entries(kind: str) -> list[Entry]:
    """All of ``"hostile"`` or of ``"honest"``, by name."""
    return [read(path) for path in sorted((HERE / kind).glob("*.py"))]


# What the functions in the files use.


def cell(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """The cell with an nbgrader id."""
    return cell_of(notebook, name)


def place(notebook: dict[str, Any], name: str) -> int:
    """Where that cell stands."""
    return notebook["cells"].index(cell_of(notebook, name))


def code_cell(source: str, **metadata: Any) -> dict[str, Any]:
    """A cell that the learner added."""
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


def text_cell(source: str) -> dict[str, Any]:
    """A cell of text that the learner added."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def twin(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    """A copy of a cell, its metadata included, as JupyterLab makes one on splitting or copying."""
    return copy.deepcopy(cell_of(notebook, name))


def stream(text: str) -> dict[str, Any]:
    """A saved output."""
    return {"output_type": "stream", "name": "stdout", "text": text}


def picture(size: int = 0) -> str:
    """A PNG picture of one pixel, with some bytes after it, in base64."""
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    return base64.b64encode(base64.b64decode(pixel) + bytes(size)).decode()
