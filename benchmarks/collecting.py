"""From the platform and back with 1,000 submissions: what each step takes, and what kill -9 at random moments leaves.

``python benchmarks/collecting.py [--students N] [--minutes M] [--feedback PATTERN] [--kills N]`` makes a class, each of
whom hands in another notebook, half of them with a mistake; collects it from a zip of Canvas's, grades it in the
sandbox, gives points for the written answers, generates the feedback, and returns. Per step it prints seconds and
memory, and in the end it compares what came out with what was put in: everybody's file, grade and feedback.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import psutil
from nbgrader.api import Gradebook

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading")]

from classroom import ASSIGNMENT, RIGHT_LAYER, WRITTEN, WRONG_LAYER, as_bytes, right  # noqa: E402
from platforms import Pupil, canvas, canvas_reads, canvas_takes_feedback  # noqa: E402

from bncourse.grading.course import OUTCOME  # noqa: E402
from commands import environment, nbgrader  # noqa: E402

COURSE, GRADE = [sys.executable, "-m", "bncourse.course"], [sys.executable, "-m", "bncourse.grading", ASSIGNMENT]
FEEDBACK = [str(Path(sys.executable).with_name("nbgrader")), "generate_feedback", ASSIGNMENT]
FIRST = 5000
"""The number of the first student in Canvas."""

ANSWER = 2.0
"""Points for the written answer, of everybody."""


def main() -> None:
    """Measure, and print."""
    command = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command.add_argument("--students", type=int, default=1000)
    command.add_argument("--minutes", type=float, default=600, help="of grading at most; the rest is left ungraded")
    command.add_argument(
        "--feedback",
        default="*",
        metavar="PATTERN",
        help="for whose ids feedback is generated (default: everybody's); the others get a page of the same grade",
    )
    command.add_argument("--kills", type=int, default=5, help="of collect, and of return")
    options = command.parse_args()
    # A shell starts what runs in the background so that it ignores Ctrl-C, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    """The whole way once, with kills before the first step and after the last."""
    students, kills = options.students, options.kills
    pupils = [Pupil(f"Zoe {name(i)}", [(f"{ASSIGNMENT}.ipynb", work(i))]) for i in range(students)]
    handed = canvas(pupils, folder)
    course = folder / "course"
    course.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, course / "solutions" / ASSIGNMENT)
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    collect = [*COURSE, "collect", ASSIGNMENT, *map(str, handed.archives), "--roster", str(handed.roster)]
    dice = random.Random(13)
    kill_collect(course, collect, sorted(dice.sample(range(1, students), kills)))

    timed(course, collect, f"collect {students}")
    for i in range(students):
        file = course / "submitted" / str(FIRST + i) / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        assert file.read_bytes() == work(i), "what was collected is not what was handed in"
    timed(course, collect, "collect again, with nothing new")

    timed(course, GRADE, "grade", options.minutes)
    graded = sorted(path.parts[-3] for path in course.glob(f"autograded/*/{ASSIGNMENT}/{OUTCOME}"))
    if len(graded) < students:
        # The interruption may have come between a grade and the gradebook: the next run catches up, as it says.
        again = [word for student in graded for word in ("--student", student)]
        timed(course, [*GRADE, *again], "grade again, with nothing new")
    expected = {student: 8.0 if int(student) % 2 else 3.0 for student in graded}
    assert scores(course) == expected, "a grade is missing, doubled or wrong"
    print(f"  {len(graded)} of {students} are graded; the gradebook has the points that each earned, and no others")
    timed(course, [*COURSE, "points", ASSIGNMENT, WRITTEN, str(ANSWER), *graded], f"points for {len(graded)} answers")

    timed(course, [*FEEDBACK, "--student", options.feedback, "--log-level", "ERROR"], "generate feedback")
    pages = {path.parts[-3]: path for path in course.glob(f"feedback/*/{ASSIGNMENT}/*.html")}
    size = sum(page.stat().st_size for page in pages.values()) / len(pages) / 1e6
    print(f"  {len(pages)} pages of feedback, {size:.2f} MB each")
    for student in sorted(set(graded) - set(pages)):
        of_same_grade = next(page for other, page in pages.items() if expected[other] == expected[student])
        shutil.copytree(of_same_grade.parent, course / "feedback" / student / ASSIGNMENT, copy_function=shutil.copyfile)

    give = [*COURSE, "return", ASSIGNMENT]
    returned = course / "returned" / ASSIGNMENT
    due = {student: points + ANSWER for student, points in expected.items()}
    took = timed(course, give, "return")
    accepted(returned, handed.archives, due)
    before = {path.name: path.read_bytes() for path in returned.iterdir()}
    for _ in range(kills):
        process = start(course, give)
        time.sleep(dice.uniform(0.3, 1.0) * took)
        process.kill()
        process.wait()
        accepted(returned, handed.archives, due)
    timed(course, give, f"return again, after {kills} kills at random moments")
    assert {path.name: path.read_bytes() for path in returned.iterdir()} == before
    print(f"  the independent reader takes {len(due)} grades, each as earned, and {len(due)} files of feedback")


def work(number: int) -> bytes:
    """A notebook of one's own: right for odd numbers, with the biased variance for even ones."""
    return as_bytes(right(batchnorm_code=f"# {number}\n{RIGHT_LAYER if number % 2 else WRONG_LAYER}"))


def kill_collect(course: Path, collect: list[str], at: list[int]) -> None:
    """Kill the command when so many students are collected, and leave nothing behind."""
    submitted = course / "submitted"
    for count in at:
        process = start(course, collect)
        while process.poll() is None and len(list(submitted.glob("[0-9]*"))) < count:
            time.sleep(0.005)
        process.kill()
        process.wait()
        for path in submitted.glob(f"[0-9]*/*/{ASSIGNMENT}.ipynb"):
            json.loads(path.read_bytes())
    if at:
        print(f"collect killed with {', '.join(map(str, at))} students collected: every notebook there is whole")
        shutil.rmtree(submitted)


def name(number: int) -> str:
    """A last name in letters."""
    return "".join(chr(97 + int(digit)) for digit in str(number)).capitalize()


def start(course: Path, words: list[str]) -> subprocess.Popen:
    """Start the command."""
    return subprocess.Popen(words, cwd=course, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def timed(course: Path, words: list[str], what: str, minutes: float | None = None) -> float:
    """Run a command to its end, and print what it took; after some minutes it is interrupted, as by Ctrl-C."""
    started = time.monotonic()
    process = start(course, words)
    own = psutil.Process(process.pid)
    together, shown = 0, 0
    ended = 0
    while not ended:
        time.sleep(0.2 if minutes is None else 1)
        seconds = time.monotonic() - started
        try:
            alone, all_of_them = own.memory_info().rss >> 20, family(own) >> 20
        except psutil.NoSuchProcess:
            alone, all_of_them = 0, 0
        together = max(together, all_of_them)
        if minutes is not None:
            graded = len(list(course.glob(f"autograded/*/*/{OUTCOME}")))
            if graded >= shown + 100:
                shown = graded - graded % 100
                words_of_memory = f"the command {alone} MiB, with all that it started {all_of_them} MiB"
                print(f"  {graded} graded after {seconds:.0f} s: {words_of_memory}", flush=True)
            if seconds > 60 * minutes:
                process.send_signal(signal.SIGINT)
                minutes = 600
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 130 if minutes else 0), process.returncode
    seconds = time.monotonic() - started
    cpu = usage.ru_utime + usage.ru_stime
    print(
        f"{what}: {seconds:.1f} s, {cpu:.1f} s of the processor, largest process {usage.ru_maxrss / 1024:.0f} MiB, ",
        end="",
    )
    print(f"all together at most {together} MiB", flush=True)
    return seconds


def family(process: psutil.Process) -> int:
    """Bytes of memory of a process and of all that it started; pages that several have count for each."""
    found = 0
    for each in [process, *process.children(recursive=True)]:
        try:
            found += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return found


def scores(course: Path) -> dict[str, float]:
    """Per student the points in the gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "bncourse") as gradebook:
        return {each.student.id: each.score for each in gradebook.assignment_submissions(ASSIGNMENT)}


def accepted(returned: Path, archives: list[Path], due: dict[str, float]) -> None:
    """See that the platform's readers take what is there, and that it is what everybody earned."""
    assert canvas_reads((returned / "canvas-grades.csv").read_text("utf-8")) == due
    uploaded: dict[str, set[str]] = {}
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                user, attachment = [part for part in member.split("_") if part.isdigit()][:2]
                uploaded.setdefault(user, set()).add(attachment)
    with zipfile.ZipFile(returned / "canvas-feedback.zip") as archive:
        assert archive.testzip() is None
        assert set(canvas_takes_feedback(archive.namelist(), uploaded)) == set(due)


if __name__ == "__main__":
    main()
