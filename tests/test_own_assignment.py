"""``make assignment``: what it lays out works as it is, and it writes over nothing."""

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import bncourse.judging.answers
import bncourse.observing.tasks
from assignment import NotLaidOut, lay_out
from bncourse.grading.assignment import Assignment
from building import ROOT

NAME = "98-centred-columns"


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    """What of a fork the command reads and writes."""
    for path in ("_config.yml", "nbgrader_config.py", "src/bncourse/__init__.py", "tests/checks/drafts.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


def test_asserts_are_a_notebook_and_no_more(fork: Path):
    made = lay_out(NAME, "asserts", fork)
    assert [path.name for path in made] == [f"{NAME}.ipynb"]
    assignment = Assignment.load(made[0].parent)
    assert assignment.own_tests == {"part-test"}
    assert sum(assignment.all_points.values()) == 10
    assert "HIDDEN" not in assignment.released
    names: dict = {}
    for cell in nbformat.read(made[0], as_version=4).cells[1:]:
        if cell.cell_type == "code":
            exec(cell.source, names)


def test_a_check_comes_with_its_task_answers_and_bank_and_knows_its_mistakes(
    fork: Path, monkeypatch: pytest.MonkeyPatch
):
    made = lay_out(NAME, "check", fork)
    assert len(made) == 4
    assert (fork / "tests/checks/drafts.txt").read_text().endswith(f"\n{NAME}\n")
    shutil.copy(ROOT / "pyproject.toml", fork)
    ruff = [str(Path(sys.executable).with_name("ruff")), "check", "--no-cache", "--ignore", "I001"]
    done = subprocess.run([*ruff, *map(str, made)], cwd=fork, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    done = subprocess.run(
        [ruff[0], "format", "--check", "--diff", *map(str, made)], cwd=fork, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    package = fork / "src" / "bncourse"
    monkeypatch.setattr(bncourse.observing.tasks, "__path__", [str(package / "observing" / "tasks")])
    monkeypatch.setattr(bncourse.judging.answers, "__path__", [str(package / "judging" / "answers")])
    check = importlib.import_module("bncourse.judging.answers.exercise_98_centred_columns").centred_columns
    head, *bank = re.split(r"^# %% ", made[3].read_text("utf-8"), flags=re.MULTILINE)
    tried = 0
    for part in bank:
        mark, _, source = part.partition("\n")
        kind, _, title = mark.partition(": ")
        if kind != "elsewhere":
            names: dict = {}
            exec(head + source, names)
            report = check(names["centred_columns"])
            assert report.diagnosis == (None if kind == "right" else title.partition(",")[0]), report
            tried += 1
    assert tried == 6


def test_a_module_that_only_learners_need_may_be_imported(fork: Path):
    (path,) = lay_out(NAME, "asserts", fork)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = re.sub(r"torch\.mean\(x, dim=0\)", "x.mean(0)", cell.source)
        if cell.id == "part-test":
            cell.source = "assert centred_columns"
    nbformat.write(notebook, path)
    shutil.copy(ROOT / "pyproject.toml", fork)
    ruff = [str(Path(sys.executable).with_name("ruff")), "check", "--no-cache", str(path)]
    done = subprocess.run(ruff, cwd=fork, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("7-topic", "check", "give two digits and words in lower case"),
        ("../17-topic", "check", "give two digits"),
        ("17-Topic", "check", "give two digits"),
        ("17-topic", "quiz", "give KIND=check or KIND=asserts"),
        (NAME.replace("centred", "other"), "check", f"there is an assignment {NAME} with that number"),
    ],
)
def test_what_cannot_be_laid_out_costs_one_sentence(name: str, kind: str, words: str, fork: Path):
    lay_out(NAME, "asserts", fork)
    before = sorted(fork.rglob("*"))
    with pytest.raises(NotLaidOut, match=words):
        lay_out(name, kind, fork)
    assert sorted(fork.rglob("*")) == before
