"""The notebooks as they are stored: reviewable, at home everywhere, and legible wherever notebooks are shown."""

import re
from itertools import pairwise

import nbformat
import pytest
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode

from building import ROOT

NOTEBOOKS = sorted(ROOT.glob("chapters/*.ipynb"))

FIRST_CODE_CELL = """\
# Installs the course's package where it is missing, as on Colab; elsewhere there is nothing to do.
from importlib.util import find_spec

if find_spec("bncourse") is None:
    %pip install --quiet "bncourse @ git+{url}"
"""
"""What the first code cell of every notebook is; the URL is that of _config.yml."""

TAGS = {"hide-input", "hide-output", "remove-cell", "remove-input", "remove-output"}

MYST = {
    "a role": r"\{[\w:+-]+\}`",
    "a substitution": r"\{\{.*\}\}",
    "a directive": r"^:::",
    "a label": r"^\(\S+\)=$",
    "a comment": r"^%",
}
"""What MyST takes for more than text, and every other reader of notebooks shows as it stands."""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request) -> NotebookNode:
    """Each chapter in turn, as it lies in the file."""
    return nbformat.read(request.param, as_version=nbformat.NO_CONVERT)


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


def test_the_contents_list_every_notebook_in_order():
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    listed = [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    assert [page for page in listed if page.startswith("chapters/")] == [f"chapters/{path.stem}" for path in NOTEBOOKS]


def test_notebook_is_valid(notebook):
    # That each cell has an id of its own is part of this.
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)


def test_first_code_cell_installs_the_package_from_the_repository(notebook, config):
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.source == FIRST_CODE_CELL.format(url=config["repository"]["url"]).rstrip("\n")
    assert first.metadata == {"tags": ["remove-cell"]}


def test_nothing_of_a_run_is_stored(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


def test_metadata_is_the_course_s_and_not_an_editor_s(notebook):
    assert notebook.metadata.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook.metadata.language_info == {"name": "python"}
    assert set(notebook.metadata) <= {"description", "kernelspec", "language_info"}
    for cell in notebook.cells:
        assert set(cell.metadata) <= {"mystnb", "tags"}, cell.id
        assert set(cell.metadata.get("tags", [])) <= TAGS, cell.id


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


def test_links_work_on_the_site_and_on_github_and_in_colab(notebook):
    targets = [span.attrGet("href") or span.attrGet("src") or "" for span in spans(notebook)]
    targets += re.findall(r'(?:href|src)="([^"]*)"', markdown(notebook))
    pages = {path.name for path in NOTEBOOKS} | {"../index.md", "../references.md"}
    wrong = [t for t in targets if t and not t.startswith(("https://", "#")) and t.partition("#")[0] not in pages]
    assert wrong == []
