"""What stands beside a learner's work: scores and remarks on every page, the rubric in the formgrader alone.

In ``nbgrader_config.py``, before what closes the page::

    c.HTMLExporter.preprocessors = ["bncourse.grading.beside.BesideTheWork", …]
"""

from __future__ import annotations

import re
from typing import Any

import nbformat
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

__all__ = ["BesideTheWork"]


class BesideTheWork(Preprocessor):
    """Adds cells to the page that is shown, and none to the notebook that is kept.

    The feedback and the formgrader's page begin with the score of each part and with what was out of order. The
    formgrader's page, which only instructors see, has the model answer and its rubric below each written answer.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook with the cells added."""
        outcome = notebook.metadata.get("bncourse")
        if not isinstance(outcome, dict) or not isinstance(outcome.get("verdicts"), dict):
            return notebook, resources
        is_formgrader = "submission_id" in resources
        models = outcome.get("answers", {}) if is_formgrader else {}
        cells = [nbformat.v4.new_markdown_cell(summed_up(outcome))]
        for cell in notebook.cells:
            cells.append(cell)
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in models:
                words = f"**Model answer and rubric (students do not see this).**\n\n{models[name]}"
                cells.append(nbformat.v4.new_markdown_cell(words))
        shown = notebook.copy()
        shown.cells = cells
        return shown, resources


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


def cell(text: str) -> str:
    """A text as it stands, in a table or a list of Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>|$#])", r"\\\1", str(text).replace("\n", " "))
