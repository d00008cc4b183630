"""What stands beside a learner's work: scores and remarks on every page, the rubric in the formgrader alone.

In ``nbgrader_config.py``, before what closes the page::

    c.HTMLExporter.preprocessors = ["bncourse.grading.beside.BesideTheWork", …]
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

from bncourse.grading.collecting.account import Account, Entry, shown
from bncourse.grading.collecting.collect import STATE

__all__ = ["BesideTheWork"]


class BesideTheWork(Preprocessor):
    """Adds cells to the page that is shown, and none to the notebook that is kept.

    The feedback and the formgrader's page begin with the score of each part and with what was out of order, and name
    the members of a group that handed in together. The formgrader's page, which only instructors see, has the model
    answer and its rubric below each written answer, and for a group the command that gives all members their points.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook with the cells added."""
        outcome = notebook.metadata.get("bncourse")
        if not isinstance(outcome, dict) or not isinstance(outcome.get("verdicts"), dict):
            return notebook, resources
        is_formgrader = "submission_id" in resources
        models = outcome.get("answers", {}) if is_formgrader else {}
        folder = Path(resources.get("metadata", {}).get("path") or ".").absolute()
        together = group_of(folder)
        words = [summed_up(outcome), together_in_words(together)]
        cells = [nbformat.v4.new_markdown_cell("\n\n".join(filter(None, words)))]
        for cell in notebook.cells:
            cells.append(cell)
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in models:
                below = [f"**Model answer and rubric (students do not see this).**\n\n{models[name]}"]
                if together:
                    ids = shlex.join(entry.id for entry in together)
                    command = f"python -m bncourse.course points {folder.name} {name} POINTS {ids}"
                    below.append(f"**The same points for the whole group:**\n\n```sh\n{command}\n```")
                cells.append(nbformat.v4.new_markdown_cell("\n\n".join(below)))
        page = notebook.copy()
        page.cells = cells
        return page, resources


def summed_up(outcome: dict[str, Any]) -> str:
    """The scores and the remarks, as Markdown."""
    lines = ["**Automatic checks**", "", "| part | result | right of what was compared |", "| --- | --- | --- |"]
    for name, verdict in outcome["verdicts"].items():
        result = "passed" if verdict["passed"] else verdict["diagnosis"] or "not passed"
        mark = " (by asserts; could be forged)" if verdict.get("forgeable") else ""
        lines.append(f"| {cell(name)} | {cell(result)}{mark} | {verdict['score']:.0%} |")
    if remarks := outcome.get("remarks"):
        lines += ["", "**What was out of order in the file**", "", *(f"- {cell(remark)}" for remark in remarks)]
    return "\n".join(lines)


def group_of(folder: Path) -> list[Entry]:
    """The members of the group that handed in what lies in ``COURSE/autograded/STUDENT/ASSIGNMENT``."""
    if len(folder.parents) < 3:
        return []
    account = Account.load(folder.parents[2] / "downloaded" / folder.name / STATE)
    return account.with_the_same_work(folder.parent.name) if account else []


def together_in_words(group: list[Entry]) -> str:
    """Who handed in together, as Markdown; empty where nobody did."""
    if not group:
        return ""
    names = "; ".join(cell(shown(entry)) for entry in group)
    return (
        f"**Handed in by the group {cell(group[0].group)}:** {names}. Each of them has this notebook, and points of "
        "their own."
    )


def cell(text: str) -> str:
    """A text as it stands, in a table or a list of Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>|$#])", r"\\\1", str(text).replace("\n", " "))
