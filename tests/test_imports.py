"""Imports point one way: what lies lower in the package knows nothing of what lies above it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from building import ROOT
from contents import CHAPTERS

PACKAGE = ROOT / "src" / "bncourse"

ALLOWED = {
    "arguments": set(),
    "progress": set(),
    "processes": {"arguments"},
    "names": {"arguments"},
    "initialisation": {"arguments"},
    "layers": {"arguments"},
    "manual": {"arguments", "initialisation", "progress", "names"},
    "models": {"arguments", "initialisation", "layers"},
    "training": {"arguments", "progress", "names", "layers", "models"},
    "diagnostics": {"arguments", "layers"},
    "plots": {"diagnostics"},
    "movable": {"plots"},
    "schematics": {"plots"},
    "tables": set(),
    "lab": {"names", "plots"},
    "faulty": set(),
    "plugged": {"names"},
    "observing": {"faulty", "plugged"},
    "judging": {"faulty", "layers", "manual", "observing", "plugged"},
    "checks": {"observing", "judging"},
    "grading": {"observing", "judging"},
    "course": {"grading"},
}
"""Per module or folder what it may import of the package besides itself."""


def imported(source: str) -> set[str]:
    """The modules and folders of the package that Python code imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute, so that one sees where they point"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    parts = [name.split(".") for name in names]
    return {part[1] for part in parts if part[0] == "bncourse" and len(part) > 1}


def files(module: str) -> list[Path]:
    """The files of a module or folder of the package."""
    return [PACKAGE / f"{module}.py"] if (PACKAGE / f"{module}.py").exists() else [*(PACKAGE / module).rglob("*.py")]


def test_every_module_has_its_place():
    found = {path.stem for path in PACKAGE.iterdir() if not path.name.startswith(("__", "py.typed"))}
    assert found == set(ALLOWED)


@pytest.mark.parametrize("module", ALLOWED)
def test_imports_point_down(module):
    used = set.union(*(imported(path.read_text("utf-8")) for path in files(module)))
    # `from bncourse.layers import Linear` names no module of that name; what is no module is no import of one.
    assert (used & set(ALLOWED)) - {module} <= ALLOWED[module]


def test_what_observes_imports_nothing_else_of_the_package():
    # It runs beside the learner's code, so neither an answer nor a finished layer may be within its reach.
    used = set.union(*(imported(path.read_text("utf-8")) for path in files("observing")))
    # The networks to be diagnosed are none: their layers are faulty, and which has which fault is drawn. The network
    # that a learner's parts are plugged into has no layer of its own.
    assert not (used & set(ALLOWED)) - {"observing", "faulty", "plugged"}


def python(code: str, **variables: str) -> subprocess.CompletedProcess:
    """Run code in a Python of its own."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | variables)


LOADED = """
import sys
from bncourse import checks
print(*sorted({name.split(".")[1] for name in sys.modules if name.startswith("bncourse.")}))
"""


@pytest.mark.whole
def test_in_the_sandbox_the_checks_load_what_observes_and_nothing_else():
    assert python(LOADED, BNCOURSE_SANDBOX="1").stdout.split() == ["checks", "observing", "plugged"]
    assert "judging" in python(LOADED).stdout.split()


def test_a_broken_import_outside_of_the_sandbox_is_an_error_that_says_so():
    code = "import sys; sys.modules['bncourse.layers'] = None; from bncourse import checks; print(checks.linear)"
    broken = python(code)
    assert broken.returncode != 0
    assert "bncourse.layers" in broken.stderr.splitlines()[-1]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_no_chapter_needs_the_checks_or_the_grading(path):
    # So that a fixed check does not have every chapter executed again; see _ext/course_site/execution.py.
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(c.source for c in cells if c.cell_type == "code" and "%pip" not in c.source)
    lines = [line for line in code.splitlines() if not line.lstrip().startswith(("%", "!"))]
    assert not {"checks", "observing", "judging", "grading"} & imported("\n".join(lines))
