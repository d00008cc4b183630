"""What the tests of grading share: a course of one assignment, and submissions for it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, Classroom

from bncourse.grading.assignment import Assignment
from building import ROOT
from commands import nbgrader


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    """The assignment that all of these tests grade."""
    return Assignment.load(ROOT / "solutions" / ASSIGNMENT)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder in which the assignment has been generated, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, folder / "solutions" / ASSIGNMENT)
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    return folder


@pytest.fixture
def classroom(template: Path, tmp_path: Path) -> Classroom:
    """A course folder of a test's own."""
    shutil.copytree(template, tmp_path / "course")
    return Classroom(tmp_path / "course")


@pytest.fixture(scope="session", autouse=True)
def sandbox_works() -> None:
    """Without a sandbox these tests would show nothing."""
    assert shutil.which("bwrap"), "bubblewrap is missing: `make test` installs it on Debian; else install it yourself"
    subprocess.run(["bwrap", "--unshare-net", "--ro-bind", "/", "/", "true"], check=True)
