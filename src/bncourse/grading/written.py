"""Written answers as HTML in which nothing runs and nothing is fetched, for the formgrader and the feedback.

Both pages put Markdown that the learner wrote next to the instructor's own session in Jupyter, and nbgrader's templates
pass HTML within it on as it is. In ``nbgrader_config.py``::

    c.HTMLExporter.filters = {"markdown2html": "bncourse.grading.written.markdown_to_html"}
"""

import html
import secrets
import subprocess
import sys

import nh3
from nbconvert.filters import markdown2html

from bncourse.grading.pictures import pasted

__all__ = ["markdown_to_html"]

SHORT = 4_000
"""Characters that are turned into HTML at once. Longer texts may be made to take very long."""

LONGEST_SECONDS = 5.0

TAGS = nh3.ALLOWED_TAGS - {"area", "map"}


def markdown_to_html(source: str) -> str:
    """Markdown as HTML, less every script, event handler, style, form, and picture that is not within the text."""
    pictures: dict[str, str] = {}
    mark = secrets.token_hex(8)

    def show(kind: str, data: str) -> str:
        name = f"https://picture.invalid/{mark}/{len(pictures)}"
        pictures[name] = f"data:{kind};base64,{data}" if kind else ""
        return name

    def attribute(tag: str, name: str, value: str) -> str | None:
        if (tag, name) != ("img", "src"):
            return value
        # What lies elsewhere would be fetched by the instructor's browser, with the instructor's cookies.
        return value if pictures.get(value) else None

    cleaned = nh3.clean(
        converted(pasted(source, show)),
        tags=TAGS,
        url_schemes={"http", "https", "mailto"},
        attribute_filter=attribute,
    )
    for name, data in pictures.items():
        cleaned = cleaned.replace(f'src="{name}"', f'src="{data}"').replace(name, "#")
    return cleaned


def converted(source: str) -> str:
    """Markdown as HTML; a text that takes too long is shown as it is."""
    if len(source) <= SHORT:
        return markdown2html(source)
    try:
        done = subprocess.run(
            [sys.executable, "-c", CONVERT], input=source.encode(), capture_output=True, timeout=LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode != 0:
        return f"<pre>{html.escape(source)}</pre>"
    return done.stdout.decode()


CONVERT = """
import sys
from nbconvert.filters.markdown_mistune import markdown2html_mistune
sys.stdout.buffer.write(markdown2html_mistune(sys.stdin.buffer.read().decode()).encode())
"""
