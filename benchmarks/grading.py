"""How submissions are graded: beside stock nbgrader, by two workers beside one, many beside few, and killed often.

``python benchmarks/grading.py throughput`` · ``dask`` · ``kills`` · ``neighbour`` · ``costs`` · ``many``, or all of
them without a name. The submissions are those of the bank in tests/checks, right and wrong ones in turn, each by a
student of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from itertools import cycle, islice
from pathlib import Path

from nbgrader.api import Gradebook

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "checks"), str(ROOT / "tests" / "grading")]

from bank import parts  # noqa: E402
from classroom import ASSIGNMENT, Classroom, DaskCluster, submission  # noqa: E402

from bncourse.grading import judging, sandbox, system_calls  # noqa: E402
from bncourse.grading.course import OUTCOME, SECRET, Course  # noqa: E402
from bncourse.grading.family import Family  # noqa: E402
from commands import environment, nbgrader  # noqa: E402

WHAT = ["throughput", "dask", "kills", "neighbour", "costs", "many"]


def work(count: int) -> list[dict]:
    """Notebooks as learners hand them in, with solutions of the bank; each differs from every other."""
    head, found = parts("running_statistics")
    layers = [f"{head}\n{source}" for kind, _, source in found if kind != "elsewhere"]
    head, found = parts("calibrate")
    calibrations = [f"{head}\n{source}" for kind, _, source in found if kind != "elsewhere"]
    pairs = zip(cycle(layers), cycle(calibrations))
    return [
        submission(batchnorm_code=f"# {i}\n{layer}", calibrate_code=calibration)
        for i, (layer, calibration) in enumerate(islice(pairs, count))
    ]


def course(folder: Path, notebooks: list[dict], *, stock: bool = False) -> Classroom:
    """A course folder in which they were handed in."""
    folder.mkdir(parents=True)
    if stock:
        shutil.copytree(ROOT / "solutions" / ASSIGNMENT, folder / "source" / ASSIGNMENT)
        (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'stock'\n")
    else:
        shutil.copytree(ROOT / "solutions" / ASSIGNMENT, folder / "solutions" / ASSIGNMENT)
        shutil.copy(ROOT / "nbgrader_config.py", folder)
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    classroom = Classroom(folder)
    for i, notebook in enumerate(notebooks):
        classroom.hand_in(f"student{i:04}", notebook)
    return classroom


def timed(classroom: Classroom, *command: str) -> float:
    """Seconds that a command takes in the course's folder."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command], cwd=classroom.folder, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return time.monotonic() - started


def ours(classroom: Classroom, *options: str) -> float:
    """Seconds of the instructor's command."""
    return timed(classroom, "-m", "bncourse.grading", ASSIGNMENT, *options)


def scores(classroom: Classroom) -> dict[str, float]:
    """Per student the points in the gradebook."""
    with Gradebook(f"sqlite:///{classroom.folder / 'gradebook.db'}") as gradebook:
        return {s.student.id: s.score for s in gradebook.assignment_submissions(ASSIGNMENT)}


def peaks(classroom: Classroom) -> list[int]:
    """MiB of memory that each submission used at most, as the sandbox saw it."""
    return [noted["peak_bytes"] >> 20 for noted in outcomes(classroom, "*")]


def outcomes(classroom: Classroom, student: str) -> list[dict]:
    """What grading noted beside the graded notebooks of some students."""
    files = classroom.folder.glob(f"autograded/{student}/*/{OUTCOME}")
    return [json.loads(file.read_text("utf-8")) for file in files]


def throughput(folder: Path, count: int) -> None:
    """Stock nbgrader without a sandbox beside this course's command with one, in halves that alternate."""
    notebooks = work(count)
    half = count // 2
    seconds = {"stock": 0.0, "ours": 0.0}
    other: list[str] = []
    for i, part in enumerate((notebooks[:half], notebooks[half:])):
        stock = course(folder / f"stock{i}", part, stock=True)
        safe = course(folder / f"ours{i}", part)
        seconds["stock"] += timed(stock, str(Path(sys.executable).with_name("nbgrader")), "autograde", ASSIGNMENT)
        seconds["ours"] += ours(safe)
        told = scores(safe)
        other += [
            f"  {student} of half {i + 1}: {score:g} points by stock nbgrader, {told[student]:g} here\n"
            + textwrap.indent(verdicts(safe, student), "    ")
            for student, score in scores(stock).items()
            if told[student] != score
        ]
    print(f"{count} submissions of {ASSIGNMENT}")
    for name, words in (("stock", "nbgrader autograde, no sandbox"), ("ours", "bncourse.grading, sandbox, 2 workers")):
        print(f"  {words:37} {seconds[name]:7.1f} s  {60 * count / seconds[name]:6.1f} per minute")
    print(f"  ratio {seconds['stock'] / seconds['ours']:.2f}; the same points for {count - len(other)} of {count}")
    print(*other, sep="\n")
    print(f"  memory of a submission: at most {max(peaks(safe))} MiB, limit 2048 MiB")


def dask(folder: Path, count: int) -> None:
    """One Dask worker process beside two, after each has graded once; and what this machine's cores can do at most."""
    notebooks = work(count)
    seconds = {}
    for workers in (1, 2):
        place = course(folder / f"dask{workers}", notebooks)
        with DaskCluster(workers) as address:
            ours(place, "--scheduler", address, "--student", "student0000", "--student", "student0001")
            seconds[workers] = ours(place, "--scheduler", address)
    print(f"Dask, {count - 2} submissions: one worker {seconds[1]:.1f} s, two {seconds[2]:.1f} s")
    print(f"  ratio {seconds[1] / seconds[2]:.2f}")
    alone = sum(importing_torch(1) for _ in range(8))
    together = sum(importing_torch(2) for _ in range(8))
    print(
        f"  two processes that only import torch, with nothing beside them, do {2 * alone / together:.2f} times as much"
    )


def importing_torch(processes: int) -> float:
    """Seconds that some processes take at a time: what each submission costs in any case."""
    started = time.monotonic()
    running = [
        subprocess.Popen([sys.executable, "-s", "-c", "import torch"], env=environment()) for _ in range(processes)
    ]
    for process in running:
        process.wait()
    return time.monotonic() - started


def verdicts(classroom: Classroom, student: str) -> str:
    """What the graded notebook of a student says of each test cell, to look at."""
    (noted,) = outcomes(classroom, student)
    found = [f"{name}: {'passed' if v['passed'] else v['report']}" for name, v in noted["verdicts"].items()]
    return "\n".join([f"ended: {noted['ended'] or 'by itself'}", *found])


def written(classroom: Classroom) -> dict[str, int]:
    """When each graded notebook was written, in nanoseconds."""
    return {path.parts[-3]: path.stat().st_mtime_ns for path in classroom.folder.glob("autograded/*/*/*.ipynb")}


def kills(folder: Path, count: int, times: int = 10) -> None:
    """The command killed with all its processes, at random moments, and started again, beside one left alone."""
    notebooks = work(count)
    calm, killed = course(folder / "calm", notebooks), course(folder / "killed", notebooks)
    seconds = ours(calm)
    shutil.copy(calm.folder / SECRET, killed.folder)  # so that both are asked the same
    rewritten = most = 0
    before: dict[str, int] = {}
    for _ in range(times):
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "bncourse.grading", ASSIGNMENT],
                cwd=killed.folder,
                env=environment(),
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
            # Of the time that a whole run takes, so that all of them together do not come to its end.
            time.sleep(random.uniform(0, 2 * seconds / times))
            assert process.poll() is None, "it came to its end before it was killed"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        now = written(killed)
        rewritten += sum(now.get(student) != when for student, when in before.items())
        before, most = now, len(now)
    ours(killed)
    now = written(killed)
    rewritten += sum(now.get(student) != when for student, when in before.items())
    found, expected = scores(killed), scores(calm)
    rows = sqlite3.connect(killed.folder / "gradebook.db").execute("pragma integrity_check").fetchall()
    print(f"killed {times} times, {count} submissions: {most} graded at the last kill, {len(found)} at the end")
    print(f"  grades equal to those of the run left alone: {sum(found.get(s) == p for s, p in expected.items())}")
    for student in (s for s, points in expected.items() if found.get(s) != points):
        print(f"  {student}: {found.get(student)} points after the kills, {expected[student]} left alone")
        print(textwrap.indent(f"{verdicts(killed, student)}\n-- left alone --\n{verdicts(calm, student)}", "    "))
    print(f"  graded twice: {rewritten}; integrity check of the gradebook: {rows[0][0]}")


def many(folder: Path, few: int, many: int) -> None:
    """The cost of a submission among many beside that among few."""
    each = {}
    for count in (few, many):
        place = course(folder / f"many{count}", work(count))
        seconds = ours(place)
        each[count] = seconds / count
        # Of the command and of its workers the one that used most.
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        print(f"{count} submissions: {seconds:.0f} s, {each[count]:.2f} s each, largest process so far {most} MiB")
    print(f"  cost of one among {many} against one among {few}: {each[many] / each[few]:.3f}")


FORKS = """
import os
for _ in range(58):
    if os.fork() == 0:
        break
while True:
    pass
"""


def neighbour(folder: Path, count: int) -> None:
    """A class with one submission whose processes take every core, beside the same class without it."""
    notebooks = work(count)
    calm, disturbed = course(folder / "calm", notebooks), course(folder / "disturbed", notebooks)
    shutil.copy(calm.folder / "nbgrader_config.py", disturbed.folder)
    disturbed.hand_in("forking", submission(batchnorm_code=FORKS, calibrate_code="pass"))
    seconds = [ours(calm)]
    shutil.copy(calm.folder / SECRET, disturbed.folder)  # so that both are asked the same
    seconds.append(ours(disturbed))
    found, expected = scores(disturbed), scores(calm)
    lost = [student for student, points in expected.items() if found.get(student) != points]
    (noted,) = outcomes(disturbed, "forking")
    print(f"{count} submissions: {seconds[0]:.1f} s; with one more that forks 58 loops: {seconds[1]:.1f} s")
    print(f"  others who lost a point: {len(lost)} {lost or ''}; it was ended because {noted['ended']}")


def costs(folder: Path, rounds: int = 12) -> None:
    """What each part of the wall costs a submission: median seconds with it and without it, in turns."""
    place = Course(course(folder / "costs", work(1)).folder)
    assignment, settings = place.assignment(ASSIGNMENT), judging.Settings(place.secret(), hidden=(str(place.root),))
    (one,), _ = place.submissions(assignment)
    whole = (system_calls.submission_filter, sandbox.can_take_out, Family.look)

    def switch(filtered: bool, absent: bool, accounted: bool) -> None:
        system_calls.submission_filter = whole[0] if filtered else lambda: None
        sandbox.can_take_out = whole[1] if absent else lambda: False
        Family.look = whole[2] if accounted else lambda family, limit: None

    ways = {
        "the whole wall": (True, True, True),
        "without the filter of system calls": (False, True, True),
        "without absence of finished layers": (True, False, True),
        "without accounting over the family": (True, True, False),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    try:
        for _ in range(rounds):
            for name, parts in ways.items():
                switch(*parts)
                started = time.monotonic()
                judging.grade(one.read(), assignment, settings)
                seconds[name].append(time.monotonic() - started)
    finally:
        switch(True, True, True)
    print(f"a submission of {ASSIGNMENT}, {rounds} rounds")
    whole_time = statistics.median(seconds["the whole wall"])
    for name, times in seconds.items():
        print(
            f"  {name:38} {statistics.median(times):6.3f} s  {1000 * (whole_time - statistics.median(times)):+5.0f} ms"
        )


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=[*WHAT, []], default=[])
    parser.add_argument("--count", type=int, default=100, help="submissions (%(default)s)")
    parser.add_argument("--many", type=int, default=1000, help="of the last measurement (%(default)s)")
    options = parser.parse_args()
    for what in options.what or WHAT:
        with tempfile.TemporaryDirectory(prefix="bncourse-bench-") as folder:
            if what == "throughput":
                throughput(Path(folder), options.count)
            elif what == "dask":
                dask(Path(folder), options.count)
            elif what == "kills":
                kills(Path(folder), 60)
            elif what == "neighbour":
                neighbour(Path(folder), 60)
            elif what == "costs":
                costs(Path(folder))
            else:
                many(Path(folder), options.count, options.many)


if __name__ == "__main__":
    main()
