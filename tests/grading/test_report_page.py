"""The page that an instructor opens after grading: who, what was misunderstood, what to do about it; all offline."""

from dataclasses import replace
from pathlib import Path
from warnings import catch_warnings, simplefilter

import pytest
from bs4 import BeautifulSoup
from classroom import ASSIGNMENT, CALIBRATION_TEST, LAYER_TEST, PLUG_TEST, WRITTEN, Classroom, right, wrong
from playwright.sync_api import sync_playwright
from sqlalchemy.exc import SAWarning

from bncourse.grading.assignment import Assignment
from bncourse.grading.beside import BesideTheWork
from bncourse.grading.collecting.account import Account, Entry
from bncourse.grading.collecting.command import main
from bncourse.grading.course import Course
from bncourse.grading.page import page, write
from bncourse.grading.similar import groups
from bncourse.grading.summary import Outcome, Summary
from bncourse.judging.answers import CHECKS
from browsing import barriers, launch_browser

MISTAKE = "biased-running-variance"
SEEN = "running-variance-off"
"""What the trained network shows of it."""
LONG = "With 512 examples the statistics of the batch are close to the running ones, so it makes no difference."


def summary(assignment: Assignment) -> Summary:
    """Four who handed in, one who did not, and one whose file cannot be read."""
    names = {"a": "Zed Ark", "b<b>": "Ann <i>Lee</i>", "c": "Moe Fox", "e": "Eve Im"}
    points = {"a": 3.0, "b<b>": 8.0, "c": 10.0, "e": 3.0}
    outcomes = [
        Outcome(
            student,
            points[student],
            {LAYER_TEST: points[student] > 3, CALIBRATION_TEST: True, PLUG_TEST: points[student] > 3},
            {
                LAYER_TEST: MISTAKE if points[student] == 3 else None,
                CALIBRATION_TEST: None,
                PLUG_TEST: SEEN if points[student] == 3 else None,
            },
            remarks=["a locked cell was missing"] if student == "c" else [],
            scores={LAYER_TEST: 0.9, CALIBRATION_TEST: 1.0},
            reports={LAYER_TEST: f"running_statistics of {student}", CALIBRATION_TEST: "calibrate: right."},
            written={WRITTEN: LONG if student != "c" else "Small batches are noisy."},
        )
        for student in names
    ]
    outcomes[1] = replace(outcomes[1], written={WRITTEN: LONG.replace("512 examples", "so many")})
    entries = {
        "d": Entry("d", "Dot Gone"),
        "a": Entry("a", "Zed Ark", "graded", late=True),
        "f": Entry("f", "Gil Pdf", "unreadable", "a PDF"),
    }
    return Summary(assignment, outcomes, account=Account(assignment.name, "class.csv", entries), names=names)


def test_the_page_says_who_what_and_what_to_do(assignment: Assignment):
    read = BeautifulSoup(page(summary(assignment)), "html.parser")
    assert read.find("i") is None, "what a student is called is no HTML"
    hint = next(m.hint for c in assignment.calls[LAYER_TEST] for m in CHECKS[c.check].mistakes if m.name == MISTAKE)
    said = read.find("dd")
    assert hint in said.text
    assert "What the check sees: " in said.text
    assert [link.text for link in said.find_all("a")] == ["Eve Im (e)", "Zed Ark (a)"]
    for link in read.find_all("a", href=True):
        assert read.find(id=link["href"].removeprefix("#")) is not None, link
    lecture = read.find(id="lecture").parent.text
    assert f"{MISTAKE}: 2 of 4 (50 %). {hint}" in lecture
    head = read.find("header").text
    assert "Missing (1): Dot Gone (d)." in head
    assert "Late (1): Zed Ark (a)." in head
    rows = {row.th.text: [cell.text for cell in row.find_all("td")] for row in read.find("tbody").find_all("tr")}
    assert rows["Zed Ark (a)"] == ["graded", "late", "3", MISTAKE, "passed", SEEN, ""]
    assert rows["Moe Fox (c)"][-1] == "a locked cell was missing"
    assert rows["Gil Pdf (f)"] == ["unreadable", "", "–", "–", "–", "–", "a PDF"]
    assert rows["Dot Gone (d)"][0] == "missing"
    assert "running_statistics of b<b>" in read.find(id="reports").parent.text


def test_answers_that_are_alike_stand_together_with_the_rubric(assignment: Assignment):
    read = BeautifulSoup(page(summary(assignment)), "html.parser").find(id="written").parent
    assert "Rubric: 1 point" in read.find("pre").text
    assert "4 answers in 2 groups" in read.text
    assert read.find_all("details")[1].summary.text.startswith("3: ")
    answers = {"x": "the batch is small", "y": "The batch, is small!", "z": "no idea"}
    assert groups(answers) == [["y", "x"], ["z"]]


def test_without_a_roster_those_whom_the_gradebook_knows_are_missed(assignment: Assignment):
    one = summary(assignment)
    one.account, one.names = None, one.names | {"g": "Gus Old"}
    assert one.missing() == ["Gus Old (g)"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_works_in_a_browser_offline(width: int, assignment: Assignment, tmp_path: Path):
    write(summary(assignment), tmp_path / "page.html")
    with sync_playwright() as playwright, launch_browser(playwright) as browser:
        tab = browser.new_page(viewport={"width": width, "height": 900}, offline=True)
        problems: list = []
        tab.on("console", lambda message: problems.append(message.text))
        tab.on("request", lambda request: problems.append(request.url) if request.url.startswith("http") else None)
        tab.goto((tmp_path / "page.html").as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        column = tab.locator("table.sortable tbody tr td:nth-child(4)")
        button = tab.get_by_role("button", name="points")
        button.click()
        assert [text for text in column.all_inner_texts() if text != "–"] == ["3", "3", "8", "10"]
        button.press("Enter")
        assert [text for text in column.all_inner_texts() if text != "–"] == ["10", "8", "3", "3"]
        assert tab.locator("[aria-sort]").get_attribute("aria-sort") == "descending"
        report = tab.locator("#reports ~ details", has_text="running_statistics of a").first
        assert report.get_attribute("open") is None
        tab.locator("dd a", has_text="Zed Ark").first.click()
        assert report.get_attribute("open") is not None
        assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_keeps_nobody_out(scheme: str, assignment: Assignment, tmp_path: Path):
    write(summary(assignment), tmp_path / "page.html")
    with sync_playwright() as playwright, launch_browser(playwright) as browser:
        tab = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
        tab.goto((tmp_path / "page.html").as_uri())
        tab.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
        assert barriers(tab) == []
        tab.set_viewport_size({"width": 390, "height": 900})
        assert barriers(tab) == []
        tab.emulate_media(media="print")
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_scores_and_remarks_are_in_the_feedback_and_the_rubric_is_not(assignment: Assignment):
    verdicts = {LAYER_TEST: {"passed": False, "diagnosis": MISTAKE, "score": 0.9, "report": ""}}
    notebook = assignment.notebook
    notebook.metadata["bncourse"] = {
        "verdicts": verdicts,
        "remarks": ["the cell '<b>' was missing"],
        "answers": assignment.answers,
    }
    before = len(notebook.cells)
    feedback, _ = BesideTheWork().preprocess(notebook, {"metadata": {}})
    assert f"| {LAYER_TEST} | {MISTAKE} | 90% |" in feedback.cells[0].source
    assert r"- the cell '\<b\>' was missing" in feedback.cells[0].source
    assert "Rubric:" not in "".join(cell.source for cell in feedback.cells)
    formgrader, _ = BesideTheWork().preprocess(notebook, {"submission_id": "1"})
    at = next(i for i, c in enumerate(formgrader.cells) if c.metadata.get("nbgrader", {}).get("grade_id") == WRITTEN)
    assert "Rubric: 1 point" in formgrader.cells[at + 1].source
    assert len(notebook.cells) == before, "what is kept is as it was"


def test_grading_writes_the_page_and_links_to_the_work(classroom: Classroom):
    classroom.hand_in("ada", right(why_answer="Small batches are noisy."))
    classroom.hand_in("ben", wrong())
    classroom.grade()
    file = classroom.folder / "reports" / f"{ASSIGNMENT}.html"
    read = BeautifulSoup(file.read_text("utf-8"), "html.parser")
    links = [link["href"] for link in read.find_all("a", href=True) if not link["href"].startswith("#")]
    assert len(links) == 2
    for link in links:
        assert (file.parent / link).is_file()
    assert "Not written (1)" in read.find(id="written").parent.text
    command = next(pre.text for pre in read.find(id="written").parent.find_all("pre") if " points " in pre.text)
    assert command == f"python -m bncourse.course points {ASSIGNMENT} {WRITTEN} POINTS ada"


def test_several_answers_get_their_points_at_once_or_nobody_does(classroom: Classroom, capsys: pytest.CaptureFixture):
    course = Course(classroom.folder)
    with course.gradebook() as gradebook, catch_warnings():
        simplefilter("ignore", SAWarning)  # nbgrader's own queries bring them about
        for student in ("ada", "ben", "cyd"):
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(ASSIGNMENT, student)

    def give(*words: str) -> tuple[int, str]:
        code = main(["points", ASSIGNMENT, *words, "--course", str(classroom.folder)])
        said = capsys.readouterr()
        return code, said.out + said.err

    for words, sentence in {
        (WRITTEN, "2", "ada", "nobody"): "no answer of 'nobody' is graded",
        (WRITTEN, "3", "ada"): "give from 0 to 2",
        (LAYER_TEST, "2", "ada"): f"has no written answer '{LAYER_TEST}'; it has '{WRITTEN}'",
    }.items():
        code, said = give(*words)
        assert (code, said.count("\n")) == (2, 1)
        assert sentence in said
    assert classroom.points() == {"ada": 0, "ben": 0, "cyd": 0}
    code, said = give(WRITTEN, "1.5", "ada", "cyd", "--comment", "Name the size of the batch.")
    assert (code, said) == (0, f"{WRITTEN}: 1.5 of 2 points to 2 students: ada, cyd.\n")
    assert classroom.points() == {"ada": 1.5, "ben": 0, "cyd": 1.5}
    with course.gradebook() as gradebook:
        grade = gradebook.find_grade(WRITTEN, ASSIGNMENT, ASSIGNMENT, "cyd")
        assert not grade.needs_manual_grade
        comment = gradebook.find_comment(WRITTEN, ASSIGNMENT, ASSIGNMENT, "cyd")
        assert comment.comment == "Name the size of the batch."
