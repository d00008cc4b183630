"""A course folder with students in it, and the words in which the tests of grading talk about them."""

import csv
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from building import ROOT
from commands import environment, nbgrader

ASSIGNMENT = "06-running-statistics"
LAYER, CALIBRATION, WRITTEN = "batchnorm-code", "calibrate-code", "why-answer"
"""The cells that the learner fills in."""

LAYER_TEST, CALIBRATION_TEST, PLUG_TEST = "batchnorm-test", "calibrate-test", "plug-test"
POINTS = {LAYER_TEST: 4.0, CALIBRATION_TEST: 3.0, PLUG_TEST: 1.0}

RIGHT_LAYER = """
class BatchNorm1d(nn.Module):
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = nn.Parameter(torch.ones(dim)), nn.Parameter(torch.zeros(dim))
        self.register_buffer("running_mean", torch.zeros(dim))
        self.register_buffer("running_var", torch.ones(dim))

    def forward(self, x):
        if self.training:
            if len(x) < 2:
                raise ValueError("a batch of one")
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * len(x) / (len(x) - 1)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
"""
WRONG_LAYER = RIGHT_LAYER.replace(" * len(x) / (len(x) - 1)", "")
"""It stores the biased variance."""

RIGHT_CALIBRATION = """
def calibrate(layer, batches):
    rows = torch.cat(list(batches)).detach()
    layer.running_mean, layer.running_var = rows.mean(0), rows.var(0)
    return rows.mean(0), rows.var(0)
"""


def submission(**texts: str) -> dict:
    """The released notebook, as JSON, with texts in the cells; underscores stand for the dashes in their names."""
    notebook = json.loads((ROOT / "exercises" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text("utf-8"))
    for name, text in texts.items():
        cell_of(notebook, name.replace("_", "-"))["source"] = text
    return notebook


def cell_of(notebook: dict, name: str) -> dict:
    """The cell with an nbgrader id."""
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


def right(**more: str) -> dict:
    """A submission with everything right."""
    return submission(**{"batchnorm_code": RIGHT_LAYER, "calibrate_code": RIGHT_CALIBRATION} | more)


def wrong() -> dict:
    """A submission with a mistake in the layer."""
    return right(batchnorm_code=WRONG_LAYER)


def as_bytes(notebook: dict) -> bytes:
    """As it lies in the file."""
    return json.dumps(notebook).encode()


@dataclass
class Classroom:
    """A course folder."""

    folder: Path

    def hand_in(self, student: str, notebook: dict | bytes, name: str = f"{ASSIGNMENT}.ipynb") -> Path:
        """Put a student's work where `nbgrader collect` puts it."""
        folder = self.folder / "submitted" / student / ASSIGNMENT
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(notebook if isinstance(notebook, bytes) else as_bytes(notebook))
        return folder / name

    def grade(self, *options: str, check: bool = True) -> subprocess.CompletedProcess:
        """Run the instructor's command."""
        done = subprocess.run(
            [sys.executable, "-m", "bncourse.grading", ASSIGNMENT, *options],
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def points(self) -> dict[str, float]:
        """Per student what the gradebook holds."""
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}", "bncourse") as gradebook:
            return {each.student.id: each.score for each in gradebook.assignment_submissions(ASSIGNMENT)}

    def exported(self, *options: str) -> dict[str, float]:
        """Per student what `nbgrader export` writes."""
        nbgrader(self.folder, "export", "--to", "grades.csv", *options)
        with (self.folder / "grades.csv").open() as file:
            return {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}

    def graded(self, student: str) -> nbformat.NotebookNode:
        """A student's graded notebook."""
        return nbformat.read(self.folder / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)


class DaskCluster:
    """A scheduler and worker processes on this machine, started as a person would start them."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.scheduler: subprocess.Popen
        self.nodes: list[subprocess.Popen] = []

    def __enter__(self) -> str:
        dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        self.scheduler = subprocess.Popen(
            [*dask, "--no-dashboard"], stderr=subprocess.PIPE, text=True, env=environment()
        )
        address = next(m[0] for line in self.scheduler.stderr if (m := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
        for _ in range(self.workers):
            self.nodes.append(
                subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "distributed.cli.dask_worker",
                        address,
                        "--nthreads",
                        "1",
                        "--no-nanny",
                        "--no-dashboard",
                    ],
                    stderr=subprocess.DEVNULL,
                    env=environment(),
                )
            )
        return address

    def __exit__(self, *_: object) -> None:
        for process in [*self.nodes, self.scheduler]:
            process.terminate()
            process.wait()
        self.scheduler.stderr.close()
