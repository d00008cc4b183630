"""The instructor's command: what it grades, and that nothing is lost or graded twice, whatever comes between."""

import base64
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
from classroom import ASSIGNMENT, POINTS, Classroom, DaskCluster, right, wrong

from bncourse.grading.command import uninterrupted
from commands import environment

ALL = sum(POINTS.values())
EXPECTED = {"ada": ALL, "ben": 3.0, "cy": ALL, "dot": 3.0}
"""Students, and what each is to get: some store the biased variance."""


@pytest.fixture
def handed_in(classroom: Classroom) -> Classroom:
    """A course in which all have handed in."""
    for student, points in EXPECTED.items():
        classroom.hand_in(student, right() if points == ALL else wrong())
    return classroom


def start(classroom: Classroom, *options: str) -> subprocess.Popen:
    """The command, in a session of its own, as if it were alone in a terminal."""
    return subprocess.Popen(
        [sys.executable, "-m", "bncourse.grading", ASSIGNMENT, *options],
        cwd=classroom.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def graded(classroom: Classroom) -> dict[str, int]:
    """When each graded notebook was written."""
    found = classroom.folder.glob(f"autograded/*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    return {path.parts[-3]: path.stat().st_mtime_ns for path in found}


def wait_for_first_grade(classroom: Classroom, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while not graded(classroom):
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_every_submission_is_graded_and_the_class_is_summed_up(handed_in):
    told = handed_in.grade().stdout
    assert handed_in.points() == EXPECTED
    assert "biased-running-variance" in told
    page = Path(told.partition("Report on the class: ")[2].splitlines()[0]).read_text("utf-8")
    assert "biased-running-variance" in page
    pictures = [base64.b64decode(found) for found in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)]
    assert len(pictures) == 1
    for picture in pictures:
        assert ElementTree.fromstring(picture).tag.endswith("svg")

    # What is graded is graded; what comes later is added.
    before = graded(handed_in)
    handed_in.hand_in("gil", wrong())
    handed_in.grade()
    assert handed_in.points() == EXPECTED | {"gil": 3.0}
    assert {student: graded(handed_in)[student] for student in EXPECTED} == before


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_interrupted_run_goes_on_where_it_was(handed_in, how):
    process = start(handed_in, "--workers", "1")
    wait_for_first_grade(handed_in, process)
    family = psutil.Process(process.pid).children(recursive=True)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does
    else:
        process.kill()
    said = process.communicate()[0]
    assert psutil.wait_procs(family, timeout=20)[1] == [], "somebody works on for nobody"
    before = graded(handed_in)
    assert 1 <= len(before) < len(EXPECTED)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "the same command goes on from here" in said

    handed_in.grade()
    assert handed_in.points() == EXPECTED
    assert {student: graded(handed_in)[student] for student in before} == before


def test_ctrl_c_waits_until_a_grade_is_written():
    written = []
    before = signal.getsignal(signal.SIGINT)

    @uninterrupted()
    def write() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        written.append("to the end")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert written
    assert signal.getsignal(signal.SIGINT) is before


def test_dask_worker_that_is_killed_takes_no_grade_with_it(handed_in):
    cluster = DaskCluster(workers=2)
    with cluster as address:
        process = start(handed_in, "--scheduler", address)
        wait_for_first_grade(handed_in, process)
        cluster.nodes[0].kill()
        said = process.communicate(timeout=120)[0]
    assert process.returncode == 0, said
    assert handed_in.points() == EXPECTED


def test_regrade_says_whose_points_changed(classroom):
    classroom.hand_in("ada", right())
    classroom.hand_in("ben", wrong())
    # Too short a time first, which begins when the sandbox has loaded torch: nobody gets a verdict.
    classroom.grade("--wall-seconds", "0.001")
    assert classroom.points() == {"ada": 0.0, "ben": 0.0}
    told = classroom.grade("--regrade").stdout
    assert "2 of 2 have other points than before" in told
    assert "0 → 8 (+8)" in told
    assert classroom.points() == {"ada": ALL, "ben": 3.0}
    assert "0 of 1 have other points than before" in classroom.grade("--regrade", "--student", "ada").stdout


def test_without_a_sandbox_nothing_is_graded_unless_that_is_said(handed_in, tmp_path):
    bare = {"PATH": str(tmp_path)}
    command = [sys.executable, "-m", "bncourse.grading", ASSIGNMENT, "--student", "ada"]
    run = {"cwd": handed_in.folder, "capture_output": True, "text": True}
    refused = subprocess.run(command, env=environment() | bare, **run)
    assert refused.returncode == 2
    assert "bubblewrap (the command bwrap) is missing" in refused.stderr
    assert not graded(handed_in)

    allowed = subprocess.run([*command, "--unsafe-no-sandbox"], env=environment() | bare, **run)
    assert allowed.returncode == 0, allowed.stderr
    outputs = [out for cell in handed_in.graded("ada").cells for out in cell.get("outputs", [])]
    assert sum("WITHOUT a sandbox" in str(out) for out in outputs) == len(POINTS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["07-backward-pas"], "07-backward-pas"),
        ([ASSIGNMENT, "--workers", "0"], "--workers is 0; it must be at least 1"),
        ([ASSIGNMENT], "nothing was handed in"),
    ],
    ids=["an assignment that is not there", "no worker", "no submission"],
)
def test_what_cannot_be_done_is_said_in_a_sentence(classroom, options, words):
    command = [sys.executable, "-m", "bncourse.grading", *options]
    done = subprocess.run(command, cwd=classroom.folder, env=environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
