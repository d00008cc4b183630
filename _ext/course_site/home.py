"""The home page: its text is ``index.md``; the race, the cards of the chapters and the counted facts are added here."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from course_site import contents, race

SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")

THUMBNAILS = "thumbnails"
"""The folder in ``_static`` that holds a small picture for each chapter."""


def setup(app: Sphinx) -> None:
    """Keep what the cards show while the chapters are read, and write the page and the thumbnails at the end."""
    app.connect("doctree-read", keep)
    app.add_post_transform(Home)
    app.connect("env-updated", home_depends_on_chapters)
    app.connect("html-page-context", link_script)
    app.connect("build-finished", write_thumbnails)


def keep(app: Sphinx, doctree: nodes.document) -> None:
    """Keep a chapter's question and its first figure, for its card."""
    if not contents.CHAPTER.fullmatch(app.env.docname):
        return
    metadata = app.env.metadata[app.env.docname]
    title = next(doctree.findall(nodes.title)).astext()
    metadata["question"] = re.sub(r"^\d+\. ", "", title)
    for quote in doctree.findall(nodes.block_quote):
        text = " ".join(quote.astext().split())
        if text.startswith("Question."):
            metadata["question"] = text.removeprefix("Question.").strip()
            break
    pictures = (image["uri"] for image in doctree.findall(nodes.image) if image["uri"].endswith(".svg"))
    metadata["figure"] = next(pictures, "")


def home_depends_on_chapters(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the home page again whenever a chapter has changed."""
    changed = contents.any_changed(env, [chapter.docname for chapter in contents.of(app).chapters])
    return [app.config.root_doc] if changed else []


def link_script(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Load the script of the race on the home page alone."""
    if pagename == app.config.root_doc:
        app.add_js_file("home.js", loading_method="defer")


def facts(root: Path, book: contents.Contents, metadata: dict) -> dict[str, str]:
    """Count what the page says: each number belongs to the state of the repository that is built."""
    asserts = 0
    for chapter in book.chapters:
        for cell in nbformat.read(root / f"{chapter.docname}.ipynb", as_version=4).cells:
            if cell.cell_type == "code" and "%pip" not in cell.source:
                asserts += sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source)))
    bank = "\n".join(path.read_text("utf-8") for path in root.glob("tests/checks/solutions/*.py"))
    agreement = root / "tests" / "layers" / "test_layers_agreement.py"
    layers = (
        set(
            re.findall(
                r"\bnn\.(BatchNorm[123]d|LayerNorm|GroupNorm|InstanceNorm2d|RMSNorm|Linear|Tanh|ReLU|Embedding)",
                agreement.read_text("utf-8"),
            )
        )
        if agreement.exists()
        else ()
    )
    minutes = [metadata[chapter.docname].get("minutes", 0) for chapter in book.chapters]
    return {
        "chapters": str(len(book.chapters)),
        "shortest": str(min(minutes, default=0)),
        "longest": str(max(minutes, default=0)),
        "assignments": str(sum(page.startswith("exercises/") for page in book.pages)),
        "asserts": f"{asserts:,}",
        "right": f"{len(re.findall(r'^# %% right:', bank, re.MULTILINE)):,}",
        "wrong": f"{len(re.findall(r'^# %% wrong:', bank, re.MULTILINE)):,}",
        "hostile": str(len(list(root.glob("tests/grading/corpus/hostile/*.py")))),
        "layers": str(len(layers)),
    }


class Home(SphinxPostTransform):
    """Fill the home page in."""

    default_priority = 650
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Replace the names of counted facts by their numbers, and insert the race and the cards."""
        if self.env.docname != self.config.root_doc:
            return
        book = contents.read(self.env.srcdir)
        if not book.chapters:
            return
        counted = facts(Path(self.env.srcdir), book, self.env.metadata)
        for text in list(self.document.findall(nodes.Text)):
            if "{" in text and not isinstance(text.parent, nodes.raw):
                filled = re.sub(r"\{(\w+)\}", lambda name: counted.get(name[1], name[0]), text)
                text.parent.replace(text, nodes.Text(filled))
        for section in list(self.document.findall(nodes.section)):
            if section.parent is self.document:
                section.insert(0, self.raw(self.bar(book)))
            if "three-ways-in" in section["ids"]:
                section["classes"].append("home-doors")
                section.parent.insert(section.parent.index(section), self.raw(self.hero(book)))
            elif "chapters" in section["ids"]:
                section.append(self.raw(self.cards(book)))

    def raw(self, html: str) -> nodes.raw:
        """Return a node that holds HTML."""
        return nodes.raw("", html, format="html")

    def address(self, docname: str) -> str:
        """Return how the home page links another page."""
        return escape(self.app.builder.get_relative_uri(self.config.root_doc, docname))

    def bar(self, book: contents.Contents) -> str:
        """Return the bar of the home page, which has no menu beside it."""
        pages = {"lab": "Lab", "guides/exercises": "Assignments", "guides/teaching": "Teach", "glossary": "Glossary"}
        links = "".join(
            f'<a href="{self.address(page)}">{text}</a>' for page, text in pages.items() if page in book.pages
        )
        return (
            '<nav class="home-bar" aria-label="Site"><span class="home-name"><img src="_static/favicon.svg" alt="" '
            f'width="24" height="24"> bncourse</span><a href="#chapters">Chapters</a>{links}'
            '<button type="button" class="home-search search-button__button">Search</button></nav>'
        )

    def hero(self, book: contents.Contents) -> str:
        """Return the buttons, and the race with its still picture."""
        runners = race.run(Path(self.env.srcdir), Path(self.app.outdir).parent / ".race")
        data = json.dumps({"every": race.EVERY, "namesAt": race.NAMES_AT, "runners": [vars(one) for one in runners]})
        first = book.chapters[0]
        start = self.address(first.docname)
        lab = f'<a class="door" href="{self.address("lab")}">Open the Lab</a>' if "lab" in book.pages else ""
        legend = "".join(
            f'<p><span class="race-key race-key-{name}"></span> <b>{name.upper()}</b> {escape(one.label)}: '
            f'<output data-race="loss-{name}">{one.losses[-1]:.2f}</output> '
            f'<span class="race-names" data-race="names-{name}">{escape(", ".join(one.names[-1]))}</span></p>'
            for name, one in zip("ab", runners, strict=True)
        )
        return (
            '<div class="home-start"><p class="doors">'
            f'<a class="door door-main" href="{start}">Start chapter {first.number}</a>{lab}</p></div>'
            '<figure class="race">'
            f"{race.picture(runners)}<div class='race-legend'>{legend}</div>"
            f'<figcaption><button type="button" class="door race-play" hidden>Play</button> <span>Loss of two '
            f"initialisations from the same seed, on the same minibatches (means of {race.EVERY} steps), and the names "
            "that they make up after "
            f'<output data-race="step">{race.STEPS}</output> steps. Recorded when this page was built.</span>'
            f'</figcaption><script type="application/json">{data}</script></figure>'
        )

    def cards(self, book: contents.Contents) -> str:
        """Return one card for each chapter, under the captions of the parts."""
        parts: dict[str, list[str]] = {}
        for chapter in book.chapters:
            parts.setdefault(chapter.part, []).append(self.card(book, chapter))
        return "".join(
            f'<h3>{escape(part)}</h3><ol class="cards" role="list">{"".join(cards)}</ol>'
            for part, cards in parts.items()
        )

    def card(self, book: contents.Contents, chapter: contents.Chapter) -> str:
        """Return the card of one chapter."""
        about = self.env.metadata[chapter.docname]
        picture = (
            f'<img src="_static/{THUMBNAILS}/{chapter.slug}.svg" alt="" width="300" height="200" loading="lazy">'
            if about.get("figure")
            else '<span class="card-blank"></span>'
        )
        links = ""
        if assignment := book.assignment(chapter):
            number, _, title = assignment.rpartition("/")[2].partition("-")
            own = title == chapter.slug.partition("-")[2]
            which = f'<span class="visually-hidden"> {chapter.number}</span>' if own else f" {number}: {title}"
            links = f'<a href="{self.address(assignment)}">Assignment{which}</a>'
        return (
            f'<li class="card-of-chapter">{picture}<div><p class="card-number">Chapter {chapter.number} · '
            f'{about.get("minutes", 0)} min</p><p class="card-question"><a href="{self.address(chapter.docname)}">'
            f'{escape(about.get("question", ""))}</a></p><p class="card-links">{links}</p></div></li>'
        )


def thumbnails(app: Sphinx) -> Iterator[tuple[contents.Chapter, str]]:
    """Yield each chapter that has a figure, with its first one as :func:`thumbnail` cuts it."""
    for chapter in contents.of(app).chapters:
        figure = app.env.metadata[chapter.docname].get("figure")
        source = Path(app.srcdir) / figure if figure else None
        if source is not None and source.exists():
            yield chapter, thumbnail(source.read_text("utf-8"))


def write_thumbnails(app: Sphinx, exception: Exception | None) -> None:
    """Write a small picture of each chapter: its first figure, without words, which nobody could read at this size."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / THUMBNAILS
    folder.mkdir(parents=True, exist_ok=True)
    for chapter, picture in thumbnails(app):
        (folder / f"{chapter.slug}.svg").write_text(picture, "utf-8")


def thumbnail(svg: str) -> str:
    """Return a figure without its texts and legends, cut to three by two."""
    tree = ElementTree.fromstring(svg)
    for parent in list(tree.iter()):
        for child in list(parent):
            name = child.get("id", "")
            if child.tag == f"{{{SVG}}}text" or re.match(r"(text|legend)_\d+$", name):
                parent.remove(child)
    tree.set("width", "300")
    tree.set("height", "200")
    tree.set("preserveAspectRatio", "xMidYMin slice")
    return ElementTree.tostring(tree, encoding="unicode")
