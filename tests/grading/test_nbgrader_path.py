"""The whole way of an assignment with nbgrader's own commands, through a real exchange, to the exported grade."""

import re
import shutil
import stat
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import nbformat
import pytest
from classroom import (
    ASSIGNMENT,
    Classroom,
    as_bytes,
    right,
    wrong,
)
from nbgrader.api import Gradebook
from playwright.sync_api import sync_playwright

from bncourse.grading.course import OUTCOME
from browsing import launch_browser
from building import ROOT
from commands import environment, nbgrader

TOKEN = "a-token-of-this-test"


class Exchange:
    """A course with an exchange folder, and students with folders and accounts of their own."""

    def __init__(self, classroom: Classroom, folder: Path) -> None:
        self.course = classroom
        self.root = folder / "exchange"
        self.root.mkdir(mode=0o777)
        self.root.chmod(0o777)
        self.home = folder
        with (classroom.folder / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.Exchange.root = {str(self.root)!r}\n")

    def instructor(self, *command: str) -> str:
        """Run a command in the course's folder."""
        return nbgrader(self.course.folder, *command).stdout

    def student(self, name: str, *command: str) -> str:
        """Run a command in a student's folder."""
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        (folder / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            "c.CourseDirectory.course_id = 'bncourse'\n"
            f"c.Exchange.root = {str(self.root)!r}\n"
            f"c.Exchange.cache = {str(folder / 'cache')!r}\n"
        )
        return nbgrader(folder, *command, ASSIGNMENT, f"--student={name}").stdout

    def hand_in(self, name: str, notebook: dict) -> None:
        """Fetch, write, submit."""
        path = self.home / name / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
        if not path.exists():
            self.student(name, "fetch_assignment")
        path.write_bytes(as_bytes(notebook))
        self.student(name, "submit")


@pytest.fixture
def exchange(classroom: Classroom, tmp_path: Path) -> Exchange:
    return Exchange(classroom, tmp_path)


def test_from_release_to_export(exchange):
    folder = exchange.course.folder
    exchange.instructor("db", "assignment", "add", ASSIGNMENT, "--duedate=2001-01-01 12:00:00 UTC")
    exchange.instructor("generate_assignment", ASSIGNMENT, "--force")
    exchange.instructor("release_assignment", ASSIGNMENT)

    exchange.hand_in("ada", right(why_answer="Because a large batch is like all data."))
    exchange.hand_in("ben", wrong())
    exchange.instructor("collect", ASSIGNMENT)
    exchange.course.grade()
    assert exchange.course.points() == {"ada": 8.0, "ben": 3.0}

    # Ben reads his feedback, fixes the layer and hands in again.
    exchange.instructor("generate_feedback", ASSIGNMENT)
    exchange.instructor("release_feedback", ASSIGNMENT)
    exchange.student("ben", "fetch_feedback")
    assert (folder / "autograded" / "ben" / ASSIGNMENT / OUTCOME).is_file()
    assert list(folder.glob(f"feedback/*/*/{OUTCOME}")) == []  # the instructor's, whoever hands that folder out
    files = [path for path in (exchange.home / "ben" / ASSIGNMENT / "feedback").rglob("*") if path.is_file()]
    (page,) = files
    assert page.suffix == ".html"
    assert "biased-running-variance" in page.read_text("utf-8")
    exchange.hand_in("ben", right())
    exchange.instructor("collect", ASSIGNMENT, "--update")
    exchange.instructor("autograde", ASSIGNMENT)
    assert exchange.course.points() == {"ada": 8.0, "ben": 8.0}

    grade_by_hand(folder, "ada", points=1.5)
    assert exchange.course.exported() == {"ada": 9.5, "ben": 8.0}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "bncourse") as gradebook:
        late = [s.total_seconds_late for s in gradebook.assignment_submissions(ASSIGNMENT)]
    assert min(late) > 20 * 365 * 24 * 3600


def grade_by_hand(folder: Path, student: str, points: float) -> None:
    """Give points for the written answer in the formgrader, in a real browser."""
    extensions = {"nbgrader.server_extensions.formgrader": True}
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--ServerApp.ip=127.0.0.1", "--port=0"),
            *("--allow-root", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.jpserver_extensions={extensions}"),
            *(f"--ServerApp.root_dir={folder}", "--ServerApp.port_retries=0"),
        ],
        cwd=folder,
        env=environment() | {"HOME": str(folder), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = ""
        for line in server.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                address = found.group()
                break
        wait_for(f"{address}api?token={TOKEN}")
        with sync_playwright() as playwright, launch_browser(playwright) as browser:
            page = browser.new_page()
            page.goto(f"{address}tree?token={TOKEN}")  # as the address that the server prints: it logs in
            page.goto(f"{address}formgrader/gradebook/{ASSIGNMENT}/{ASSIGNMENT}")
            with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "bncourse") as gradebook:
                submission = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).id
            page.goto(f"{address}formgrader/submissions/{submission}/?index=0")
            page.wait_for_function("formgrader.grades && formgrader.grades.loaded")  # what is typed earlier is lost
            score = page.locator("input#why-answer")
            score.fill(str(points))
            score.press("Tab")
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                with Gradebook(f"sqlite:///{folder / 'gradebook.db'}", "bncourse") as gradebook:
                    found = gradebook.find_grade("why-answer", ASSIGNMENT, ASSIGNMENT, student).manual_score
                if found == points:
                    return
                page.wait_for_timeout(200)
            raise AssertionError("the formgrader did not save the points")
    finally:
        server.terminate()
        server.wait()
        server.stderr.close()


def wait_for(address: str) -> None:
    """Until a server answers."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{address} does not answer")


def saved_from_colab(notebook: dict) -> dict:
    """What Colab makes of a notebook: metadata of its own, another kernel, ids in the metadata of cells."""
    notebook["metadata"] = {
        "colab": {"provenance": [], "name": "06-running-statistics.ipynb", "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"},
        "language_info": {"name": "python", "version": "3.12.11"},
        "accelerator": "GPU",
    }
    notebook["nbformat_minor"] = 0
    for i, cell in enumerate(notebook["cells"]):
        cell.pop("id", None)
        cell["metadata"] |= {"id": f"id{i}", "outputId": "0", "colab": {"base_uri": "https://localhost:8080/"}}
    return notebook


CANVAS = {
    "lovelaceada_4101_90001_06-running-statistics.ipynb": right(),
    "babbagecharles_LATE_4102_90002_06-running-statistics-1.ipynb": wrong(),
    "hoppergrace_4103_90003_Copy_of_06-running-statistics_(1).ipynb": right(),
    "turingalan_4104_90004_homework.ipynb": right(),
}
MOODLE = {
    "Ada Lovelace_4101_assignsubmission_file_/06-running-statistics.ipynb": right(),
    "Charles Babbage_4102_assignsubmission_file_/06-running-statistics (1).ipynb": wrong(),
    "Grace Hopper_4103_assignsubmission_file_/Copy of 06-running-statistics.ipynb": right(),
    "Alan Turing_4104_assignsubmission_file_/homework.ipynb": right(),
}


@pytest.mark.parametrize("files", [CANVAS, MOODLE], ids=["Canvas", "Moodle"])
def test_zip_from_a_learning_platform(classroom, files):
    archive = classroom.folder / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as file:
        for name, notebook in files.items():
            file.writestr(name, as_bytes(saved_from_colab(notebook)))
    log = nbgrader(classroom.folder, "zip_collect", ASSIGNMENT).stdout
    assert "homework.ipynb" in log  # named, and not taken for somebody's
    assert sorted(path.name for path in (classroom.folder / "submitted").iterdir()) == ["4101", "4102", "4103"]
    assert "homework.ipynb" in str(list((classroom.folder / "downloaded" / ASSIGNMENT / "extracted").rglob("*")))

    classroom.grade()
    assert classroom.points() == {"4101": 8.0, "4102": 3.0, "4103": 8.0}


@pytest.mark.parametrize("name", ["../../../../../outside.ipynb", "../../../gradebook.db", "/{folder}/outside.ipynb"])
def test_paths_in_a_zip_lead_nowhere_else(classroom, name):
    archive = classroom.folder / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as file:
        file.writestr(name.format(folder=classroom.folder.parent), as_bytes(right()))

    def rest() -> dict[Path, bytes]:
        files = [path for path in classroom.folder.parent.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files if "downloaded" not in path.parts}

    before = rest()
    nbgrader(classroom.folder, "zip_collect", ASSIGNMENT, check=False)  # it may refuse
    after = rest()
    assert {path: after.get(path) for path in before} == before
    assert not any(path.name in ("outside.ipynb", f"{ASSIGNMENT}.ipynb") for path in after.keys() - before.keys())


def test_link_in_a_zip_is_not_followed(classroom):
    archive = classroom.folder / "downloaded" / ASSIGNMENT / "archive"
    archive.mkdir(parents=True)
    link = zipfile.ZipInfo(f"evil_4105_90005_{ASSIGNMENT}.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    secret = classroom.folder / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
    with zipfile.ZipFile(archive / "submissions.zip", "w") as file:
        file.writestr(link, str(secret))
    nbgrader(classroom.folder, "zip_collect", ASSIGNMENT)
    (collected,) = (classroom.folder / "submitted" / "4105" / ASSIGNMENT).glob("*.ipynb")
    assert not collected.is_symlink()
    assert collected.read_bytes() == str(secret).encode()  # the text of the link, and not what it leads to


def test_graded_notebook_and_feedback_run_nothing_of_the_learner(classroom):
    script = "<script>document.title = 'taken over'</script><img src=x onerror=alert(1)>"
    notebook = right(why_answer=f"An answer. {script} [link](javascript:alert(1))")
    show = f"from IPython.display import HTML, Javascript, display\ndisplay(HTML({script!r}), Javascript('alert(1)'))"
    notebook["cells"].append(nbformat.v4.new_code_cell(show))
    classroom.hand_in("eve", notebook)
    nbgrader(classroom.folder, "autograde", ASSIGNMENT)
    nbgrader(classroom.folder, "generate_feedback", ASSIGNMENT)
    (page,) = (classroom.folder / "feedback").rglob("*.html")
    written = page.read_text("utf-8")
    assert "An answer." in written
    assert "<script>document.title" not in written
    assert "onerror" not in re.sub(r"&lt;.*?&gt;", "", written)
    assert "javascript:alert" not in written
    assert "Content-Security-Policy" in written
    assert not re.findall(r"<(?:script|img|link)[^>]+(?:src|href)=[\"'](?!data:)", written), (
        "the page fetches something"
    )
    kinds = {
        kind
        for cell in classroom.graded("eve").cells
        for out in cell.get("outputs", [])
        for kind in out.get("data", {})
    }
    assert kinds <= {"text/plain", "image/png", "image/jpeg"}


SEEN_OF_BEN = ("biased-running-variance", "running-variance-off")
"""What is wrong with the layer, and what comes of it where it is plugged in."""


def test_stock_nbgrader_gives_the_solution_full_marks(tmp_path):
    # Without this course's grading: another instructor may use the assignments as they are.
    shutil.copytree(ROOT / "solutions" / ASSIGNMENT, tmp_path / "source" / ASSIGNMENT)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'stock'\n")
    nbgrader(tmp_path, "generate_assignment", ASSIGNMENT)
    classroom = Classroom(tmp_path)
    classroom.hand_in("ada", right())
    classroom.hand_in("ben", wrong())
    nbgrader(tmp_path, "autograde", ASSIGNMENT, JUPYTER_PLATFORM_DIRS="1")
    assert classroom.points() == {"ada": 8.0, "ben": 3.0}
    errors = [
        out.evalue for cell in classroom.graded("ben").cells for out in cell.get("outputs", []) if "evalue" in out
    ]
    assert [name in error for name, error in zip(SEEN_OF_BEN, errors, strict=True)] == [True, True]
