"""The first use of each of the glossary's words on a chapter's page leads to its entry."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from course_site import contents

PAGE = "glossary"

LEFT_OUT = ("Check yourself", "Sources")
"""Sections whose words are not linked: a question is to be answered first, and a title of a work is a link itself."""


def setup(app: Sphinx) -> None:
    """Read the entries with the glossary, and link them when chapters are written."""
    app.connect("doctree-read", read_entries)
    app.add_post_transform(LinkTerms)


def entries(env: BuildEnvironment) -> dict[str, str]:
    """Return the address on the glossary's page of each word, as read last."""
    return getattr(env, "course_terms", {})


def read_entries(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the glossary's headings; chapters are written again when they have changed."""
    if app.env.docname == PAGE:
        sections = [section for section in doctree.findall(nodes.section) if section.parent is not doctree]
        app.env.course_terms = {section[0].astext(): section["ids"][0] for section in sections}


def pattern(term: str) -> re.Pattern[str]:
    """Return what finds a word in a text, in the singular or the plural, whatever its first letter."""
    first, rest = term[0], term[1:]
    letter = f"[{first.upper()}{first.lower()}]"
    # "Batch Normalization" is a name of its own.
    return re.compile(rf"(?<![\w-]){letter}{re.escape(rest)}(?:s|es)?(?![\w-]| Normalization)")


class LinkTerms(SphinxPostTransform):
    """Link the first use of each word in the prose of a chapter."""

    default_priority = 300
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Go through the paragraphs in order."""
        if not contents.CHAPTER.fullmatch(self.env.docname) or not entries(self.env):
            return
        waiting = {term: pattern(term) for term in entries(self.env)}
        for paragraph in list(self.document.findall(nodes.paragraph)):
            if not waiting or isinstance(paragraph.parent, nodes.entry):  # a table is read across, not word by word
                continue
            if self.is_left_out(paragraph):
                continue
            for node in list(paragraph.findall(nodes.Text)):
                if self.is_plain(node, paragraph):
                    self.link(node, waiting)

    def is_left_out(self, paragraph: nodes.paragraph) -> bool:
        """Return whether a paragraph stands in a section whose words are not linked."""
        node = paragraph.parent
        while node is not None and not (isinstance(node, nodes.section) and node[0].astext() in LEFT_OUT):
            node = node.parent
        return node is not None

    def is_plain(self, node: nodes.Node, paragraph: nodes.paragraph) -> bool:
        """Return whether a text is neither code nor a formula nor part of a link."""
        while node is not paragraph:
            node = node.parent
            if isinstance(node, (nodes.literal, nodes.math, nodes.reference)):
                return False
        return True

    def link(self, node: nodes.Text, waiting: dict[str, re.Pattern[str]]) -> None:
        """Put links into a text for the words that wait for their first use, and take those off the list."""
        text, parts = node.astext(), []
        while True:
            found = [(match, term) for term, wanted in waiting.items() if (match := wanted.search(text))]
            if not found:
                break
            match, term = min(found, key=lambda pair: (pair[0].start(), -len(pair[0][0])))
            del waiting[term]
            address = self.app.builder.get_relative_uri(self.env.docname, PAGE)
            target = f"{address}#{entries(self.env)[term]}"
            link = nodes.reference("", match[0], internal=True, refuri=target, classes=["term"])
            parts += [nodes.Text(text[: match.start()]), link]
            text = text[match.end() :]
        if parts:
            node.parent.replace(node, [*parts, nodes.Text(text)])
