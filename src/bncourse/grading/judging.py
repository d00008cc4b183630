"""A submission in, a graded notebook out: the same for the same submission, wherever it runs."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import asdict, dataclass, field
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from bncourse.grading import sandbox
from bncourse.grading.assignment import Assignment, is_solution, is_test
from bncourse.grading.limits import Limits
from bncourse.grading.submission import Unreadable, rebuild
from bncourse.judging.answers import CHECKS
from bncourse.judging.report import Report
from bncourse.observing import wire

__all__ = ["Settings", "failed", "grade", "grade_job", "key_of"]

VERSION = 1
"""Of the way of grading; part of the key of a graded notebook."""

MOST_OUTPUTS = 100
"""Of one cell."""

UNSAFE = "This was graded WITHOUT a sandbox (--unsafe-no-sandbox)."


@dataclass(frozen=True)
class Settings:
    """How submissions are graded.

    Attributes:
        secret: from which the inputs of the checks are drawn, with the submission; no learner may know it.
        limits: what a submission may use.
        unsafe: grade without a sandbox, and say so in every report.
    """

    secret: bytes
    limits: Limits = field(default_factory=Limits)
    unsafe: bool = False


@dataclass(frozen=True)
class Verdict:
    """On one test cell."""

    passed: bool
    score: float
    diagnosis: str | None
    report: str


def key_of(submission: bytes, assignment: Assignment, settings: Settings) -> str:
    """What the outcome hangs on, in one string: with the same key comes the same grade."""
    what = [submission, assignment.name.encode(), assignment.released.encode(), str(VERSION).encode()]
    what += [repr((settings.limits, settings.unsafe)).encode()]
    digests = b"".join(hashlib.sha256(part).digest() for part in what)
    return hmac.new(settings.secret, digests, hashlib.sha256).hexdigest()


def grade(submission: bytes, assignment: Assignment, settings: Settings) -> bytes:
    """Grade a submission.

    The learner's cells and the observing half of the checks run in a sandbox. What is asked there is drawn here, afresh
    for each submission, and what is answered is judged here; the expected values, the seed and the verdict never go in.

    Arguments:
        submission: the notebook that was handed in, as it lies in the file.
        assignment: what it is laid into and measured by.
        settings: the secret, the limits, and whether a sandbox may be missing.

    Returns:
        The notebook with the learner's texts, its outputs, and in each test cell the report: as an error that nbgrader
        counts as no points, or as a text that it counts as all points. ``metadata.bncourse`` has the verdicts.

    Raises:
        NoSandbox: there is none, and the settings do not allow that.
    """
    key = key_of(submission, assignment, settings)
    try:
        notebook, remarks = rebuild(submission, assignment)
        reason = ""
    except Unreadable as error:
        notebook, remarks, reason = assignment.notebook, [], f"The submission cannot be read: {error}."
    return nbformat.writes(grade_rebuilt(notebook, remarks, reason, key, assignment, settings)).encode()


def grade_job(job: tuple[str, bytes], assignment: Assignment, settings: Settings) -> bytes:
    """What a worker is sent: a name, which is only for the one who sent it, and a submission."""
    return grade(job[1], assignment, settings)


def failed(submission: bytes, assignment: Assignment, settings: Settings, why: str) -> bytes:
    """The graded notebook of a submission that could not be run at all: no points, and the reason."""
    try:
        notebook, remarks = rebuild(submission, assignment)
    except Unreadable:
        notebook, remarks = assignment.notebook, []
    key = key_of(submission, assignment, settings)
    return nbformat.writes(grade_rebuilt(notebook, remarks, f"No verdict: {why}.", key, assignment, settings)).encode()


def grade_rebuilt(
    notebook: NotebookNode, remarks: list[str], reason: str, key: str, assignment: Assignment, settings: Settings
) -> NotebookNode:
    """Run a rebuilt notebook and judge it; with a ``reason`` it gets no points, and is not run."""
    steps, questions = plan(notebook, assignment, key)
    run = sandbox.Run()
    if not reason:
        run = sandbox.run(steps, settings.limits, unsafe=settings.unsafe)
        reason = f"The submission was ended before this cell: {run.ended}." if run.ended else ""
    by_step: dict[str, dict[str, Any]] = {}
    for message in run.messages:
        by_step.setdefault(message["step"], message)  # what was said first stands

    verdicts: dict[str, Verdict] = {}
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        message = by_step.get(str(i))
        if is_test(cell):
            name = cell.metadata.nbgrader.grade_id
            verdict = judge(message, questions[name], assignment, name, reason)
            verdicts[name] = verdict
            cell.outputs = [output_of(verdict, settings)]
        elif message is not None:
            cell.outputs = read_outputs(message.get("outputs"))
    notebook.metadata["bncourse"] = {
        "key": key,
        "sandbox": "none" if settings.unsafe else "bubblewrap",
        "ended": run.ended,
        "peak_bytes": run.peak,
        "remarks": remarks,
        "verdicts": {name: asdict(verdict) for name, verdict in verdicts.items()},
    }
    return notebook


def plan(
    notebook: NotebookNode, assignment: Assignment, key: str
) -> tuple[list[dict[str, Any]], dict[str, list[list[dict]]]]:
    """What is to be run and asked, in the order of the cells, and the questions of each test cell."""
    steps: list[dict[str, Any]] = []
    questions: dict[str, list[list[dict]]] = {}
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        if not is_test(cell):
            # The visible checks are locked and say what the graded ones say: they need not run.
            is_visible_check = (
                "nbgrader" in cell.metadata and not is_solution(cell) and cell.source.startswith("checks.")
            )
            if cell.source.strip() and not is_visible_check:
                steps.append({"kind": "run", "id": str(i), "source": cell.source})
            continue
        name = cell.metadata.nbgrader.grade_id
        calls = assignment.calls[name]
        asked = []
        for call in calls:
            seed = hashlib.sha256(f"{key} {name} {call.check}".encode()).digest()
            asked.append(CHECKS[call.check].task.ask(np.random.default_rng(int.from_bytes(seed[:16], "big"))))
        questions[name] = asked
        observe = [
            {"check": call.check, "objects": list(call.objects), "questions": asked_of_one}
            for call, asked_of_one in zip(calls, asked, strict=True)
        ]
        # Finished versions that have a kernel of their own: a name with a dot is that of a class or of a module.
        absent = sorted({name for call in calls for name in CHECKS[call.check].forbidden if name.islower()})
        absent = [name for name in absent if "." not in name]
        steps.append({"kind": "observe", "id": str(i), "observe": observe, "absent": absent})
    return steps, questions


def judge(
    message: dict[str, Any] | None, questions: list[list[dict]], assignment: Assignment, name: str, reason: str
) -> Verdict:
    """The verdict on a test cell. Without answers that can be read there is none, and so there are no points."""
    if message is None:
        return Verdict(False, 0.0, "no-verdict", reason or "The submission gave no answer here.")
    answers = message.get("answers")
    calls = assignment.calls[name]
    reports: list[Report] = []
    try:
        if not isinstance(answers, list) or len(answers) != len(calls):
            raise wire.WireError("the number of answers is wrong")
        for call, asked, answered in zip(calls, questions, answers, strict=True):
            reports.append(CHECKS[call.check].judge(asked, wire.read_answers(answered, len(asked))))
    except wire.WireError as error:
        return Verdict(False, 0.0, "no-verdict", f"What the submission answered cannot be read: {error}.")
    failed = next((report for report in reports if not report.passed), None)
    return Verdict(
        failed is None,
        sum(report.score for report in reports) / len(reports),
        failed.diagnosis if failed else None,
        "\n\n".join(str(report) for report in reports),
    )


def output_of(verdict: Verdict, settings: Settings) -> NotebookNode:
    """The report as an output: nbgrader gives no points for an error, and all of them where there is none."""
    report = f"{verdict.report}\n{UNSAFE}" if settings.unsafe else verdict.report
    if verdict.passed:
        return nbformat.v4.new_output("display_data", {"text/plain": report})
    return nbformat.v4.new_output("error", ename="AssertionError", evalue=report.splitlines()[0], traceback=[report])


def read_outputs(data: Any) -> list[NotebookNode]:
    """The outputs of a learner's cell: texts and PNG pictures, and nothing that a browser would run."""
    found = []
    for output in data[:MOST_OUTPUTS] if isinstance(data, list) else []:
        try:
            kind = output["output_type"]
            if kind == "stream":
                name = "stderr" if output["name"] == "stderr" else "stdout"
                found.append(nbformat.v4.new_output("stream", name=name, text=wire.read_text(output["text"])))
            elif kind == "error":
                ename, evalue = wire.read_text(output["ename"]), wire.read_text(output["evalue"])
                trace = [wire.read_text(line) for line in output["traceback"][:200]]
                found.append(nbformat.v4.new_output("error", ename=ename, evalue=evalue, traceback=trace))
            elif kind == "display_data":
                shown = {"text/plain": wire.read_text(output["data"].get("text/plain", ""))}
                picture = output["data"].get("image/png")
                if isinstance(picture, str) and base64.b64decode(picture, validate=True)[:8] == b"\x89PNG\r\n\x1a\n":
                    shown["image/png"] = picture
                found.append(nbformat.v4.new_output("display_data", shown))
        except (KeyError, IndexError, TypeError, AttributeError, ValueError):  # it is no output
            continue
    return found
