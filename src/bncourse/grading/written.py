"""Written answers as HTML in which nothing runs and nothing is fetched, for the formgrader and the feedback.

Both pages put Markdown that the learner wrote next to the instructor's own session in Jupyter, and nbgrader's templates
pass HTML within it on as it is. In ``nbgrader_config.py``::

    c.HTMLExporter.filters = {"markdown2html": "bncourse.grading.written.markdown_to_html"}
    c.HTMLExporter.preprocessors = ["bncourse.grading.written.NothingFetched"]
"""

import html
import secrets
import subprocess
import sys
from typing import Any

import nh3
from jinja2 import ChoiceLoader, DictLoader
from nbconvert.filters import markdown2html
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

from bncourse.grading.pictures import pasted

__all__ = ["NothingFetched", "markdown_to_html"]

SHORT = 4_000
"""Characters that are turned into HTML at once. Longer texts may be made to take very long."""

LONGEST_SECONDS = 5.0

POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'"
)

MATHJAX = f'''{{%- macro mathjax(url="") -%}}
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
{{%- endmacro -%}}'''

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


class NothingFetched(Preprocessor):
    """Has the formgrader's page and the feedback fetch nothing from elsewhere.

    Their templates ask a server on the web for MathJax, which would see who reads what when. In its place, at the head
    of the page, comes a policy that keeps the browser from asking anybody else; formulas are shown as they were typed.
    """

    enabled = Bool(True).tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Give the exporter another template of this name; the notebook stays as it is."""
        assert self.parent is not None  # the exporter
        environment = self.parent.environment
        if not isinstance(environment.loader, Replaced):
            environment.loader = Replaced([DictLoader({"mathjax.html.j2": MATHJAX}), environment.loader])
        return notebook, resources


class Replaced(ChoiceLoader):
    """Templates of which some are replaced."""
