"""The questions that end each chapter: every choice says whether it is right, and why."""

import re
from typing import NamedTuple

import nbformat
import pytest
from markdown_it import MarkdownIt
from nbformat import NotebookNode

from contents import CHAPTERS

HEADING = "## Check yourself\n\nDecide first, then open your choice: each says whether it is right, and why.\n\n"

WRONG = "Not quite: "
"""How the feedback to a wrong choice begins."""

CHOICE = re.compile(r"^<details><summary>(.*?)</summary>\n\n(.*?)\n\n</details>$", re.MULTILINE | re.DOTALL)


class Question(NamedTuple):
    number: str
    text: str
    summaries: list[str]
    feedback: list[str]

    @property
    def right(self) -> list[str]:
        """The letters of the choices that are called right."""
        pairs = zip(self.summaries, self.feedback, strict=True)
        return [summary[0] for summary, feedback in pairs if feedback.startswith("Right: ")]


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def cells(request) -> list[NotebookNode]:
    """The cells with the questions of each chapter in turn."""
    notebook = nbformat.read(request.param, as_version=nbformat.NO_CONVERT)
    return [cell for cell in notebook.cells if re.fullmatch(r"check-yourself-\d", cell.id)]


@pytest.fixture
def questions(cells) -> list[Question]:
    found = []
    for cell in cells:
        head = re.match(r"\*\*(\d)\. (.*?)\*\*\n\n", cell.source.removeprefix(HEADING), re.DOTALL)
        assert head, f"{cell.id} does not begin with a number and a question"
        summaries, feedback = zip(*CHOICE.findall(cell.source), strict=True)
        found.append(Question(head[1], head[2], list(summaries), list(feedback)))
    return found


def test_the_section_is_three_to_five_questions_of_one_cell_each(cells, questions):
    assert 3 <= len(cells) <= 5
    assert cells[0].source.startswith(HEADING)
    assert {cell.cell_type for cell in cells} == {"markdown"}
    assert [cell.id for cell in cells] == [f"check-yourself-{n}" for n in range(1, len(cells) + 1)]
    assert [question.number for question in questions] == [str(n) for n in range(1, len(cells) + 1)]
    assert [question.text for question in questions if not question.text.endswith("?")] == []


def test_a_question_has_three_or_four_lettered_choices(questions):
    for question in questions:
        assert [summary[:3] for summary in question.summaries] in (["A. ", "B. ", "C. "], ["A. ", "B. ", "C. ", "D. "])
        assert len(set(question.summaries)) == len(question.summaries)


def test_each_choice_says_whether_it_is_right_and_one_is(questions):
    for question in questions:
        assert [f for f in question.feedback if not f.startswith(("Right: ", WRONG))] == []
        assert len(question.right) == 1, question.text


def test_the_right_letter_varies(questions):
    assert len({letter for question in questions for letter in question.right}) > 1


def test_no_feedback_to_a_wrong_choice_names_a_letter(questions):
    # It would give the answer away, to whoever opens one choice and goes on thinking.
    wrong = [f for question in questions for f in question.feedback if f.startswith(WRONG)]
    assert [f for f in wrong if re.search(r"\b(?:choice|answer) [A-D]\b", f)] == []


def test_a_summary_is_plain_html(questions):
    # Markdown and formulas stay as they are written there.
    for summary in (summary for question in questions for summary in question.summaries):
        text = re.sub(r"<code>[^`$<>]*</code>|&(?:lt|gt|amp);", "", summary)
        assert not re.search(r"[$`*<>&\\_]", text), summary


def test_nothing_stands_outside_of_the_question_and_its_choices(cells):
    for cell in cells:
        rest = CHOICE.sub("", cell.source.removeprefix(HEADING))
        assert re.fullmatch(r"\*\*\d\. .*?\*\*\s*", rest, re.DOTALL), cell.id


def test_choices_open_and_close_as_blocks_of_html(cells):
    # A blank line ends such a block: without one the feedback would not be read as Markdown.
    for cell in cells:
        html = [block.content for block in MarkdownIt("commonmark").parse(cell.source) if block.type == "html_block"]
        assert html[1::2] == ["</details>\n"] * (len(html) // 2 - 1) + ["</details>"]
        assert all(re.fullmatch(r"<details><summary>.*</summary>\n", opening) for opening in html[::2])
