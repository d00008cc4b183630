"""Written answers as HTML in which nothing runs, for the formgrader and the feedback.

Both pages put Markdown that the learner wrote next to the instructor's own session in Jupyter, and nbgrader's templates
pass HTML within it on as it is. In ``nbgrader_config.py``::

    c.HTMLExporter.filters = {"markdown2html": "bncourse.grading.written.markdown_to_html"}
"""

import nh3
from nbconvert.filters import markdown2html

__all__ = ["markdown_to_html"]


def markdown_to_html(source: str) -> str:
    """Markdown as HTML, less every script, event handler, style, form and address that is not a plain link."""
    return nh3.clean(markdown2html(source), url_schemes={"http", "https", "mailto"})
