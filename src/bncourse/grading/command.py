"""``python -m bncourse.grading ASSIGNMENT``: grade all submissions of an assignment, safely, on all cores."""

from __future__ import annotations

import argparse
import dataclasses
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from nbgrader.api import Gradebook
from tqdm import tqdm

from bncourse.grading import workers
from bncourse.grading.assignment import Assignment
from bncourse.grading.course import Course, CourseError, Submission
from bncourse.grading.judging import Settings, failed, grade_job, key_of
from bncourse.grading.limits import MIB, Limits
from bncourse.grading.sandbox import NoSandbox, is_available
from bncourse.grading.summary import Outcome, Summary

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parser().parse_args(arguments)
    try:
        return run(options)
    except (CourseError, NoSandbox, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
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
        "What is graded already is not graded again: after an interruption the same command goes on.",
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
            "bubblewrap (the command bwrap) is missing here or not allowed to work, so submissions cannot be run "
            "safely. Install the package bubblewrap; or grade on a machine that has it, by --scheduler; or accept that "
            "every submission can read and change what you can, by --unsafe-no-sandbox."
        )
    with course.lock():
        assignment = course.assignment(options.assignment)
        limits = dataclasses.replace(
            Limits(),
            wall_seconds=options.wall_seconds,
            cpu_seconds=options.cpu_seconds,
            memory=options.memory_mib * MIB,
        )
        settings = Settings(course.secret(), limits, options.unsafe_no_sandbox)
        submissions = course.submissions(assignment, options.student)
        if not submissions:
            raise CourseError(f"nothing was handed in for {assignment.name} in {course.directory.submitted_directory}/")
        with course.gradebook() as gradebook:
            summary = grade_all(course, gradebook, assignment, settings, submissions, options)
    print(summary)
    page = options.report or course.root / "reports" / f"{assignment.name}.html"
    summary.write_page(page)
    print(f"\nPictures: {page}")
    return 0


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
    keys: dict[str, str] = {}
    waiting: list[Submission] = []
    for submission in submissions:
        keys[submission.student] = key_of(read(submission), assignment, settings)
        done = course.is_graded(submission, assignment, keys[submission.student])
        if options.regrade or not done:
            waiting.append(submission)
        elif not course.is_recorded(submission, assignment, keys[submission.student]):
            with uninterrupted():
                course.record(gradebook, submission, assignment, keys[submission.student])

    pool, count = workers.cluster(options.scheduler) if options.scheduler else workers.local(options.workers)
    work = partial(grade_job, assignment=assignment, settings=settings)
    jobs = ((submission.student, read(submission)) for submission in waiting)
    by_student = {submission.student: submission for submission in waiting}
    started = time.monotonic()
    with tqdm(total=len(waiting), unit="submission", disable=not waiting, smoothing=0.1, dynamic_ncols=True) as bar:
        for (student, data), result in workers.map_unordered(work, jobs, pool, count):
            if isinstance(result, BaseException):
                why = f"the process that graded it came to an end, twice ({type(result).__name__}: {result})"
                result = failed(data, assignment, settings, why)
            submission = by_student[student]
            with uninterrupted():
                course.keep(submission, assignment, result)
                course.record(gradebook, submission, assignment, keys[student])
            bar.update()
            bar.set_postfix_str(f"{60 * bar.n / (time.monotonic() - started):.0f} per minute")
    return summarise(course, assignment, submissions, before)


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


def read(submission: Submission) -> bytes:
    """The submission's bytes; none, which is graded as such, where the file cannot be read."""
    try:
        return submission.read()
    except OSError:
        return b""


def summarise(
    course: Course, assignment: Assignment, submissions: list[Submission], before: dict[str, dict[str, float] | None]
) -> Summary:
    """The outcome of all submissions, those graded earlier included."""
    summary = Summary(assignment)
    for submission in submissions:
        verdicts = course.outcome(submission, assignment)["verdicts"]
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
            )
        )
    return summary
