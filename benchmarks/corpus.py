"""The corpus of hostile and odd submissions through stock ``nbgrader autograde`` and through this course's grading.

    python benchmarks/corpus.py                   # everything, half an hour on two cores
    python benchmarks/corpus.py --only lying      # the files with this in their name
    python benchmarks/corpus.py --ours            # without stock nbgrader, ten minutes
    python benchmarks/corpus.py --keep FILE       # what stock nbgrader made of it is written down, and not done again

One table, per group and in all, in each cell one number per way: stock nbgrader, ours as an ordinary user, and ours
as root, if root runs this. *Forged*: points for the wrong layer. *Lost*: no grade was recorded. *Others*: the work or
the grade of another student was changed, or could not be graded in the same run. *Seen*: something of the instructor's
is in the output. *Over limits*: its processes used more memory or time on the processor than ours allows, the graded
notebook is larger than its parts may be, or the command did not end. *Browser*: the page of feedback runs or fetches
something, or cannot be made within a minute. *Full marks*: of the honest submissions.

Stock nbgrader has no sandbox. Here the whole command runs behind a wall of its own, which lets it write to a temporary
course alone and which ends every process with it; inside of it nothing is other than usual. Files that say
``STOCK = False`` are left out there.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading"), str(ROOT / "tests" / "grading" / "corpus")]

import nbformat  # noqa: E402
from classroom import ASSIGNMENT, LAYER_TEST, POINTS, as_bytes, right  # noqa: E402
from nbgrader.api import Gradebook, MissingEntry  # noqa: E402
from outcomes import active, is_over, most_points, page_of, sees, used  # noqa: E402
from people import PEOPLE, TOKEN, Person  # noqa: E402
from reading import GROUPS, Entry, entries  # noqa: E402
from tqdm import tqdm  # noqa: E402

from bncourse.grading.course import OUTCOME  # noqa: E402
from bncourse.grading.family import Family  # noqa: E402
from bncourse.grading.limits import Limits  # noqa: E402

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

PAGE_SECONDS = 60
WALL_SECONDS, CPU_SECONDS = 25, 8
"""What a submission may use of the clock and of the processor; a right one takes two seconds."""

STOCK_ITSELF = 15
"""Seconds of the processor that are nbgrader's own at most: to start, to start a kernel, and to write."""

GRADE_ONE = """
nbgrader autograde {assignment} --student={student} > {student}.log 2>&1
echo $? > {student}.status
set -- /proc/[0-9]*
[ $# -gt 2 ] && sleep 12  # something outlives the command: let it do what it wants to do
left=$(find .. /tmp -newer {student}.begun ! -type d ! -path './autograded/{student}/*' ! -path '*/{student}.*' \
    ! -name 'gradebook.db*' ! -name 'history.sqlite*')
[ $# -gt 2 ] || [ -n "$left" ] || [ "$(cat {student}.status)" -gt 1 ] || exit 0
echo "$left" > {student}.left
nbgrader autograde {assignment} --student={after} > {after}.log 2>&1
true
"""
"""Where a submission leaves neither a process nor a file behind, nothing could change what is graded after it."""


@dataclass(frozen=True)
class Outcome:
    """What came of one file, under one way of grading."""

    name: str
    group: str
    forged: bool = False
    lost: bool = False
    others: bool = False
    seen: bool = False
    over: bool = False
    browser: bool = False
    full: bool = False


WHAT = {
    "forged": "forged",
    "lost": "lost",
    "others": "others",
    "seen": "seen",
    "over": "over limits",
    "browser": "browser",
}


def environment(home: Path) -> dict[str, str]:
    """With the commands of this Python on the path, and a home that can be thrown away."""
    here = str(Path(sys.executable).parent)
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "TZ", "TMPDIR")}
    own = {"PATH": f"{here}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1", "HOME": str(home)}
    return kept | own | {"INSTRUCTORS_TOKEN": TOKEN}


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


def outcome(entry: Entry, course: Path, student: str, plain: Counter[str] | None, **more: bool) -> Outcome:
    """Read what came of a student's work from the gradebook and from the graded notebook.

    Arguments:
        entry: what was handed in.
        course: its folder.
        student: who handed it in.
        plain: what is active in the page of a right submission, that of nbgrader itself.
        more: what is known otherwise.
    """
    found = scores(course, student)
    path = course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    if found.get(LAYER_TEST) is None or not path.is_file():
        return Outcome(entry.name, entry.group, lost=True, **more)
    if plain is not None:
        page = page_within(PAGE_SECONDS, course, student)
        more["browser"] = page is None or bool(active(page) - plain)
    more["seen"] = sees(nbformat.read(path, as_version=4))
    if entry.group == "honest":
        return Outcome(entry.name, entry.group, full=found["all"] == FULL, **more)
    forged = found[LAYER_TEST] > 0 or found["all"] > most_points(entry.name)
    return Outcome(entry.name, entry.group, forged=forged, **more)


def page_within(seconds: float, course: Path, student: str) -> str | None:
    """The feedback on a student's work; ``None`` if making it takes longer, as a text may, or fails."""
    reading, writing = multiprocessing.Pipe(duplex=False)
    process = FORK.Process(target=lambda: writing.send(page_of(course, student)))
    process.start()
    writing.close()
    try:
        return reading.recv() if reading.poll(seconds) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


FORK = multiprocessing.get_context("fork")


def is_whole(course: Path, student: str) -> bool:
    """Whether another student's work and grade are as they should be."""
    work = course / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    found = scores(course, student)
    return bool(found) and found["all"] == FULL and work.read_bytes() == as_bytes(right())


def by_stock(entry: Entry, template: Path, plain: Counter[str]) -> Outcome:
    """One file in a course of its own, between the two other students."""
    with tempfile.TemporaryDirectory(prefix="corpus-", ignore_cleanup_errors=True) as place:
        folder = Path(place) / "all"
        shutil.copytree(template, folder, symlinks=True)
        course = folder / "course"
        entry.hand_in(course / "submitted" / "eve" / ASSIGNMENT, ASSIGNMENT, course)
        wall = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", place, place]
        wall += ["--proc", "/proc", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--die-with-parent"]
        script = GRADE_ONE.format(assignment=ASSIGNMENT, student="eve", after=AFTER)
        (course / "eve.begun").touch()
        wall += ["--new-session", "--chdir", str(course), "sh", "-c", script]
        own = environment(folder / "home")
        process = subprocess.Popen(wall, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=-3)
        family = Family(process.pid)
        status = course / "eve.status"
        until, most = time.monotonic() + STOCK_SECONDS, 0
        while process.poll() is None and time.monotonic() < until:
            if not status.is_file():
                family.look(Limits().memory)
                most = max(most, len(family.members))
            time.sleep(0.1)
        process.kill()
        process.wait()
        # Killed by the submission, or waiting for ever: with it goes whoever was to be graded in the same run.
        ended = status.is_file() and status.read_text().strip() in ("0", "1")
        spared = not (course / "eve.left").is_file() or is_whole(course, AFTER)
        others = not (ended and is_whole(course, BEFORE) and spared)
        # The shells, nbgrader and its kernel are few.
        over = (
            most > Limits().processes + 10
            or not status.is_file()
            or goes_over(course, "eve", family.peak, family.cpu_seconds - STOCK_ITSELF)
        )
        return outcome(entry, course, "eve", plain, others=others, over=over)


def goes_over(course: Path, student: str, memory: float, cpu_seconds: float) -> bool:
    """Whether a submission used more than it may; see :func:`outcomes.is_over`."""
    path = course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    size = path.stat().st_size if path.is_file() else 0
    return is_over(memory, cpu_seconds, size, most_memory=Limits().memory, most_seconds=CPU_SECONDS)


def by_ours(chosen: list[Entry], folder: Path, person: Person) -> list[Outcome]:
    """All files in one course, in one run of the instructor's command."""
    course = make_course(folder, (ROOT / "nbgrader_config.py").read_text("utf-8"))
    for entry in chosen:
        entry.hand_in(course / "submitted" / entry.name / ASSIGNMENT, ASSIGNMENT, course)
    limits = (f"--wall-seconds={WALL_SECONDS}", f"--cpu-seconds={CPU_SECONDS}")
    done = person.run(course, "-m", "bncourse.grading", ASSIGNMENT, *limits)
    spared = done.returncode == 0 and is_whole(course, BEFORE) and is_whole(course, AFTER)
    if not spared:
        print(done.stderr, file=sys.stderr)
    plain = active(page_within(PAGE_SECONDS, course, BEFORE) or "")
    found = []
    for entry in tqdm(chosen, desc=f"pages, {person.name}"):
        noted = course / "autograded" / entry.name / ASSIGNMENT / OUTCOME
        over = not noted.is_file() or goes_over(course, entry.name, *used(json.loads(noted.read_bytes())))
        found.append(outcome(entry, course, entry.name, plain, over=over))
    if not spared:  # in one run nobody can say which of them it was
        found[0] = replace(found[0], others=True)
    return found


def table(ways: dict[str, list[Outcome]]) -> str:
    """All ways side by side, per group and in all."""
    first = next(reversed(ways.values()))
    lines = [
        f"In each cell: {' · '.join(ways)}",
        "",
        f"| group | files | {' | '.join(WHAT.values())} |",
        f"| --- | ---: | {' | '.join(['---:'] * len(WHAT))} |",
    ]

    def row(name: str, member: set[str]) -> str:
        cells = [str(sum(each.group in member for each in first))]
        for what in WHAT:
            counts = [sum(getattr(each, what) for each in way if each.group in member) for way in ways.values()]
            cells.append(" · ".join(map(str, counts)))
        return f"| {name} | {' | '.join(cells)} |"

    groups = [group for group in GROUPS if any(each.group == group for each in first)]
    lines += [row(GROUPS[group], {group}) for group in groups]
    lines.append(row("all", set(groups)) + "\n")
    for name, way in ways.items():
        honest = [each for each in way if each.group == "honest"]
        if honest:
            full = sum(each.full for each in honest)
            lines.append(f"{name}: {full} of {len(honest)} honest oddities have full marks")
            left = [each.name for each in honest if not each.full]
            lines.append(f"  not full: {', '.join(left) or 'none'}")
        for what, words in WHAT.items():
            left = [each.name for each in way if getattr(each, what)]
            lines.append(f"  {words}: {', '.join(left) or 'none'}")
    return "\n".join(lines)


def main() -> None:
    """Run all ways and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", default=[""], help="parts of the names of the files")
    options.add_argument("--ours", action="store_true", help="leave stock nbgrader out")
    options.add_argument("--stock", action="store_true", help="leave ours out")
    options.add_argument("--keep", type=Path, metavar="FILE", help="where what stock nbgrader made of it is kept")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="of stock nbgrader at a time (%(default)s)")
    given = options.parse_args()
    chosen = [
        entry for entry in entries("hostile") + entries("honest") if any(part in entry.name for part in given.only)
    ]
    ways: dict[str, list[Outcome]] = {}
    with tempfile.TemporaryDirectory(prefix="corpus-") as place:
        if not given.ours:
            ways["stock nbgrader"] = by_stock_all(chosen, Path(place) / "stock", given.jobs, given.keep)
        for person in [] if given.stock else PEOPLE:
            ways[f"ours, {person.name}"] = by_ours(chosen, Path(place) / person.name.replace(" ", "-"), person)
    print(table(ways))


def by_stock_all(chosen: list[Entry], template: Path, jobs: int, keep: Path | None) -> list[Outcome]:
    """All files that may run without a sandbox; what was written down of an earlier run is taken from there."""
    bearable = [entry for entry in chosen if entry.stock]
    print(f"stock nbgrader: {len(chosen) - len(bearable)} files left out, which need a sandbox")
    known: dict[str, Outcome] = {}
    if keep is not None and keep.is_file():
        known = {kept["name"]: Outcome(**kept) for kept in map(json.loads, keep.read_text().splitlines())}
    missing = [entry for entry in bearable if entry.name not in known]
    if missing:
        course = make_course(template, STOCK)
        nbgrader(course, "autograde", ASSIGNMENT, f"--student={BEFORE}")
        plain = active(page_within(PAGE_SECONDS, course, BEFORE) or "")
        with ThreadPoolExecutor(jobs) as pool:
            found = pool.map(lambda entry: by_stock(entry, template, plain), missing)
            for each in tqdm(found, total=len(missing), desc="stock nbgrader"):
                known[each.name] = each
                if keep is not None:
                    with keep.open("a") as file:
                        file.write(json.dumps(asdict(each)) + "\n")
    return [known[entry.name] for entry in bearable]


if __name__ == "__main__":
    main()
