"""No-break spaces where a line must not end: in "chapter 5", "N(0, 1)", "n − 1" and "57 %"."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

TOGETHER = re.compile(
    r"(?<=\b[Cc]hapter) (?=\d)|(?<=\b[Aa]ssignment) (?=\d)|(?<=\b[Ss]ection) (?=\d)|(?<=\b[Nn]euron) (?=\d)"
    r"|(?<=N\(\d,) (?=\S)"
    r"|(?<=\d) (?=%|nats?\b)"
    r"|(?<=[\w)]) (?=[−·×±] [\w(])|(?<=[\w)] [−·×±]) (?=[\w(])"
)
"""The spaces at which a line must not end."""

LEFT_ALONE = (nodes.FixedTextElement, nodes.literal, nodes.raw, nodes.math, nodes.math_block, nodes.title)


def setup(app: Sphinx) -> None:
    """Change the texts of a page when it is written."""
    app.add_post_transform(KeepTogether)


def together(text: str) -> str:
    """Return a text whose parts that belong together have no-break spaces between them."""
    return TOGETHER.sub("\u00a0", text)


class KeepTogether(SphinxPostTransform):
    """Replace the spaces in prose; code, formulas and titles, which are also found elsewhere, stay as they are."""

    default_priority = 800  # after the words of the glossary were found
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Go through the texts of the page."""
        for text in list(self.document.findall(nodes.Text)):
            if not isinstance(text.parent, LEFT_ALONE) and (joined := together(text)) != text:
                text.parent.replace(text, nodes.Text(joined))
