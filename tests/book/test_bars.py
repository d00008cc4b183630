"""A chapter shows what teaches: little code at a time, one idea a page, and its promise in sight."""

import re

import nbformat
import pytest
from bars import ROOT, Bars, main_cells, measure, table

CHAPTERS = sorted(ROOT.glob("chapters/*.ipynb"))

MOST_LINES = {"07-backward-pass": 200}
"""Open lines of code, where it is not 150: there the code is the subject."""


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def test_open_code_is_short_and_narrow(path, notebook):
    bars = measure(notebook)
    assert bars.open_lines <= MOST_LINES.get(path.stem, 150)
    assert bars.longest_cell <= 25
    assert bars.widest_line <= 76


def test_main_text_is_one_sitting(notebook):
    assert measure(notebook).words <= 2200


def test_plumbing_is_folded_and_tables_are_tables(notebook):
    bars = measure(notebook)
    assert bars.open_plotting <= 5
    assert bars.padded_prints == 0


def test_the_question_comes_first_and_the_takeaway_last(notebook):
    text = "\n\n".join(cell.source for cell in main_cells(notebook) if cell.cell_type == "markdown")
    callouts = re.findall(r"^> \*\*(Question|Predict|Mistake|Takeaway)\.\*\*", text, re.MULTILINE)
    assert callouts[0] == "Question"
    assert callouts[-1] == "Takeaway"
    assert callouts.count("Question") == callouts.count("Takeaway") == 1


def test_the_takeaway_is_three_sentences(notebook):
    (takeaway,) = [
        match[1].replace("\n>", "")
        for cell in notebook.cells
        if (match := re.search(r"^> \*\*Takeaway\.\*\* (.*(?:\n>.*)*)", cell.source, re.MULTILINE))
    ]
    assert len(re.findall(r"[.!?](?=\s+[A-Z`$*]|$)", takeaway)) == 3


def test_what_guards_the_prose_stands_in_cells_of_its_own(notebook):
    bars = measure(notebook)
    assert bars.checks > 0
    for cell in notebook.cells:
        if "checks" in cell.metadata.get("tags", []):
            assert "assert" in cell.source, cell.id
            assert not re.search(r"^\s*(print|plt\.|display)\b", cell.source, re.MULTILINE), cell.id


def test_a_prediction_has_two_to_four_choices_and_few_have_none(notebook):
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    asked = re.findall(r"^> \*\*Predict\.\*\* ((?:.+\n?)(?:> .+\n?)*)((?:>\n(?:> - .+\n?)+)?)", text, re.MULTILINE)
    assert len(asked) == text.count("> **Predict.**") > 0
    offered = [choices.count("> - ") for _, choices in asked]
    assert set(offered) <= {0, 2, 3, 4}
    assert offered.count(0) <= 1
    # The browser keeps a choice under its question, and knows it by its words.
    assert len({question for question, _ in asked}) == len(asked)
    for _, choices in asked:
        lines = choices.splitlines()[1:]
        assert len(set(lines)) == len(lines)


def test_the_table_sets_each_chapter_beside_what_it_was_under_another_number():
    before = {"09-torch-nn": Bars(words=1000, longest_cell=40)}
    now = {"09-fifty-layers": Bars(words=2000, longest_cell=25), "10-torch-nn": Bars(words=900, longest_cell=23)}
    _, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table(before, now).splitlines()]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        ("09-fifty-layers", "2000", "25"),
        ("10-torch-nn", "1000 → 900", "40 → 23"),
        ("all", "1000 → 2900", "40 → 25"),
    ]
