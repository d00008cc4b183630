"""What the package's commands say where only a learner's packages are installed."""

import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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


def extras_only() -> list[str]:
    """What can be imported here only because an extra of the package is installed."""
    learners, waiting = set(), ["bncourse", "ipykernel"]  # a learner has a kernel, too
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in learners:
            learners.add(name)
            wanted = map(Requirement, requires(name) or [])
            waiting += [one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    found = packages_distributions().items()
    return [module for module, names in found if not learners & set(map(canonicalize_name, names))]


CHECKED = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(f"{{name}} is not among a learner's packages", name=name)

sys.meta_path.insert(0, Absent())
from bncourse import checks

def saturated_fraction(h, threshold=0.97):
    return (h.abs() {sign} threshold).float().mean().item()

print(checks.saturated_fraction(saturated_fraction))
"""


@pytest.mark.parametrize(("sign", "verdict"), [(">", ": right."), ("<", "not right yet")])
def test_a_check_needs_only_what_a_learner_has(sign, verdict):
    absent = extras_only()
    assert {"msgpack", "nbgrader", "pytest"} <= set(absent)
    assert not {"torch", "numpy", "IPython"} & set(absent)
    code = CHECKED.format(absent=set(absent), sign=sign)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert verdict in done.stdout
