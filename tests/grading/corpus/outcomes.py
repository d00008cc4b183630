"""What must not come of a submission: points, things seen, too much used, something active in a browser."""

from __future__ import annotations

import re
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import GetGrades
from traitlets.config import PyFileConfigLoader

from bncourse.grading.limits import Limits
from bncourse.grading.pictures import MOST_BYTES_IN_ALL
from bncourse.grading.submission import MOST_TEXT

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from classroom import ASSIGNMENT, CALIBRATION_TEST, PLUG_TEST, POINTS  # noqa: E402
from people import TOKEN  # noqa: E402

NEARLY_RIGHT = {"eps_dropped", "half_precision"}
"""Layers that are wrong by too little for a short training to notice, so that they may pass that part."""

MARKER = "GOT IT"
"""What a submission prints that has reached what it was after."""

LARGEST = MOST_TEXT + 5 * Limits().output + MOST_BYTES_IN_ALL + (1 << 20)
"""Bytes of a graded notebook: its texts, its output, the pictures in both, and the assignment itself."""

SOME = 1.25
"""How much more than a limit may be seen: what a submission uses is looked at ten times a second."""

ACTIVE_TAGS = {"script", "iframe", "frame", "object", "embed", "applet", "form", "style", "link", "base", "meta", "svg"}
FETCHING = {"ping", "src", "srcset", "poster", "data", "background", "action", "formaction", "xlink:href"}
INERT = re.compile(r"\s*(data:image/|#|$)", re.IGNORECASE)
RUNNING = re.compile(r"\s*(javascript|vbscript|data):", re.IGNORECASE)


def most_points(name: str) -> float:
    """What a hostile submission may get at most: what is right in it."""
    return POINTS[CALIBRATION_TEST] + (POINTS[PLUG_TEST] if name in NEARLY_RIGHT else 0)


def sees(notebook: nbformat.NotebookNode) -> bool:
    """Whether what it printed holds something that is not the learner's."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = [text for output in outputs for text in (output.get("text", ""), *output.get("data", {}).values())]
    return any(MARKER in str(text) or TOKEN in str(text) for text in texts)


def is_over(memory: float, cpu_seconds: float, size: float, *, most_memory: float, most_seconds: float) -> bool:
    """Whether a submission used more than it may, or left a larger graded notebook."""
    return memory > SOME * most_memory or cpu_seconds > SOME * most_seconds or size > LARGEST


class Active(HTMLParser):
    """Counts what a browser would run, obey or fetch without being asked, with its text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an element."""
        for name, value in attrs:
            words = value or ""
            if (
                name.startswith("on")
                or (name in FETCHING and not INERT.match(words))
                or (name == "href" and RUNNING.match(words))
                or (name == "style" and "url(" in words)
            ):
                self.found[f"{tag} {name}={words}"] += 1
        if tag in ACTIVE_TAGS:
            self.found[f"{tag} {sorted(map(str, attrs))}"] += 1
            self.inside = tag if tag in ("script", "style") else ""

    def handle_data(self, data: str) -> None:
        """Take the text of a script or a style."""
        if self.inside:
            self.found[data] += 1

    def handle_endtag(self, tag: str) -> None:
        """A script or a style is over."""
        self.inside = ""


def active(page: str) -> Counter[str]:
    """What is active in a page."""
    reader = Active()
    reader.feed(page)
    reader.close()
    return reader.found


def page_of(course: Path, student: str) -> str:
    """The feedback on a student's work as nbgrader makes it, with the settings of the course."""
    config = PyFileConfigLoader("nbgrader_config.py", str(course)).load_config()
    config.CourseDirectory.root = str(course)
    directory = CourseDirectory(config=config)
    exporter = HTMLExporter(config=GenerateFeedback(coursedir=directory, config=config).config)
    exporter.register_preprocessor(GetGrades, enabled=True)
    names = {"student": student, "assignment": ASSIGNMENT, "notebook": ASSIGNMENT, "db_url": directory.db_url}
    path = course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    return exporter.from_filename(str(path), resources={"nbgrader": names})[0]


def used(outcome: dict[str, Any]) -> tuple[float, float]:
    """Bytes of memory and seconds of the processor that a submission used, as grading noted them."""
    return outcome["peak_bytes"], outcome["cpu_seconds"]
