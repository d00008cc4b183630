"""The corpus of hostile and odd submissions through stock ``nbgrader autograde`` and through this course's grading.

    python benchmarks/corpus.py                   # everything, half an hour on two cores
    python benchmarks/corpus.py --only lying      # the files with this in their name
    python benchmarks/corpus.py --ours            # without stock nbgrader, ten minutes

One table, per group and in all. *Forged*: points for the wrong layer. *Lost*: no grade was recorded. *Others*: the
work or the grade of another student was changed, or could not be graded in the same run. *Full marks*: of the honest
submissions.

Stock nbgrader has no sandbox. Here the whole command runs behind a wall of its own, which lets it write to a temporary
course alone and which ends every process with it; inside of it nothing is other than usual. Files that say
``STOCK = False`` are left out there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading"), str(ROOT / "tests" / "grading" / "corpus")]

from classroom import ASSIGNMENT, CALIBRATION_TEST, LAYER_TEST, POINTS, as_bytes, right  # noqa: E402
from nbgrader.api import Gradebook, MissingEntry  # noqa: E402
from reading import GROUPS, Entry, entries  # noqa: E402
from tqdm import tqdm  # noqa: E402

STOCK = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.Execute.timeout = 20
"""
BEFORE, AFTER = "zoe", "yan"
"""Students whose work is right: one is graded before the hostile submission, one after it, in the same folder."""

FULL = sum(POINTS.values())
STOCK_SECONDS = 240
"""For one hostile submission and, where it left something behind, the one after it."""

GRADE_ONE = """
nbgrader autograde {assignment} --student={student} > {student}.log 2>&1
echo $? > {student}.status
set -- /proc/[0-9]*
[ $# -gt 2 ] && sleep 12  # something outlives the command: let it do what it wants to do
nbgrader autograde {assignment} --student={after} > {after}.log 2>&1
true
"""


@dataclass(frozen=True)
class Outcome:
    """What came of one file, under one way of grading."""

    entry: Entry
    forged: bool = False
    lost: bool = False
    others: bool = False
    full: bool = False


def environment(home: Path) -> dict[str, str]:
    """With the commands of this Python on the path, and a home that can be thrown away."""
    here = str(Path(sys.executable).parent)
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "TZ", "TMPDIR")}
    return kept | {"PATH": f"{here}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1", "HOME": str(home)}


def nbgrader(folder: Path, *arguments: str) -> None:
    """Run an nbgrader command in a course's folder, for it to succeed."""
    command = [str(Path(sys.executable).with_name("nbgrader")), *arguments]
    subprocess.run(command, cwd=folder, env=environment(folder.parent / "home"), check=True, capture_output=True)


def make_course(folder: Path, config: str) -> Path:
    """A course folder with the assignment in its gradebook and the two other students' work."""
    course = folder / "course"
    (folder / "home").mkdir(parents=True)
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, course / "solutions" / ASSIGNMENT)
    (course / "nbgrader_config.py").write_text(config)
    nbgrader(course, "generate_assignment", ASSIGNMENT)
    for student in (BEFORE, AFTER):
        own = course / "submitted" / student / ASSIGNMENT
        own.mkdir(parents=True)
        (own / f"{ASSIGNMENT}.ipynb").write_bytes(as_bytes(right()))
    return course


def scores(course: Path, student: str) -> dict[str, float | None]:
    """Per test cell the points in the gradebook; empty where it has no such submission, ``None`` without a grade."""
    found: dict[str, float | None] = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "bncourse") as gradebook:
        for name in POINTS:
            try:
                grade = gradebook.find_grade(name, ASSIGNMENT, ASSIGNMENT, student)
            except MissingEntry:
                continue
            graded = grade.auto_score is not None or grade.manual_score is not None
            found[name] = float(grade.score) if graded else None
        try:
            found["all"] = float(gradebook.find_submission(ASSIGNMENT, student).score)
        except MissingEntry:
            found = {}
    return found


def outcome(entry: Entry, course: Path, student: str, others: bool) -> Outcome:
    """Read one student's grade from the gradebook."""
    found = scores(course, student)
    notebook = course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    lost = found.get(LAYER_TEST) is None or not notebook.is_file()
    if entry.group == "honest":
        return Outcome(entry, lost=lost, others=others, full=not lost and found["all"] == FULL)
    forged = not lost and (found[LAYER_TEST] > 0 or found["all"] > POINTS[CALIBRATION_TEST])
    return Outcome(entry, forged, lost, others)


def is_whole(course: Path, student: str) -> bool:
    """Whether another student's work and grade are as they should be."""
    work = course / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    found = scores(course, student)
    return bool(found) and found["all"] == FULL and work.read_bytes() == as_bytes(right())


def by_stock(entry: Entry, template: Path) -> Outcome:
    """One file in a course of its own, between the two other students."""
    with tempfile.TemporaryDirectory(prefix="corpus-", ignore_cleanup_errors=True) as place:
        folder = Path(place) / "all"
        shutil.copytree(template, folder, symlinks=True)
        course = folder / "course"
        entry.hand_in(course / "submitted" / "eve" / ASSIGNMENT, ASSIGNMENT, course)
        wall = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", place, place]
        wall += ["--proc", "/proc", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--die-with-parent"]
        script = GRADE_ONE.format(assignment=ASSIGNMENT, student="eve", after=AFTER)
        wall += ["--new-session", "--chdir", str(course), "sh", "-c", script]
        own = environment(folder / "home")
        process = subprocess.Popen(wall, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=-3)
        try:
            process.wait(STOCK_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        status = course / "eve.status"
        # Killed by the submission, or waiting for ever: with it goes whoever was to be graded in the same run.
        ended = status.is_file() and status.read_text().strip() in ("0", "1")
        others = not (ended and is_whole(course, BEFORE) and is_whole(course, AFTER))
        return outcome(entry, course, "eve", others)


def by_ours(chosen: list[Entry], folder: Path) -> list[Outcome]:
    """All files in one course, in one run of the instructor's command."""
    course = make_course(folder, (ROOT / "nbgrader_config.py").read_text("utf-8"))
    for entry in chosen:
        entry.hand_in(course / "submitted" / entry.name / ASSIGNMENT, ASSIGNMENT, course)
    command = [sys.executable, "-m", "bncourse.grading", ASSIGNMENT, "--wall-seconds=40", "--cpu-seconds=20"]
    done = subprocess.run(command, cwd=course, env=environment(folder / "home"), stdin=subprocess.DEVNULL)
    spared = done.returncode == 0 and is_whole(course, BEFORE) and is_whole(course, AFTER)
    found = [outcome(entry, course, entry.name, False) for entry in chosen]
    if not spared:  # in one run nobody can say which of them it was
        found[0] = replace(found[0], others=True)
    return found


def table(stock: list[Outcome], ours: list[Outcome]) -> str:
    """Both ways side by side, per group and in all."""
    lines = [
        "| group | files | stock: forged | lost | others | ours: forged | lost | others |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]

    def row(name: str, member: set[str]) -> str:
        cells = [str(sum(each.entry.group in member for each in ours))]
        for way in (stock, ours):
            mine = [each for each in way if each.entry.group in member]
            for what in ("forged", "lost", "others"):
                cells.append(str(sum(getattr(each, what) for each in mine)) if mine else "–")
        return f"| {name} | {' | '.join(cells)} |"

    hostile = [group for group in GROUPS if group != "honest"]
    lines += [row(GROUPS[group], {group}) for group in hostile]
    lines.append(row("all hostile", set(hostile)))
    for name, way in (("stock", stock), ("ours", ours)):
        honest = [each for each in way if each.entry.group == "honest"]
        if honest:
            lines.append(
                f"\nhonest oddities with full marks, {name}: {sum(each.full for each in honest)} of {len(honest)}"
            )
        left = [each.entry.name for each in way if each.forged]
        lines.append(f"forged, {name}: {', '.join(left) or 'none'}")
        left = [each.entry.name for each in way if each.lost]
        lines.append(f"lost, {name}: {', '.join(left) or 'none'}")
        left = [each.entry.name for each in honest if not each.full]
        lines.append(f"honest and not full, {name}: {', '.join(left) or 'none'}")
    return "\n".join(lines)


def main() -> None:
    """Run both ways and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="", help="a part of the names of the files")
    options.add_argument("--ours", action="store_true", help="leave stock nbgrader out")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="of stock nbgrader at a time (%(default)s)")
    given = options.parse_args()
    chosen = [entry for entry in entries("hostile") + entries("honest") if given.only in entry.name]
    with tempfile.TemporaryDirectory(prefix="corpus-") as place:
        stock: list[Outcome] = []
        if not given.ours:
            template = Path(place) / "stock"
            nbgrader(make_course(template, STOCK), "autograde", ASSIGNMENT, f"--student={BEFORE}")
            bearable = [entry for entry in chosen if entry.stock]
            with ThreadPoolExecutor(given.jobs) as pool:
                found = pool.map(lambda entry: by_stock(entry, template), bearable)
                stock = list(tqdm(found, total=len(bearable), desc="stock nbgrader"))
            print(f"stock nbgrader: {len(chosen) - len(bearable)} files left out, which need a sandbox")
        ours = by_ours(chosen, Path(place) / "ours")
    print(table(stock, ours))


if __name__ == "__main__":
    main()
