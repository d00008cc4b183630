"""Code that is wider than its column wraps, and what is wrapped begins further right than its line.

Each line of a listing becomes an element of its own that knows its indentation; the style sheet does the rest. The
text stays what it was, and with it what the button and the reader copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge

NARROW = 36
"""Characters of code that fit beside each other on any phone."""

BRACKET = re.compile(r"([(\[{])(?![^<]*>)")
"""Behind an opening bracket a line may break: without that, a long call would leave an empty row before it."""

DOT = '<span class="o">.</span>'
"""Before the dot of an attribute as well."""


class LineByLine(HtmlFormatter):
    """Pygments' HTML, with an element around each line; no element of a token is longer than a line."""

    def _format_lines(self, tokensource: object) -> Iterator[tuple[int, str]]:
        for kind, line in super()._format_lines(tokensource):
            text = re.sub(r"<[^>]*>", "", line)
            depth = len(text) - len(text.lstrip(" "))
            style = f' style="--depth: {depth}"' if depth else ""
            if len(text) > NARROW:
                line = BRACKET.sub(r"\1<wbr>", line).replace(DOT, f"<wbr>{DOT}")
            # The end of the line is inside: between two blocks it would be a line of its own.
            yield kind, f'<span class="line"{style}>{line}</span>'


def setup(app: Sphinx) -> None:
    """Have all listings written in this way."""
    PygmentsBridge.html_formatter = LineByLine
