"""What the package's commands say where only a learner's packages are installed."""

import re
import subprocess
import sys

import pytest

import bncourse

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
