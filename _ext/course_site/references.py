"""The page of references, made from the sources at the end of the chapters, so that neither lacks what the other has.

A source is an item of the list under a chapter's heading "Sources"; up to the end of its first link it names the work,
and what follows says what the chapter uses it for.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from course_site import contents

logger = logging.getLogger(__name__)

PAGE = "references"

Source = tuple[str, list[nodes.Node], list[nodes.Node]]
"""The address of a work, the nodes that name it, and those that say what it is used for."""


def setup(app: Sphinx) -> None:
    """Gather the sources while chapters are read, and list them when the page is written."""
    app.connect("env-purge-doc", forget)
    app.connect("doctree-read", gather)
    app.connect("env-updated", depends_on_chapters)
    app.add_post_transform(ListReferences)


def gathered(env: BuildEnvironment) -> dict[str, list[Source]]:
    """Return the sources of each chapter, which are kept with what else Sphinx remembers of the pages."""
    if not hasattr(env, "course_sources"):
        env.course_sources = {}
    return env.course_sources


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the sources of a page that is about to be read again."""
    gathered(env).pop(docname, None)


def gather(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the sources of a chapter; one without a link is a warning, thus the end of the build."""
    docname = app.env.docname
    if not contents.CHAPTER.fullmatch(docname):
        return
    found = []
    for section in doctree.findall(nodes.section):
        if section[0].astext() == "Sources":
            for item in section.findall(nodes.list_item):
                source = divide(item)
                if source is None:
                    logger.warning("a source has no link: %s", item.astext(), location=item)
                else:
                    found.append(source)
    gathered(app.env)[docname] = found


def divide(item: nodes.list_item) -> Source | None:
    """Divide a source into the work and its use, or return ``None`` if it has no link."""
    paragraph = next(item.findall(nodes.paragraph), None)
    link = next(item.findall(nodes.reference), None)
    if paragraph is None or link is None:
        return None
    top = link
    while top.parent is not paragraph:
        top = top.parent
    end = paragraph.index(top) + 1
    work = [node.deepcopy() for node in paragraph[:end]]
    use = [node.deepcopy() for node in paragraph[end:]]
    if use and isinstance(use[0], nodes.Text):
        use[0] = nodes.Text(use[0].lstrip(" ,:."))
    return link["refuri"], work, use


def depends_on_chapters(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write the page of references again whenever a chapter has changed."""
    changed = contents.any_changed(env, [chapter.docname for chapter in contents.of(app).chapters])
    return [PAGE] if changed and PAGE in env.found_docs else []


def text(parts: list[nodes.Node]) -> str:
    """Return the text of several nodes."""
    return "".join(node.astext() for node in parts).strip()


class ListReferences(SphinxPostTransform):
    """Write the list of works, in the order of their first words; parts of one page are one work."""

    default_priority = 300  # before links are resolved
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Append the list to the page."""
        if self.env.docname != PAGE:
            return
        book = contents.read(self.env.srcdir)
        works: dict[str, tuple[list[nodes.Node], list[nodes.paragraph]]] = {}
        for chapter in book.chapters:
            for address, work, use in gathered(self.env).get(chapter.docname, []):
                _, uses = works.setdefault(address.partition("#")[0].rstrip("/"), (work, []))
                uses.append(self.use(chapter, use))
        items = []
        for work, uses in sorted(works.values(), key=lambda entry: text(entry[0]).casefold()):
            title = nodes.paragraph("", "", *(node.deepcopy() for node in work))
            items.append(nodes.list_item("", title, nodes.bullet_list("", *(nodes.list_item("", use) for use in uses))))
        section = next(self.document.findall(nodes.section))
        section.append(nodes.bullet_list("", *items, classes=["references"]))

    def use(self, chapter: contents.Chapter, parts: list[nodes.Node]) -> nodes.paragraph:
        """Return a line that says what a chapter uses a work for."""
        address = self.app.builder.get_relative_uri(PAGE, chapter.docname)
        link = nodes.reference("", f"Chapter {chapter.number}", internal=True, refuri=address)
        colon = [nodes.Text(": ")] if text(parts) else []
        return nodes.paragraph("", "", link, *colon, *(node.deepcopy() for node in parts))
