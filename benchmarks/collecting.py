"""From the platform and back with 1,000 submissions: time, memory, and what kill -9 at random moments leaves.

``python benchmarks/collecting.py [--students N] [--kills N]``. Grades are put into the gradebook without running the
submissions: ``benchmarks/grading.py many`` measures that step.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from warnings import catch_warnings, simplefilter

from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading")]

from classroom import ASSIGNMENT, LAYER_TEST, as_bytes, right, wrong  # noqa: E402
from platforms import Pupil, canvas, canvas_reads, canvas_takes_feedback  # noqa: E402

from commands import environment, nbgrader  # noqa: E402


def main() -> None:
    """Measure, and print."""
    command = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command.add_argument("--students", type=int, default=1000)
    command.add_argument("--kills", type=int, default=5, help="of collect, and of return")
    options = command.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.students, options.kills)


def measure(folder: Path, students: int, kills: int) -> None:
    """Collect, grade in name only, and return; each killed first, then run to its end and run again."""
    good, bad = as_bytes(right()), as_bytes(wrong())
    pupils = [Pupil(f"Zoe {name(i)}", [(f"{ASSIGNMENT}.ipynb", good if i % 2 else bad)]) for i in range(students)]
    handed = canvas(pupils, folder)
    course = folder / "course"
    course.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course)
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, course / "solutions" / ASSIGNMENT)
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    collect = ["collect", ASSIGNMENT, *map(str, handed.archives), "--roster", str(handed.roster)]

    dice = random.Random(13)
    submitted = course / "submitted"
    at = sorted(dice.sample(range(1, students), kills))
    for count in at:
        process = start(course, collect)
        while process.poll() is None and len(list(submitted.glob("[0-9]*"))) < count:
            time.sleep(0.005)
        process.kill()
        process.wait()
        for path in submitted.glob(f"[0-9]*/*/{ASSIGNMENT}.ipynb"):
            json.loads(path.read_bytes())
    print(f"collect killed with {', '.join(map(str, at))} students collected: every notebook there is whole")
    timed(course, collect, "collect, after the kills")
    assert len(list(submitted.glob(f"*/*/{ASSIGNMENT}.ipynb"))) == students
    timed(course, collect, "collect again, with nothing new")
    shutil.rmtree(submitted)
    shutil.rmtree(course / "downloaded")
    timed(course, collect, "collect, all new")

    put_grades(course, students)
    give = ["return", ASSIGNMENT]
    returned = course / "returned" / ASSIGNMENT
    started = time.monotonic()
    timed(course, give, "return")
    took = time.monotonic() - started
    for _ in range(kills):
        process = start(course, give)
        time.sleep(dice.uniform(0.3, 1.0) * took)
        process.kill()
        process.wait()
        accepted(returned, handed.archives, students)
    print(f"return killed {kills} times at random: the table and the zip there are whole each time")
    timed(course, give, "return again")
    accepted(returned, handed.archives, students)
    assert not [path for path in returned.iterdir() if not path.name.startswith((".", "canvas"))]
    print(f"the independent reader takes {students} grades and {students} files of feedback")


def name(number: int) -> str:
    """A last name in letters."""
    return "".join(chr(97 + int(digit)) for digit in str(number)).capitalize()


def start(course: Path, words: list[str]) -> subprocess.Popen:
    """Start the command."""
    command = [sys.executable, "-m", "bncourse.course", *words]
    return subprocess.Popen(command, cwd=course, env=environment(), stdout=subprocess.DEVNULL)


def timed(course: Path, words: list[str], what: str) -> None:
    """Run the command to its end, and print what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = start(course, words)
    assert process.wait() == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{what}: {time.monotonic() - started:.1f} s, {cpu:.1f} s of the processor, ", end="")
    print(f"at most {after.ru_maxrss / 1024:.0f} MiB so far", flush=True)


def put_grades(course: Path, students: int) -> None:
    """Put a grade and a page of feedback for everybody where grading puts them."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "bncourse") as gradebook, catch_warnings():
        simplefilter("ignore", SAWarning)  # nbgrader's own queries bring them about
        for i in range(students):
            (notebook,) = gradebook.update_or_create_submission(ASSIGNMENT, str(5000 + i)).notebooks
            for grade in notebook.grades:
                grade.auto_score = 5.0 if grade.name == LAYER_TEST else 0.0
                grade.needs_manual_grade = False
        gradebook.db.commit()
    page = "<p>what a check said</p>\n" * 4000
    for i in range(students):
        for step, end in (("autograded", "ipynb"), ("feedback", "html")):
            place = course / step / str(5000 + i) / ASSIGNMENT
            place.mkdir(parents=True)
            (place / f"{ASSIGNMENT}.{end}").write_text(page)


def accepted(returned: Path, archives: list[Path], students: int) -> None:
    """See that the platform's readers take what is there."""
    grades = canvas_reads((returned / "canvas-grades.csv").read_text("utf-8"))
    assert len(grades) == students
    uploaded: dict[str, set[str]] = {}
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                user, attachment = [part for part in member.split("_") if part.isdigit()][:2]
                uploaded.setdefault(user, set()).add(attachment)
    with zipfile.ZipFile(returned / "canvas-feedback.zip") as archive:
        assert archive.testzip() is None
        assert len(canvas_takes_feedback(archive.namelist(), uploaded)) == students


if __name__ == "__main__":
    main()
