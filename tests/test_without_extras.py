"""What the package's commands say where only a learner's packages are installed."""

import re
import subprocess
import sys

import pytest

import bncourse
from building import ROOT

WITHOUT = "import runpy, sys; sys.modules[{missing!r}] = None; runpy.run_module({module!r}, run_name='__main__')"
"""A package of which ``sys.modules`` holds ``None`` is one that is not installed."""


def test_the_package_says_its_versions_and_its_commands():
    done = subprocess.run([sys.executable, "-m", "bncourse"], capture_output=True, text=True, check=True)
    assert re.match(
        rf"bncourse {re.escape(bncourse.__version__)}, with torch \S+, numpy \S+, matplotlib \S+\n", done.stdout
    )
    assert "python -m bncourse.grading --help" in done.stdout


@pytest.mark.parametrize(
    ("module", "missing"),
    [
        ("bncourse.grading", "nbgrader"),
        ("bncourse.grading", "distributed"),
        ("bncourse.grading", "nh3"),
        ("bncourse.course", "nbgrader"),
        ("bncourse.course", "babel"),
    ],
)
def test_a_command_without_its_packages_says_in_one_sentence_what_to_install(module, missing):
    code = WITHOUT.format(module=module, missing=missing)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert re.fullmatch(rf"error: .*{missing}.*: install .* pip install 'bncourse\[grade\]'\n", done.stderr)


def test_what_all_tests_share_needs_nothing_that_builds_the_book_or_grades():
    # tools/versions.py runs the tests of the package where only a learner's packages are installed.
    absent = ("sphinx", "nbgrader", "bs4", "playwright", "jupytext")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({absent})); sys.path[:0] = ['tests', 'tools']; import conftest"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
