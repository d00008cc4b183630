"""What a page tells the reader to type is run: here, line after line as the page has it, or in a test that is named.

A command that a page adds is in neither list, and fails the first test until somebody has said how it is run.
"""

import ast
import csv
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

import identity
from building import ROOT
from commands import environment
from test_typed_commands import PAGES

RECIPE = "From a clone to a graded assignment"

HERE = {
    "guides/teaching.md": [RECIPE],
    "CONTRIBUTING.md": ["Set up", "Edit a chapter", "Add an assignment"],
}
"""Sections whose commands the tests below run."""

BROWSED = re.compile(r"(\S*/)?jupyter lab( \w+)?$|course\\Scripts\\jupyter lab$")
"""Starts a server that runs until it is ended."""

INSTALLED = {
    r"make setup": ".ci/run",
    r"source \.venv/bin/activate": ".ci/run",
}
"""What every run of the tests has done before it begins."""

ELSEWHERE = INSTALLED | {
    r"make test": ".ci/run",
    r"make book": "tests/conftest.py::builds",
    r"make serve": "tests/conftest.py::builds",
    r"make check": "tests/test_typed_sessions.py::test_make_check_takes_some_of_the_tests",
    r"make exercises": "tests/exercises/test_exercises.py"
    "::test_exercises_are_what_make_exercises_makes_of_the_solutions",
    r"make check-checks MUTANTS=\d+": "tests/checks/test_mutation.py",
    r"make release VERSION=\S+": "tests/test_identity.py::test_a_release_writes_its_version_everywhere",
    r"make rename URL=\S+ TITLE=.*": "tests/test_identity.py::test_a_fork_is_renamed_everywhere",
    r"sudo (mkdir -p|chmod \d+) \S+": "benchmarks/hub.py",
    r"sudo sysctl \S+": ".github/workflows/test.yml",
    # In the environment of a learner, on the machines of the workflow.
    r"python3 -m venv course|py -m venv course|uv venv --python \S+ course": ".github/workflows/release.yml",
    r"course\S+python -m pip install .*\.whl|uv pip install --python course .*\.whl": ".github/workflows/release.yml",
    r"nbgrader fetch_assignment \S+": "tests/grading/test_nbgrader_path.py::test_from_release_to_export",
    r"nbgrader generate_feedback \S+": "tests/test_typed_sessions.py::test_an_instructor_types_the_recipe",
    r"python -m bncourse\.grading \S+": "tests/test_typed_sessions.py::test_an_instructor_types_the_recipe",
    r"python -m bncourse\.course (collect|return) .*": "tests/grading/test_collecting.py"
    "::test_a_class_of_30_is_accounted_for_and_gets_back_what_it_earned",
    r"python -m bncourse\.course points .*": "tests/grading/test_report_page.py"
    "::test_several_answers_get_their_points_at_once_or_nobody_does",
    r"python -m bncourse\.grading \S+ --db postgresql\S+": "tests/grading/test_postgresql.py"
    "::test_grades_go_into_postgresql",
    r"(dask (scheduler|worker) .*|python -m bncourse\.grading \S+ --scheduler \S+)": "tests/grading/test_command.py"
    "::test_dask_worker_that_is_killed_takes_no_grade_with_it",
    r"python -m bncourse\.grading \S+ --regrade": "tests/grading/test_command.py"
    "::test_regrade_says_whose_points_changed",
}
"""Patterns of commands, with what runs each: a test, a fixture, or a workflow."""


def blocks(page: str, section: str | None = None) -> list[str]:
    """The blocks of commands of a page, or of one of its sections."""
    text = (ROOT / page).read_text("utf-8")
    if section is not None:
        found = re.search(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", text, flags=re.DOTALL | re.MULTILINE)
        assert found, f"{page} has no section {section!r}"
        text = found[1]
    return re.findall(r"^```(?:sh|bash|powershell)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def commands(block: str) -> list[str]:
    """The commands of a block, one by one."""
    return [part.strip() for line in block.splitlines() for part in line.split(" && ") if part.strip()]


def run_here(page: str) -> list[str]:
    """The commands of a page that this file runs, in their order."""
    return [command for name in HERE[page] for block in blocks(page, name) for command in commands(block)]


def run_by(command: str) -> str | None:
    """What runs a command that is not run here."""
    return next((where for pattern, where in ELSEWHERE.items() if re.fullmatch(pattern, command)), None)


def test_every_command_of_every_page_is_run_by_something():
    here = {
        command for page, names in HERE.items() for name in names for b in blocks(page, name) for command in commands(b)
    }
    typed = {command for page in PAGES for block in blocks(page) for command in commands(block)}
    left = {command for command in typed - here if not BROWSED.fullmatch(command) and run_by(command) is None}
    assert not left, "say in HERE or ELSEWHERE what runs these"
    assert {pattern for pattern in ELSEWHERE if not any(re.fullmatch(pattern, command) for command in typed)} == set()


@pytest.mark.parametrize("where", sorted(set(ELSEWHERE.values())))
def test_what_is_named_as_running_a_command_is_there(where):
    path, _, name = where.partition("::")
    text = (ROOT / path).read_text("utf-8")
    if name:
        assert name in {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    "command", sorted({c for page in PAGES for b in blocks(page) for c in commands(b) if c.startswith("make ")})
)
def test_make_knows_what_to_do(command):
    done = subprocess.run(
        ["bash", "-c", command.replace("make ", "make --dry-run ", 1)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds this checkout's files, as one commit."""
    place = tmp_path_factory.mktemp("repository") / "bncourse"
    made = shutil.ignore_patterns(
        ".git", ".venv", "_build", "node_modules", "dist", ".*_cache", "__pycache__", "htmlcov"
    )
    shutil.copytree(ROOT, place, ignore=made, symlinks=True)
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "The course"]):
        subprocess.run([*git, *words], cwd=place, check=True, capture_output=True)
    return place


def session(repository: Path, folder: Path, lines: list[str]) -> str:
    """Type lines into one shell, as somebody does who has cloned the repository; the first that fails ends it."""
    addresses = [identity.read().url, f"https://github.com/YOU/{identity.read().name}"]
    git = {"GIT_CONFIG_COUNT": str(len(addresses))}
    for number, address in enumerate(addresses):
        git |= {
            f"GIT_CONFIG_KEY_{number}": f"url.{repository.as_uri()}.insteadOf",
            f"GIT_CONFIG_VALUE_{number}": address,
        }
    # `make setup` has made the environment that runs this test: the clone gets that one.
    # It is complete, whatever the times of the clone's files: make is not to install the clone's package into it.
    made = f'ln -s "{sys.prefix}" .venv && touch .venv/.complete'
    typed = [made if line == "make setup" else re.sub("^nano ", "sed -i s/hockey/HOCKEY/ ", line) for line in lines]
    done = subprocess.run(
        ["bash", "-e"],
        input="\n".join(typed),
        cwd=folder,
        env=environment() | git | {"HOME": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


@pytest.mark.whole
def test_an_instructor_types_the_recipe(repository, tmp_path):
    lines = run_here("guides/teaching.md")
    assert "jupyter lab" in lines
    session(repository, tmp_path, [line for line in lines if line != "jupyter lab"])
    course = tmp_path / "mycourse"
    assert (course / "exercises/06-running-statistics/06-running-statistics.ipynb").is_file()
    assert (course / "feedback/ada/06-running-statistics/06-running-statistics.html").is_file()
    with (course / "grades.csv").open(newline="") as file:
        (grade,) = csv.DictReader(file)
    assert (grade["student_id"], grade["duedate"][:10]) == ("ada", "2027-01-31")
    assert float(grade["score"]) == 8  # all that the checks give; the answer in words has 2 more
    # None of what this made is offered for adding to the repository.
    status = subprocess.run(["git", "status", "--porcelain"], cwd=course, capture_output=True, text=True, check=True)
    assert [line for line in status.stdout.splitlines() if line != "?? .venv"] == []


@pytest.mark.whole
def test_a_contributor_types_what_the_page_says(repository, tmp_path):
    lines = [c for name in ("Set up", "Edit a chapter") for b in blocks("CONTRIBUTING.md", name) for c in commands(b)]
    chapter = next(m[0] for line in lines if (m := re.search(r"chapters/\S+\.ipynb", line)))
    markdown = next(m[1] for line in lines if (m := re.search(r"(/tmp/\S+\.md)", line)))
    own = str(tmp_path / "chapter.md")
    session(repository, tmp_path, [line.replace(markdown, own) for line in lines if not BROWSED.fullmatch(line)])
    clone = tmp_path / identity.read().name
    before, after = (nbformat.read(place / chapter, as_version=4) for place in (ROOT, clone))
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]
    assert after.metadata == before.metadata
    assert (clone / ".git/hooks/pre-commit").is_file()


@pytest.mark.whole
@pytest.mark.parametrize("kind", ["check", "asserts"])
def test_an_assignment_of_ones_own_is_laid_out_and_graded(kind, repository, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(repository, clone)
    lines = [command for block in blocks("CONTRIBUTING.md", "Add an assignment") for command in commands(block)]
    others = "KIND=asserts" if kind == "check" else r"NAME=\S+$"
    # The tests that it names are run by themselves.
    lines = [line for line in lines if not re.search(others, line) and not line.startswith("make check")]
    # The environment has the package of this checkout; the assignment is in that of the clone.
    lines = ["make setup", f"export PYTHONPATH={clone}/src", *lines, "nbgrader export"]
    session(repository, clone, lines)
    with (clone / "grades.csv").open(newline="") as file:
        (grade,) = csv.DictReader(file)
    assert (grade["assignment"], float(grade["score"])) == ("17-my-topic", 8)


@pytest.mark.whole
def test_jupyter_lab_starts_with_the_formgrader_that_the_page_speaks_of(tmp_path):
    lab = [str(Path(sys.executable).with_name("jupyter")), "lab"]
    env = environment() | {"HOME": str(tmp_path)}
    listed = subprocess.run(
        [lab[0], "labextension", "list"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert re.search(r"nbgrader\S* v[\d.]+ .*enabled", listed.stdout), listed.stdout
    root = ["--allow-root"] if os.geteuid() == 0 else []
    log = tmp_path / "log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [*lab, "--no-browser", "--ip=127.0.0.1", "--port=0", *root], cwd=tmp_path, env=env, stdout=file, stderr=file
        )
        try:
            end = time.monotonic() + 120
            while "/lab?token=" not in log.read_text("utf-8"):
                assert server.poll() is None, log.read_text("utf-8")
                assert time.monotonic() < end, log.read_text("utf-8")
                time.sleep(0.2)
            assert "nbgrader" in log.read_text("utf-8")
        finally:
            server.terminate()
            server.wait(60)


@pytest.mark.whole
def test_make_check_takes_some_of_the_tests():
    done = subprocess.run(
        ["make", "check", "TESTS=tests/test_tables.py"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"Success: no issues found in \d+ source files", done.stdout)
    assert re.search(r"^=+ \d+ passed", done.stdout, flags=re.MULTILINE)
