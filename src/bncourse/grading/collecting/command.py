"""``python -m bncourse.course``: take in what the learning platform gives, and make what it takes back."""

from __future__ import annotations

import argparse
import io
import sys
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.exc import DatabaseError, OperationalError

from bncourse.grading.by_hand import give_points
from bncourse.grading.collecting.account import Account
from bncourse.grading.collecting.archives import ArchiveError
from bncourse.grading.collecting.collect import NotThisClass, account_of, collect, write_table
from bncourse.grading.collecting.returning import ReturnError, hand_back
from bncourse.grading.collecting.rosters import RosterError
from bncourse.grading.course import Course, CourseError

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status: 0, done; 2, nothing was done, and one sentence says why."""
    options = parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # names of files may have letters that a terminal does not
    try:
        course = Course(options.course, options.db)
        with course.lock():
            options.run(course, options)
        return 0
    except (ArchiveError, NotThisClass, RosterError, ReturnError, CourseError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
    except (OperationalError, DatabaseError) as error:
        print(f"error: the gradebook cannot be used: {str(error.orig or error).splitlines()[0]}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing is lost; run the same command again.", file=sys.stderr)
        return 130
    return 2


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    command = argparse.ArgumentParser(
        prog="python -m bncourse.course",
        description="Collect submissions from Canvas or Moodle, account for everybody, and return grades and feedback.",
    )
    steps = command.add_subparsers(required=True, metavar="COMMAND")

    taking = steps.add_parser("collect", help="take in the platform's archive of submissions")
    taking.add_argument("assignment", help="as in 06-running-statistics")
    taking.add_argument("archives", nargs="+", type=Path, metavar="ARCHIVE", help="zip files, or unpacked folders")
    taking.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="who is in the class: Canvas's gradebook, Moodle's grading worksheet of this assignment, or any CSV file "
        "with the columns id and name",
    )
    taking.add_argument(
        "--timezone", metavar="ZONE", help="of the times in Moodle's worksheet (default: this machine's)"
    )
    taking.add_argument(
        "--groups",
        type=Path,
        metavar="FILE",
        help="who is in which group, where groups hand in together: Canvas's list of groups, or any CSV file with the "
        "columns id and group; Moodle's worksheet has them",
    )
    taking.add_argument(
        "--encoding",
        metavar="NAME",
        help="of the roster, where it is neither UTF-8 nor UTF-16, as in gb18030 or cp1251",
    )
    taking.set_defaults(run=run_collect)

    counting = steps.add_parser("account", help="say what became of everybody: graded, unreadable, missing")
    counting.add_argument("assignment", help="as in 06-running-statistics")
    counting.set_defaults(run=run_account)

    giving = steps.add_parser("return", help="make the file of grades and the zip of feedback that the platform takes")
    giving.add_argument("assignment", help="as in 06-running-statistics")
    giving.add_argument(
        "--roster", type=Path, metavar="FILE", help="a newer gradebook or worksheet (default: that of collect)"
    )
    giving.add_argument("--column", metavar="NAME", help="the assignment's column in Canvas's gradebook")
    giving.set_defaults(run=run_return)

    marking = steps.add_parser("points", help="give the same points for a written answer to several students")
    marking.add_argument("assignment", help="as in 06-running-statistics")
    marking.add_argument("cell", help="the answer's cell, as in why-answer")
    marking.add_argument("points", type=float, help="for each of them")
    marking.add_argument("students", nargs="+", metavar="STUDENT", help="ids, as the report on the class lists them")
    marking.add_argument("--comment", default="", metavar="TEXT", help="what the feedback says beside the answer")
    marking.set_defaults(run=run_points)

    for step in (taking, counting, giving, marking):
        step.add_argument("--course", type=Path, default=Path(), metavar="DIR", help="the course's folder")
        step.add_argument("--db", metavar="URL", help="the gradebook, as nbgrader takes it")
    return command


def run_collect(course: Course, options: argparse.Namespace) -> None:
    """Collect, and show the account."""
    collect(
        course,
        options.assignment,
        options.archives,
        options.roster,
        zone_of(options.timezone),
        options.groups,
        options.encoding,
    )
    run_account(course, options)
    print(f"\nNext: python -m bncourse.grading {options.assignment}")


def run_account(course: Course, options: argparse.Namespace) -> None:
    """Show the account of what was collected."""
    account = account_of(course, options.assignment)
    if account is None:
        raise CourseError(
            f"nothing was collected for {options.assignment!r}: run 'python -m bncourse.course collect' first"
        )
    show(course, account)


def run_return(course: Course, options: argparse.Namespace) -> None:
    """Write what goes back to the platform."""
    print(hand_back(course, options.assignment, options.roster, options.column))


def run_points(course: Course, options: argparse.Namespace) -> None:
    """Give points by hand."""
    print(give_points(course, options.assignment, options.cell, options.points, options.students, options.comment))


def show(course: Course, account: Account) -> None:
    """Print an account, and write it as a table and as a page."""
    from bncourse.grading.page import write_account  # with torch, which who only returns grades does not wait for

    print(account)
    table = write_table(course, account)
    page = table.with_suffix(".html")
    write_account(account, page)
    print(f"\nAs a table: {table}\nAs a page:  {page}")


def zone_of(name: str | None) -> tzinfo:
    """A time zone by its name."""
    if name is None:
        return datetime.now().astimezone().tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"--timezone is {name!r}; give a name as in Europe/Berlin or UTC") from None
