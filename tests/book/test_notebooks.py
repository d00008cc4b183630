"""The notebooks as they are stored: reviewable, at home everywhere, and legible wherever notebooks are shown."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode

import identity
from building import ROOT
from contents import ASSIGNMENTS, CHAPTERS, SOLUTIONS

TAGS = {"checks", "hide-input", "hide-output", "remove-cell", "remove-input", "remove-output"}

SITE = f"{identity.read().site}/"

MYST = {
    "a role": r"\{[\w:+-]+\}`",
    "a substitution": r"\{\{.*\}\}",
    "a directive": r"^:::",
    "a label": r"^\(\S+\)=$",
    "a comment": r"^%",
}
"""What MyST takes for more than text, and every other reader of notebooks shows unchanged."""


@pytest.fixture(
    params=[*CHAPTERS, *ASSIGNMENTS, *SOLUTIONS], ids=lambda path: path.relative_to(ROOT).parts[0] + "-" + path.stem
)
def path(request) -> Path:
    """Each notebook in turn: the chapters, and the assignments with and without their solutions."""
    return request.param


@pytest.fixture
def notebook(path) -> NotebookNode:
    """The notebook as it lies in the file."""
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


def markdown(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def blocks(notebook: NotebookNode) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(markdown(notebook))


def spans(notebook: NotebookNode) -> list[Token]:
    """The parts of its paragraphs, headings, list items and cells of tables."""
    return [span for block in blocks(notebook) for span in block.children or []]


def prose(notebook: NotebookNode) -> str:
    """Its text without what stands in code and in formulas; of code in line, the backticks stay."""
    written = {"code_inline": "``", "softbreak": "\n", "hardbreak": "\n"}
    paragraphs = [
        "".join(written.get(span.type, span.content) for span in block.children or []) for block in blocks(notebook)
    ]
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "", "\n".join(paragraphs), flags=re.DOTALL)


def test_what_the_contents_list_is_there_and_in_order():
    for paths in (CHAPTERS, ASSIGNMENTS, SOLUTIONS):
        assert paths == sorted(paths)
        assert [path for path in paths if not path.is_file()] == []


def test_the_page_of_the_assignments_lists_each_with_its_minutes():
    page = (ROOT / "guides" / "exercises.md").read_text("utf-8")
    rows = re.findall(r"^\| \[(\d\d)\]\(\.\./(\S+)\) \| .* \| (\d+) \|$", page, flags=re.MULTILINE)
    expected = []
    for path in ASSIGNMENTS:
        minutes = re.search(r"\*\*10 points, about (\d+) minutes\.\*\*", path.read_text("utf-8"))[1]
        expected.append((path.stem[:2], path.relative_to(ROOT).as_posix(), minutes))
    listed = {name for _, name, _ in expected}
    assert [row for row in rows if row[1] in listed] == sorted(expected)


@pytest.mark.parametrize(
    "chapter", [path for path in CHAPTERS if path.stem in {a.stem for a in ASSIGNMENTS}], ids=lambda path: path.stem
)
def test_chapter_leads_to_its_assignment(chapter):
    text = markdown(nbformat.read(chapter, as_version=4))
    assert f"]({SITE}exercises/{chapter.stem}/{chapter.stem}.html)" in text.partition("## Write it yourself")[2]


def test_notebook_is_valid(notebook):
    # That each cell has an id of its own is part of this.
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)


def test_first_code_cell_installs_this_version_of_the_package(notebook):
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.source == identity.read().first_cell
    assert first.metadata.tags == ["remove-cell"]


def test_nothing_of_a_run_is_stored(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


def test_metadata_is_the_course_s_and_not_an_editor_s(notebook):
    assert notebook.metadata.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert set(notebook.metadata) <= {"description", "kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"cellView", "deletable", "editable", "jupyter", "mystnb", "nbgrader", "tags"}, (
            cell.id
        )
        assert set(cell.metadata.get("tags", [])) <= TAGS, cell.id


def test_what_the_site_folds_is_folded_in_jupyterlab_and_in_colab(notebook):
    for cell in notebook.cells:
        folded = bool({"hide-input", "checks"} & set(cell.metadata.get("tags", [])))
        expected = ("form", {"source_hidden": True}) if folded else (None, None)
        assert (cell.metadata.get("cellView"), cell.metadata.get("jupyter")) == expected, f"{cell.id}: run make format"


def test_headings_are_in_order_under_one_title(notebook):
    levels = [int(block.tag[1]) for block in blocks(notebook) if block.type == "heading_open"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels)), levels


def test_title_is_plain_text(notebook):
    # It also names a tab and a bookmark, where neither a formula nor code can be set.
    title = next(block.content for block in blocks(notebook) if block.type == "inline")
    assert not re.search(r"[$`*_<\[]", title), title


@pytest.mark.parametrize("what", MYST)
def test_markdown_is_what_every_reader_of_notebooks_renders(notebook, what):
    assert [line for line in prose(notebook).splitlines() if re.search(MYST[what], line)] == []


def test_no_block_of_code_is_a_directive(notebook):
    assert [block.info for block in blocks(notebook) if block.type == "fence" and "{" in block.info] == []


def test_links_work_wherever_the_notebook_is_opened(path, notebook):
    targets = [span.attrGet("href") or span.attrGet("src") or "" for span in spans(notebook)]
    targets += re.findall(r'(?:href|src)="([^"]*)"', markdown(notebook))
    # A notebook is read far from the other files: fetched into a folder of its own, uploaded, or in one's own Drive.
    assert [t for t in targets if t and not t.startswith(("https://", "#"))] == []
    own = [t.partition("#")[0].removeprefix(SITE) for t in targets if t.startswith(SITE)]
    pages = [(ROOT / page).with_suffix("") for page in own if page.endswith(".html")]
    assert [page for page in pages if not any(page.with_suffix(end).is_file() for end in (".ipynb", ".md"))] == []
    assert [page for page in own if page.startswith("solutions/")] == []
    if path in {*ASSIGNMENTS, *SOLUTIONS}:
        assert any(page.startswith("chapters/") for page in own), "nothing leads to the chapter"
