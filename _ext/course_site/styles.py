"""One style sheet in place of eleven, with the rules and the icons that the site's pages use, and scripts that wait.

What the theme and its extensions bring is written for any site: seven tenths of it style what this one does not have,
and a phone shows nothing until it has read all of it.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

from course_site import javascript

logger = logging.getLogger(__name__)

SHEET = "course.css"
"""The one; ``_templates/static/webpack-macros.html`` links it."""

SHEETS = (
    "basic.css",
    "styles/bootstrap.css",
    "styles/pydata-sphinx-theme.css",
    "vendor/fontawesome/6.5.2/css/all.min.css",
    "pygments.css",
    "styles/sphinx-book-theme.css",
    "copybutton.css",
    "mystnb.*.css",
    "katex/katex.min.css",
    "site.css",
)
"""What it is made of, in the order in which pages would link it; in ``_static``."""


def setup(app: Sphinx) -> None:
    """Come after all that links style sheets and scripts."""
    app.connect("html-page-context", link_less, priority=950)
    app.connect("build-finished", write_sheet, priority=900)  # the theme, too, writes colours of code this late


def link_less(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Link no sheet that is part of the one, and let no script hold up the page but the settings that others read.

    The page of the search is left as it is: its scripts are read in another order than they are linked in.
    """
    context["css_files"] = [
        sheet
        for sheet in context["css_files"]
        if not any(Path(str(sheet.filename)).match(f"_static/{pattern}") for pattern in SHEETS)
    ]
    if pagename != "search":
        context["script_files"] = [waiting(script) for script in context["script_files"]]


def waiting(script: Any) -> Any:
    """A script as it is linked, to be run when the page has been read; the settings have no script before them."""
    if not script.filename or script.filename.endswith("documentation_options.js"):
        return script
    return type(script)(script.filename, priority=script.priority, **(script.attributes | {"defer": "defer"}))


def write_sheet(app: Sphinx, exception: Exception | None) -> None:
    """Make the style sheet from what the pages turned out to hold."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    sheets = []
    for pattern in SHEETS:
        found = sorted(path.relative_to(static).as_posix() for path in static.glob(pattern))
        if not found:
            raise ExtensionError(f"the style sheet {pattern} is not in {static}")
        sheets += found
    made = javascript.run("styles.js", str(javascript.PACKAGES), str(app.outdir), SHEET, *sheets)
    logger.info("style sheets: %(after)d of %(before)d characters are used, and %(icons)d icons", made)
