"""What a page shows unfolded is what teaches: code of figures, checks of numbers and side roads wait behind a line.

The notebooks say what is what by means that every reader of notebooks shows well:

- a cell tagged ``hide-input`` is plumbing; the page says how much code there is, and of what;
- a cell tagged ``checks`` asserts what the prose says; the page says how many numbers are checked;
- a section whose heading begins with "Dig deeper:" is a side road;
- a quote that begins with one of the bold words of ``CALLOUTS`` is a question, a prediction, a mistake or a takeaway;
- a list of bullets in a prediction holds its choices, which the page offers as such.
"""

from __future__ import annotations

import ast
import os
import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from course_site import contents

CALLOUTS = ("Question", "Predict", "Takeaway", "Mistake")

DEEPER = "Dig deeper:"

GOALS = "After this chapter you can"
"""The line above the list of what a chapter teaches, which the page folds, so that the chapter's figure comes early."""

WORDS_A_MINUTE = 200
"""Of technical prose. Brysbaert (2019), https://doi.org/10.1016/j.jml.2019.104047, gives 238 for easy non-fiction."""

LINES_A_MINUTE = 20
"""Of code that is meant to be read."""


def setup(app: Sphinx) -> None:
    """Number the chapters when they are read, and fold what does not teach when they are written."""
    app.add_transform(NumberTitle)
    app.add_post_transform(FoldCells)
    app.add_post_transform(FoldSideRoads)
    app.add_post_transform(FoldGoals)
    app.add_post_transform(MarkCallouts)
    app.add_post_transform(LabelCells)
    app.add_post_transform(HeadOfNotebook)
    app.connect("doctree-read", measure)
    app.connect("html-page-context", link_predictions)
    app.add_js_file("folds.js", loading_method="defer")


class NumberTitle(SphinxTransform):
    """Put a chapter's number before its title, for menus, searches, bookmarks and the links to its neighbours."""

    default_priority = 500

    def apply(self, **kwargs: object) -> None:
        """Change the title, which is what everything else reads."""
        chapter = contents.CHAPTER.fullmatch(self.env.docname)
        title = next(self.document.findall(nodes.title), None)
        if chapter and title is not None:
            title.insert(0, nodes.Text(f"{int(chapter[1])}. "))


def cells(document: nodes.document) -> list[nodes.container]:
    """Return the code cells of a page."""
    return [node for node in document.findall(nodes.container) if node.get("nb_element") == "cell_code"]


def tags(cell: nodes.container) -> list[str]:
    """Return the tags of a code cell."""
    return cell.get("cell_metadata", {}).get("tags", [])


def source(cell: nodes.container) -> str:
    """Return the code of a cell, or nothing where its input was removed."""
    if not cell.children or cell.children[0].get("nb_element") != "cell_code_source":
        return ""
    return cell.children[0].astext()


def counted(number: int, word: str) -> str:
    """Return a number with its word: "1 line", "2 lines"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def asserted(code: str) -> int:
    """Return how many assertions there are in a cell, those of NumPy's and torch's own functions included."""
    nodes_of_code = list(ast.walk(ast.parse(code)))
    calls = [node.func for node in nodes_of_code if isinstance(node, ast.Call)]
    by_name = [getattr(called, "attr", getattr(called, "id", "")) for called in calls]
    return sum(isinstance(node, ast.Assert) for node in nodes_of_code) + sum(
        name.startswith("assert_") for name in by_name
    )


def lines(cell: nodes.container) -> int:
    """Return how many lines of code a cell has."""
    return source(cell).strip().count("\n") + 1


def output(cell: nodes.container) -> str:
    """Return the HTML that a cell puts out."""
    return "".join(node.astext() for node in cell.findall(nodes.raw))


def is_figure(cell: nodes.container) -> bool:
    """Return whether a cell puts out a picture of any kind."""
    drawn = any(f'class="{kind}"' in output(cell) for kind in ("movable", "lab", "schematic"))
    return drawn or next(cell.findall(nodes.image), None) is not None


def label(cell: nodes.container) -> str:
    """Return what the line says behind which a cell's code waits."""
    if "checks" in tags(cell):
        return f"{counted(asserted(source(cell)), 'number')} checked"
    length = counted(lines(cell), "line")
    if is_figure(cell):
        return f"Code of this figure ({length})"
    if "<table" in output(cell):
        return f"Code of this table ({length})"
    # Images and tables are outputs; what has no output prepares something.
    return f"Code ({length})" if len(cell.children) > 1 else f"Set-up ({length})"


class FoldCells(SphinxPostTransform):
    """Say of each folded cell what is in it; MyST-NB folds it afterwards."""

    default_priority = 190  # MyST-NB's own has 199
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Write the lines."""
        for cell in cells(self.document):
            if "checks" in tags(cell):
                cell["hide_mode"] = "input"
            if cell.get("hide_mode") == "input" and is_figure(cell) and lines(cell) == 1:
                # A single call says nothing that the figure does not show; the notebook has it.
                del cell["hide_mode"], cell.children[0]
            elif cell.get("hide_mode") == "input" and source(cell):
                cell["prompt_show"] = cell["prompt_hide"] = label(cell)


class FoldSideRoads(SphinxPostTransform):
    """Fold each section whose heading begins with "Dig deeper:", with its heading as the line that opens it."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Put the tags of an HTML fold around heading and content; the section keeps its address."""
        for section in list(self.document.findall(nodes.section)):
            if section.children and section[0].astext().startswith(DEEPER):
                section["classes"].append("side-road")
                section.insert(1, nodes.raw("", "</summary>", format="html"))
                section.insert(0, nodes.raw("", '<details class="dig-deeper"><summary>', format="html"))
                section.append(nodes.raw("", "</details>", format="html"))


class FoldGoals(SphinxPostTransform):
    """Fold the list of what a chapter teaches behind the line above it."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Put the tags of an HTML fold around line and list."""
        for line in list(self.document.findall(nodes.paragraph)):
            goals = line.next_node(descend=False, siblings=True)
            if line.astext() == GOALS and isinstance(goals, nodes.bullet_list):
                start = f'<details class="goals"><summary>{GOALS}</summary>'
                line.parent.insert(line.parent.index(goals) + 1, nodes.raw("", "</details>", format="html"))
                line.replace_self(nodes.raw("", start, format="html"))


class MarkCallouts(SphinxPostTransform):
    """Give each quote that is a callout the class of its kind."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Look at the bold words that quotes begin with."""
        for quote in self.document.findall(nodes.block_quote):
            bold = next(quote.findall(nodes.strong), None)
            word = bold.astext().rstrip(".") if bold is not None else ""
            if word in CALLOUTS and quote.astext().startswith(bold.astext()):
                quote["classes"] += ["callout", f"callout-{word.lower()}"]
                if word == "Predict" and next(quote.findall(nodes.bullet_list), None) is not None:
                    quote["classes"].append("choices")


def link_predictions(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Load the script for choices on the pages that offer some."""
    if doctree is not None and any("choices" in quote["classes"] for quote in doctree.findall(nodes.block_quote)):
        app.add_js_file("predictions.js", loading_method="defer")


LONG, SHORT = 45, 20
"""Characters of the longest cells of two columns from which on a table is one of sentences: a phone shows it row by
row. One column of long cells has the room that short ones beside it leave."""


class LabelCells(SphinxPostTransform):
    """Put the title of its column into each cell of a table of sentences; only a phone shows it."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Look at the tables that have a head."""
        for table in self.document.findall(nodes.table):
            head, body = next(table.findall(nodes.thead), None), next(table.findall(nodes.tbody), None)
            if head is None or body is None:
                continue
            titles = [entry.astext() for entry in next(head.findall(nodes.row)).findall(nodes.entry)]
            rows = [[len(entry.astext()) for entry in row.children] for row in body.findall(nodes.row)]
            longest = sorted(map(max, zip(*rows, strict=True)), reverse=True)
            if len(titles) < 3 or longest[0] < LONG or longest[1] < SHORT:
                continue
            table["classes"].append("row-by-row")
            for row in body.findall(nodes.row):
                for title, entry in list(zip(titles, row.children, strict=True))[1:]:
                    if title:
                        entry.insert(0, nodes.container("", nodes.Text(title), classes=["title-of-cell"]))


def is_folded(node: nodes.Node) -> bool:
    """Return whether a node stands in a side road or in an HTML fold."""
    while node is not None:
        if isinstance(node, nodes.section) and node.children and node[0].astext().startswith(DEEPER):
            return True
        node = node.parent
    return False


def measure(app: Sphinx, doctree: nodes.document) -> None:
    """Keep how long a page takes to read, from its words and from the lines of code that are not folded."""
    words = lines = 0
    for node in doctree.findall(lambda node: isinstance(node, (nodes.paragraph, nodes.title, nodes.math_block))):
        if not is_folded(node):
            words += len(re.findall(r"\w+", node.astext()))
    for cell in cells(doctree):
        if not {"checks", "hide-input", "remove-input", "remove-cell"} & set(tags(cell)) and not is_folded(cell):
            lines += source(cell).count("\n") + 1
    metadata = app.env.metadata[app.env.docname]
    metadata["words"], metadata["code_lines"] = words, lines
    metadata["minutes"] = max(1, round(words / WORDS_A_MINUTE + lines / LINES_A_MINUTE))


class HeadOfNotebook(SphinxPostTransform):
    """Under a notebook's title: its place in the book, its reading time, and links to Colab and its assignment."""

    default_priority = 700
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Insert the head after the title of a chapter or of an assignment."""
        book, docname = contents.read(self.env.srcdir), self.env.docname
        chapter = book.chapter(docname)
        title = next(self.document.findall(nodes.title), None)
        if title is None or not (chapter or docname.startswith("exercises/")):
            return
        facts, doors = "", [("Open in Colab", colab(self.config, docname))]
        if chapter:
            minutes = self.env.metadata[docname].get("minutes", 0)
            facts = f"Chapter {chapter.number} of {book.chapters[-1].number} · {chapter.part} · {minutes} min"
            if assignment := book.assignment(chapter):
                doors.append(("Assignment", self.app.builder.get_relative_uri(docname, assignment)))
        else:
            doors.append(("Download", f"{'../' * docname.count('/')}_sources/{docname}.ipynb"))
        links = "".join(f'<a class="door" href="{escape(to)}">{escape(text)}</a>' for text, to in doors)
        html = f'<div class="chapter-head"><p>{escape(facts)}</p><p class="doors">{links}</p></div>'
        title.parent.insert(title.parent.index(title) + 1, nodes.raw("", html, format="html"))


def colab(config: object, docname: str) -> str:
    """Return the address under which Colab opens a page's notebook, of the tag or branch that is being published."""
    options = config.html_theme_options
    repository = options["repository_url"].removeprefix("https://github.com/").strip("/")
    published = os.environ.get("BNCOURSE_REF") or options.get("repository_branch", "main")
    return f"https://colab.research.google.com/github/{repository}/blob/{published}/{docname}.ipynb"
