"""Written answers and code as HTML in which nothing runs and nothing is fetched, for formgrader and feedback.

Both pages put Markdown that the learner wrote next to the instructor's own session in Jupyter, and nbgrader's templates
pass HTML within it on as it is. In ``nbgrader_config.py``::

    c.HTMLExporter.filters = {
        "markdown2html": "bncourse.grading.written.markdown_to_html",
        "highlight_code": "bncourse.grading.written.code_to_html",
    }
    c.HTMLExporter.preprocessors = ["bncourse.grading.written.NothingFetched"]
"""

import html
import re
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

import nh3
from jinja2 import ChoiceLoader, DictLoader
from nbconvert.filters import Highlight2HTML, markdown2html
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from traitlets import Bool

from bncourse.grading.pictures import Room, pasted

__all__ = ["NothingFetched", "code_to_html", "markdown_to_html"]

SHORT = 4_000
"""Characters that are turned into HTML at once. Longer texts may be made to take very long."""

LONGEST_SECONDS = 5.0
"""For one text."""

SECONDS_OF_A_PAGE = 15.0
"""For all texts of a page; those that come after that are shown as they were typed."""

LANGUAGE = "ipython3"
"""Of the code, by the name that Pygments knows it by."""

LONGEST_COLOURED = 200_000
"""Characters of code on a page that are coloured, which may be made to take very long, too."""

STRANGE = re.compile(r"\s{100}|[^\n]{500}")
"""What no cell needs and what the colouring takes long for: a long gap, and a long line."""

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

    room = Room()

    def show(data: str) -> str:
        name = f"https://picture.invalid/{mark}/{len(pictures)}"
        kind = room.take(data)
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
    # At once, because there may be as many as there is room for.
    return re.sub(
        rf'(src=")?(https://picture\.invalid/{mark}/\d+)',
        lambda found: f"{found[1]}{pictures.get(found[2], '')}" if found[1] else "#",
        cleaned,
    )


def converted(source: str) -> str:
    """Markdown as HTML; a text that takes too long is shown as it is."""
    as_typed = f"<pre>{html.escape(source)}</pre>"
    if page.seconds <= 0:
        return as_typed
    begun = time.monotonic()
    try:
        if len(source) <= SHORT:
            return markdown2html(source)
        done = subprocess.run(
            [sys.executable, "-c", CONVERT], input=source.encode(), capture_output=True, timeout=LONGEST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return as_typed
    finally:
        page.seconds -= time.monotonic() - begun
    return done.stdout.decode() if done.returncode == 0 else as_typed


@dataclass
class Page:
    """The page that is being made.

    Attributes:
        seconds: that are left for turning its texts into HTML.
        coloured: characters of code that may still be coloured.
    """

    seconds: float = SECONDS_OF_A_PAGE
    coloured: int = LONGEST_COLOURED


page = Page()


def code_to_html(source: str, language: str | None = None, metadata: Any = None) -> str:
    """Code as HTML, in colours where they do not take long."""
    if len(source) > page.coloured or STRANGE.search(source):
        return f'<div class="highlight hl-{LANGUAGE}"><pre>{html.escape(source)}</pre></div>'
    page.coloured -= len(source)
    return Highlight2HTML(pygments_lexer=LANGUAGE)(source, metadata=metadata)


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
        page.seconds, page.coloured = SECONDS_OF_A_PAGE, LONGEST_COLOURED
        return notebook, resources


class Replaced(ChoiceLoader):
    """Templates of which some are replaced."""
