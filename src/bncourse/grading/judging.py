"""A submission in, a graded notebook out: the same for the same submission, wherever it runs."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

import nbformat
import numpy as np
from nbformat import NotebookNode

from bncourse.grading import sandbox
from bncourse.grading.assignment import Assignment, is_solution, is_test
from bncourse.grading.limits import Limits
from bncourse.grading.pictures import Room
from bncourse.grading.reaching import reaches
from bncourse.grading.submission import Unreadable, rebuild
from bncourse.grading.versions import made_by
from bncourse.judging.answers import CHECKS
from bncourse.judging.report import Report
from bncourse.observing import wire
from bncourse.observing.task import PROVENANCE

__all__ = ["Graded", "HeldUp", "Settings", "grade", "grade_job", "identity", "key_of", "what_was_read"]

VERSION = 3
"""Of the way of grading; part of the key of a graded notebook."""

MOST_OUTPUTS = 100
"""Of one cell."""

NO_MODULE = re.compile(r"No module named '([\w.]+)'")

UNSAFE = "This was graded WITHOUT a sandbox (--unsafe-no-sandbox)."


@dataclass(frozen=True)
class Settings:
    """How submissions are graded.

    Attributes:
        secret: from which the inputs of the checks are drawn, with the submission; no learner may know it.
        limits: what a submission may use.
        unsafe: grade without a sandbox, and say so in every report.
        hidden: folders that no submission may see, wherever they lie; that of the course.
    """

    secret: bytes
    limits: Limits = field(default_factory=Limits)
    unsafe: bool = False
    hidden: tuple[str, ...] = ()


class HeldUp(RuntimeError):  # noqa: N818
    """A submission ran out of time because the processor was with others: it has to be graded again, alone."""


@dataclass(frozen=True)
class Graded:
    """What comes out of grading a submission.

    Attributes:
        notebook: with the outputs, and a report in each test cell.
        outcome: the verdicts, and by which checks they were reached; plain data. It is in the notebook's metadata too.
    """

    notebook: bytes
    outcome: dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """On one test cell."""

    passed: bool
    score: float
    diagnosis: str | None
    report: str
    share: float = 0.0
    """Of the points, from 0 to 1."""
    forgeable: bool = False
    """Whether it was reached beside the submission's own code, which could forge it."""


def identity(submission: bytes, assignment: Assignment, settings: Settings) -> str:
    """What was handed in, for what, and within which limits, in one string."""
    what = [submission, assignment.name.encode(), assignment.released.encode(), str(VERSION).encode()]
    what += [repr((settings.limits, settings.unsafe)).encode(), json.dumps(assignment.tests, sort_keys=True).encode()]
    return digest(settings, what)


def key_of(submission: bytes, assignment: Assignment, settings: Settings) -> str:
    """What the outcome depends on, the checks included, in one string: with the same key comes the same grade."""
    made = json.dumps(made_by(), sort_keys=True)
    return digest(settings, [identity(submission, assignment, settings).encode(), made.encode()])


def digest(settings: Settings, what: list[bytes]) -> str:
    """A digest that nobody can compute who does not know the secret."""
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
        Fault: this machine failed; there is no grade.
    """
    return grade_whole(submission, assignment, settings).notebook


def grade_job(
    job: tuple[str, bytes, str], assignment: Assignment, settings: Settings, *, is_last: bool = True
) -> Graded:
    """What a worker is sent: a name, which is only for the one who sent it, a submission, and why it is not readable.

    Raises:
        HeldUp: it was kept from the processor, and this is not the last try.
    """
    return grade_whole(job[1], assignment, settings, refused=job[2], is_last=is_last)


def grade_whole(
    submission: bytes, assignment: Assignment, settings: Settings, *, refused: str = "", is_last: bool = True
) -> Graded:
    """Grade a submission; what was refused before it could be read gets no points, and the reason."""
    try:
        if refused:
            raise Unreadable(refused)
        notebook, remarks = rebuild(submission, assignment)
        reason = ""
    except Unreadable as error:
        notebook, remarks, reason = assignment.notebook, [], f"The submission cannot be read: {error}."
    read = what_was_read(submission, refused)
    key = key_of(read, assignment, settings)
    steps, questions = plan(notebook, assignment, key)
    run = sandbox.Run()
    if not reason:
        run = in_sandbox(steps, assignment, settings)
        if run.ran_out and not is_last and was_held_up(run, settings.limits):
            raise HeldUp(f"it used the processor for {run.cpu_seconds:.1f} s and waited for it for {run.held_up:.1f} s")
        reason = f"The submission was ended before this cell: {run.ended}." if run.ended else ""
    by_step: dict[str, dict[str, Any]] = {}
    for message in run.messages:
        by_step.setdefault(message["step"], message)  # what was said first stands

    pictures = Room(settings.limits.output * 4)
    asserted = run_tests(notebook, steps, assignment, settings, is_last=is_last) if not reason else {}
    verdicts: dict[str, Verdict] = {}
    notes: set[str] = set()
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        cell.outputs, cell.execution_count = [], None
        said = by_step.get(str(i))
        if is_test(cell):
            name = cell.metadata.nbgrader.grade_id
            if name in assignment.tests:
                verdict = verdict_of_test(asserted.get(str(i)), cell.source, name, reason)
            else:
                verdict = judge(said, questions[name], assignment, name, reason)
                verdict = with_cause(verdict, notebook.cells[:i], assignment, name)
            verdicts[name] = verdict
            cell.outputs = outputs_of(verdict, settings, assignment.points[name])
            continue
        if "nbgrader" not in cell.metadata or is_solution(cell):
            notes.update(reaches(cell.source))
        if said is not None:
            cell.outputs = read_outputs(said.get("outputs"), settings.limits.output, pictures)
    outcome = {
        "key": key,
        "of": identity(read, assignment, settings),
        "made_by": made_by(),
        "sandbox": "none" if settings.unsafe else "bubblewrap",
        "ended": run.ended,
        "peak_bytes": run.peak,
        "cpu_seconds": round(run.cpu_seconds, 2),
        "remarks": remarks,
        "reaches": sorted(notes),
        "missing": sorted(missing_packages(notebook)),
        "verdicts": {name: asdict(verdict) for name, verdict in verdicts.items()},
    }
    notebook.metadata["bncourse"] = outcome | {"answers": assignment.answers}
    return Graded(nbformat.writes(notebook).encode(), outcome)


def missing_packages(notebook: NotebookNode) -> set[str]:
    """Packages that cells asked for and that are not installed here; of one's own, such as ``utils``, too."""
    outputs = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    errors = [out.evalue for out in outputs if out.output_type == "error" and out.ename == "ModuleNotFoundError"]
    names = {found[1] for error in errors if (found := NO_MODULE.search(error))}
    # Of the course's own package the layers are left out on purpose.
    return {name.split(".")[0] for name in names} - {"bncourse"}


def what_was_read(submission: bytes, refused: str) -> bytes:
    """What stands for a submission in its key: its bytes, or why they were not read."""
    return refused.encode() if refused else submission


def was_held_up(run: sandbox.Run, limits: Limits) -> bool:
    """Whether a run was over time because others had the processor: it used little, and waited for much."""
    return run.cpu_seconds < limits.wall_seconds / 2 and run.held_up > limits.wall_seconds / 10


def with_cause(verdict: Verdict, cells: list[NotebookNode], assignment: Assignment, name: str) -> Verdict:
    """A verdict that says why the cell with the solution did not run, where that is the cause.

    "Not written yet" is for a stub that is untouched. Code that ended in an error before it defined what is checked was
    written, and the error says what is missing.
    """
    if verdict.diagnosis not in ("not-attempted", "does-not-run", "not-defined"):
        return verdict
    wanted = {thing for call in assignment.calls[name] for thing in call.objects}
    failed = [
        output
        for cell in cells
        if cell.cell_type == "code" and not is_test(cell)
        for output in cell.get("outputs", [])
        if output.output_type == "error" and any(re.search(rf"\b{re.escape(thing)}\b", cell.source) for thing in wanted)
    ]
    if not failed:
        return verdict
    error = failed[-1]
    # Python's own end of a syntax error names a file that nobody has.
    said = re.sub(r" \(<[^<>]*>, line \d+\)$", "", error.evalue or "")
    words = f"{error.ename}: {said}" if said else error.ename
    line = re.search(r"(?:line |-> ?)(\d+)", "\n".join(error.traceback))
    where = f" in line {line[1]} of its cell" if line else ""
    missing = NO_MODULE.search(error.evalue or "")
    why = "left out" if missing and missing[1].startswith("bncourse.") else "not installed"
    hint = f"\nhint:      {missing[1]} is {why} where this is graded: do without it." if missing else ""
    calls = ", ".join(call.check for call in assignment.calls[name])
    report = f"{calls}: not right yet (does-not-run).\ncame back: {words}{where}{hint}"
    return Verdict(False, verdict.score, "does-not-run", report)


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
        if name in assignment.tests:
            continue
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
        if any(name.endswith("_norm") for name in absent):
            absent.append("rms_norm")  # of what the mean was taken from, it is any of the others
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
            read = wire.read_answers(answered, len(asked))
            if any(PROVENANCE not in answer and "itself" not in answer for answer in read):
                raise wire.WireError("an answer does not say whose code gave it")
            reports.append(CHECKS[call.check].judge(asked, read))
    except wire.WireError as error:
        return Verdict(False, 0.0, "no-verdict", f"What the submission answered cannot be read: {error}.")
    failed = next((report for report in reports if not report.passed), None)
    words = "\n\n".join(str(report) for report in reports)
    share = 1.0 if failed is None else 0.0
    if failed is not None and name in assignment.partial:
        share = sum(map(share_of, reports)) / len(reports)
        words += f"\n\npoints:    {share:.0%}, by the stages that were passed"
    return Verdict(
        failed is None,
        sum(report.score for report in reports) / len(reports),
        failed.diagnosis if failed else None,
        words,
        share,
    )


STAGES_WITH_POINTS = ("shape", "values", "gradients", "state")
"""Each stage that a check has is worth the same; the dtype belongs to the values."""


def share_of(report: Report) -> float:
    """The share of the points that the stages before the first failure are worth, from 0 to 1."""
    if report.passed:
        return 1.0
    marks = report.marks
    stages = [stage for stage in STAGES_WITH_POINTS if stage in marks]
    return sum(marks[stage] == "passed" for stage in stages) / len(stages) if stages else 0.0


def in_sandbox(steps: list[dict[str, Any]], assignment: Assignment, settings: Settings) -> sandbox.Run:
    """Run steps where the settings say, with what the assignment hands out and no more."""
    return sandbox.run(
        steps, settings.limits, unsafe=settings.unsafe, hidden=settings.hidden, handed_out=assignment.handed_out
    )


def run_tests(
    notebook: NotebookNode, steps: list[dict[str, Any]], assignment: Assignment, settings: Settings, *, is_last: bool
) -> dict[str, dict[str, Any]]:
    """Run the cells again, in a sandbox of their own, with the instructor's own tests between them.

    Nothing of those tests is in the sandbox in which checks are observed. Here they run beside the submission, which
    may see them and change what they find; that is why their verdicts are marked.

    Returns:
        Per test cell, by its place in the notebook, what came of it.

    Raises:
        HeldUp: it was kept from the processor, and this is not the last try.
    """
    if not assignment.tests:
        return {}
    by_step = {step["id"]: step for step in steps if step["kind"] == "run"}
    again = []
    for i, cell in enumerate(notebook.cells):
        if str(i) in by_step:
            again.append(by_step[str(i)])
        elif is_test(cell) and cell.metadata.nbgrader.grade_id in assignment.tests:
            again.append({"kind": "test", "id": str(i), "observe": assignment.tests[cell.metadata.nbgrader.grade_id]})
    run = in_sandbox(again, assignment, settings)
    if run.ran_out and not is_last and was_held_up(run, settings.limits):
        raise HeldUp(f"it used the processor for {run.cpu_seconds:.1f} s and waited for it for {run.held_up:.1f} s")
    found: dict[str, dict[str, Any]] = {}
    for message in run.messages:
        found.setdefault(message["step"], message)
    if run.ended:
        for step in again:
            found.setdefault(step["id"], {"ended": run.ended})
    return found


FORGEABLE = "This verdict comes from asserts that ran beside the submission, so that a submission could forge it."
HIDDEN = "a hidden test does not hold"


def verdict_of_test(message: dict[str, Any] | None, shown: str, name: str, reason: str) -> Verdict:
    """The verdict of the instructor's own test: an error is none of the points, and no error is all of them.

    Arguments:
        message: what came of it.
        shown: the text of the cell as learners have it; the line that failed is quoted only if it stands in there.
        name: of the test cell.
        reason: why it did not run.
    """
    if message is None or "outputs" not in message:
        why = reason or f"The submission was ended before this cell: {(message or {}).get('ended', 'no answer came')}."
        return Verdict(False, 0.0, "no-verdict", f"{name}: {why}", forgeable=True)
    errors = [out for out in read_outputs(message["outputs"], Limits().output, Room()) if out.output_type == "error"]
    if not errors:
        return Verdict(True, 1.0, None, f"{name}: passed.\n{FORGEABLE}", 1.0, forgeable=True)
    error = errors[0]
    diagnosis = "assertion-failed" if error.ename == "AssertionError" else "raises-an-error"
    words = f"{error.ename}: {error.evalue}" if error.evalue else error.ename
    lines = {line.strip() for line in shown.splitlines() if line.strip()}
    at = [line.strip() for line in re.findall(r"-> ?\d+ (.*)", "\n".join(error.traceback))]
    where = next((line for line in at if line in lines), HIDDEN)
    report = f"{name}: not right yet ({diagnosis}).\nfailed:    {where}\ncame back: {words}\n{FORGEABLE}"
    return Verdict(False, 0.0, diagnosis, report, forgeable=True)


def outputs_of(verdict: Verdict, settings: Settings, points: float) -> list[NotebookNode]:
    """The report as outputs: nbgrader gives no points for an error, those of a number, and else all of them."""
    report = f"{verdict.report}\n{UNSAFE}" if settings.unsafe else verdict.report
    if verdict.share == 0:
        return [
            nbformat.v4.new_output("error", ename="AssertionError", evalue=report.splitlines()[0], traceback=[report])
        ]
    outputs = [nbformat.v4.new_output("display_data", {"text/plain": report})]
    if verdict.share < 1:
        number = f"{round(points * verdict.share, 2):g}"
        outputs.append(nbformat.v4.new_output("execute_result", {"text/plain": number}, execution_count=None))
    return outputs


def read_outputs(data: Any, most: int, pictures: Room) -> list[NotebookNode]:
    """The outputs of a learner's cell: texts and pictures, and nothing that a browser would run.

    They were cut inside; what comes out of there is measured again, because the cutting may have been replaced.
    """
    found: list[NotebookNode] = []
    room = most
    for output in data[:MOST_OUTPUTS] if isinstance(data, list) else []:
        try:
            kind = output["output_type"]
            if kind == "stream":
                name = "stderr" if output["name"] == "stderr" else "stdout"
                read = nbformat.v4.new_output("stream", name=name, text=wire.read_text(output["text"]))
            elif kind == "error":
                ename, evalue = wire.read_text(output["ename"]), wire.read_text(output["evalue"])
                trace = [wire.read_text(line) for line in output["traceback"][:200]]
                read = nbformat.v4.new_output("error", ename=ename, evalue=evalue, traceback=trace)
            elif kind == "display_data":
                shown = {"text/plain": wire.read_text(output["data"].get("text/plain", ""))}
                picture = output["data"].get("image/png")
                if isinstance(picture, str) and (picture_kind := pictures.take(picture)):
                    shown[picture_kind] = picture
                read = nbformat.v4.new_output("display_data", shown)
            else:
                continue
        except (KeyError, IndexError, TypeError, AttributeError, ValueError):  # it is no output
            continue
        room -= sum(map(len, texts_in(read)))
        if room < 0:
            words = "… (what came after this was left out: there was too much of it)"
            return [*found, nbformat.v4.new_output("stream", name="stderr", text=words)]
        found.append(read)
    return found


def texts_in(thing: Any) -> list[str]:
    """Every text in an output."""
    if isinstance(thing, str):
        return [thing]
    parts = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list) else ()
    return [text for part in parts for text in texts_in(part)]
