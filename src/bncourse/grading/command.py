"""``python -m bncourse.grading ASSIGNMENT``: grade all submissions of an assignment, safely, on all cores."""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import io
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy.exc import DatabaseError, OperationalError
from tqdm import tqdm

from bncourse.grading import workers
from bncourse.grading.assignment import Assignment
from bncourse.grading.collecting.collect import account_of, write_table
from bncourse.grading.course import Course, CourseError, NotRecorded, digest_of, write_whole
from bncourse.grading.judging import Settings, grade_job, identity, what_was_read
from bncourse.grading.limits import MIB, Limits
from bncourse.grading.page import write as write_report
from bncourse.grading.page import write_account
from bncourse.grading.sandbox import NoSandbox, is_available, weaknesses, why_not
from bncourse.grading.submission import Unreadable
from bncourse.grading.submitted import Submission
from bncourse.grading.summary import Outcome, Summary
from bncourse.grading.versions import made_by

__all__ = ["main"]

UNGRADED = 3
"""The exit status where something of this machine kept a submission from being graded."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # names may have letters that a terminal does not
    try:
        return run(options)
    except (CourseError, NoSandbox, ValueError, OSError, concurrent.futures.BrokenExecutor) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (OperationalError, DatabaseError) as error:
        print(f"error: the gradebook cannot be used: {str(error.orig or error).splitlines()[0]}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nInterrupted. What was graded is kept; the same command goes on from here.", file=sys.stderr)
        return 130


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    limits = Limits()
    command = argparse.ArgumentParser(
        prog="python -m bncourse.grading",
        description="Grade all submissions of an assignment, each in a sandbox, and judged outside of it. "
        "What is graded already is not graded again: after an interruption the same command resumes.",
        epilog="Exit status: 0, all is graded; 2, nothing could be done; 3, something of this machine kept a "
        "submission from being graded, and the next run grades it; 130, interrupted.",
    )
    command.add_argument("assignment", help="as in 06-running-statistics")
    command.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="the course's folder (default: here)"
    )
    command.add_argument("--student", action="append", metavar="ID", help="only this one; may be given several times")
    command.add_argument("--regrade", action="store_true", help="grade all again, and say whose points changed")
    command.add_argument(
        "--db", metavar="URL", help="the gradebook, as nbgrader takes it: sqlite:///… or postgresql+psycopg://…"
    )
    command.add_argument("--workers", type=int, metavar="N", help="processes on this machine (default: one per core)")
    command.add_argument("--scheduler", metavar="ADDRESS", help="grade on a Dask cluster: tcp://host:8786 or tls://…")
    command.add_argument("--report", type=Path, metavar="FILE", help="where the HTML page goes (default: reports/…)")
    command.add_argument("--wall-seconds", type=float, default=limits.wall_seconds, help="per submission (%(default)g)")
    command.add_argument("--cpu-seconds", type=int, default=limits.cpu_seconds, help="per submission (%(default)s)")
    command.add_argument("--memory-mib", type=int, default=limits.memory // MIB, help="per submission (%(default)s)")
    command.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run submissions as yourself, with your files and your network in their reach; every report will say so",
    )
    return command


def run(options: argparse.Namespace) -> int:
    """Grade what is to be graded."""
    if options.workers is not None and options.workers < 1:
        raise ValueError(f"--workers is {options.workers}; it must be at least 1")
    course = Course(options.course, options.db)
    if not options.unsafe_no_sandbox and not options.scheduler and not is_available():
        raise NoSandbox(
            f"bubblewrap (the command bwrap) is missing here or not allowed to work ({why_not()}), so submissions "
            "cannot be run safely. Install the package bubblewrap; or grade on a machine that has it, by --scheduler; "
            "or accept that every submission can read and change what you can, by --unsafe-no-sandbox."
        )
    with course.lock():
        assignment = course.assignment(options.assignment)
        limits = dataclasses.replace(
            Limits(),
            wall_seconds=options.wall_seconds,
            cpu_seconds=options.cpu_seconds,
            memory=options.memory_mib * MIB,
        )
        settings = Settings(course.secret(), limits, options.unsafe_no_sandbox, (str(course.root),))
        submissions, left_out = course.submissions(assignment, options.student)
        for folder in left_out:
            print(f"left out: {folder}", file=sys.stderr)
        if not options.unsafe_no_sandbox and not options.scheduler:
            for weakness in weaknesses():
                print(f"note: {weakness}", file=sys.stderr)
        if not submissions:
            raise CourseError(f"nothing was handed in for {assignment.name} in {course.directory.submitted_directory}/")
        with course.gradebook() as gradebook:
            summary = grade_all(course, gradebook, assignment, settings, submissions, options)
            summary.names = {
                each.id: f"{each.first_name or ''} {each.last_name or ''}".strip() for each in gradebook.students
            }
            late = {s.student.id for s in gradebook.assignment_submissions(assignment.name) if s.total_seconds_late > 0}
            summary.outcomes = [dataclasses.replace(o, is_late=o.student in late) for o in summary.outcomes]
    summary.account = account_of(course, assignment.name)
    print(summary)
    if summary.account is not None:
        print(f"\n{summary.account}")
        write_account(summary.account, write_table(course, summary.account).with_suffix(".html"))
    page = options.report or course.root / "reports" / f"{assignment.name}.html"
    write_report(summary, page)
    print(f"\nReport on the class: {page}")
    table = page.with_name(f"{page.stem}-scores.csv")
    write_whole(table, summary.csv().encode("utf-8-sig", "replace"))
    print(f"Scores per part: {table}")
    for student, why in summary.ungraded.items():
        print(f"not graded: {student}: {why}", file=sys.stderr)
    if summary.ungraded:
        print("Nothing was recorded for them; run the same command again for the rest.", file=sys.stderr)
    return UNGRADED if summary.ungraded else 0


def grade_all(
    course: Course,
    gradebook: Gradebook,
    assignment: Assignment,
    settings: Settings,
    submissions: list[Submission],
    options: argparse.Namespace,
) -> Summary:
    """Grade what is missing, and write each grade into the gradebook as it comes in."""
    before = {s.student: course.points(s, assignment) for s in submissions} if options.regrade else {}
    summary = Summary(assignment)
    waiting: list[Submission] = []
    for submission in submissions:
        try:
            of = identity(what_was_read(*read(submission)), assignment, settings)
        except OSError as error:
            summary.ungraded[submission.student] = f"{submission.path.name} cannot be read: {error.strerror}"
            continue
        outcome = course.outcome(submission, assignment)
        if options.regrade or outcome.get("of") != of:
            waiting.append(submission)
        elif not course.is_recorded(submission, assignment, outcome["key"]):
            record(course, gradebook, submission, assignment, outcome["key"], summary)

    pool, count = workers.cluster(options.scheduler) if options.scheduler else workers.local(options.workers)
    first_try = partial(grade_job, assignment=assignment, settings=settings, is_last=False)
    last_try = partial(grade_job, assignment=assignment, settings=settings)
    by_student = {submission.student: submission for submission in waiting}
    jobs = readable(waiting, summary)
    started = time.monotonic()
    with tqdm(total=len(waiting), unit="submission", disable=not waiting, smoothing=0.1, dynamic_ncols=True) as bar:
        for (student, data, _), result in workers.map_unordered(first_try, jobs, pool, count, last_try):
            submission = by_student[student]
            if isinstance(result, BaseException):
                summary.ungraded[student] = f"{type(result).__name__}: {result}"
            else:
                try:
                    with uninterrupted():
                        noted = with_remarks(result.outcome, submission) | ({"file": digest_of(data)} if data else {})
                        course.keep(submission, assignment, result.notebook, noted)
                except OSError as error:
                    summary.ungraded[student] = f"its grade could not be written: {error.strerror}"
                else:
                    record(course, gradebook, submission, assignment, result.outcome["key"], summary)
            bar.update()
            bar.set_postfix_str(f"{60 * bar.n / (time.monotonic() - started):.0f} per minute")
    return summarise(course, summary, submissions, before)


def readable(waiting: list[Submission], summary: Summary) -> Iterator[tuple[str, bytes, str]]:
    """The jobs of the submissions, each read when its turn has come."""
    for submission in waiting:
        try:
            yield (submission.student, *read(submission))
        except OSError as error:
            summary.ungraded[submission.student] = f"{submission.path.name} cannot be read: {error.strerror}"


def read(submission: Submission) -> tuple[bytes, str]:
    """The submission's bytes; or none, and why what was handed in is not read."""
    try:
        return submission.read(), ""
    except Unreadable as error:
        return b"", str(error)


def record(
    course: Course, gradebook: Gradebook, submission: Submission, assignment: Assignment, key: str, summary: Summary
) -> None:
    """Write a grade into the gradebook, or note that it could not be."""
    try:
        with uninterrupted():
            course.record(gradebook, submission, assignment, key)
    except (NotRecorded, OSError) as error:
        summary.ungraded[submission.student] = str(error)


def with_remarks(outcome: dict[str, Any], submission: Submission) -> dict[str, Any]:
    """An outcome with what was out of order in the folder."""
    return outcome | {"remarks": [*outcome["remarks"], *submission.remarks]}


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the block is done: SQLAlchemy, interrupted in mid-transaction, may swallow it or fail."""
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


def summarise(
    course: Course, summary: Summary, submissions: list[Submission], before: dict[str, dict[str, float] | None]
) -> Summary:
    """The outcome of all submissions, those graded earlier included."""
    assignment = summary.assignment
    for submission in submissions:
        noted = course.outcome(submission, assignment)
        if not noted or submission.student in summary.ungraded:
            continue
        verdicts = noted["verdicts"]
        points = course.points(submission, assignment) or {}
        earlier = before.get(submission.student)
        summary.outcomes.append(
            Outcome(
                submission.student,
                sum(points.values()),
                {name: verdict["passed"] for name, verdict in verdicts.items()},
                {name: verdict["diagnosis"] for name, verdict in verdicts.items()},
                None if earlier is None else sum(earlier.values()),
                next((verdict["report"] for verdict in verdicts.values() if verdict["diagnosis"] == "no-verdict"), ""),
                noted.get("remarks", []),
                noted.get("reaches", []),
                noted.get("missing", []),
                noted.get("made_by") == made_by(),
                points,
                {name: float(verdict.get("score", 0)) for name, verdict in verdicts.items()},
                {name: str(verdict.get("report", "")) for name, verdict in verdicts.items()},
                course.written(submission, assignment),
                course.graded(submission, assignment),
            )
        )
    return summary
