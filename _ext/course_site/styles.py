"""One style sheet in place of many, with the rules and the icons that the site's pages use, and scripts that wait.

What the theme and its extensions bring is written for any site: seven tenths of it style what this one does not have,
and a phone shows nothing until it has read all of it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging

from course_site import fonts, javascript

logger = logging.getLogger(__name__)

SHEET = "course.css"
"""The one; ``_templates/static/webpack-macros.html`` links it."""

MACROS = "static/webpack-macros.html"
"""The theme's template that names its own sheets; ours of the same name links none of them."""


def setup(app: Sphinx) -> None:
    """Come after all that links style sheets and scripts."""
    app.connect("html-page-context", link_less, priority=950)
    app.connect("build-finished", write_sheet, priority=900)  # the theme, too, writes colours of code this late


def sheets_of_theme(theme_folders: Iterable[str | Path]) -> list[str]:
    """The sheets that every page of the theme links before all others, as they lie in ``_static``, in their order."""
    found = [path for folder in theme_folders if (path := Path(folder) / MACROS).is_file()]
    if not found:
        raise ExtensionError(f"the theme has no {MACROS}, which its style sheets are read from")
    text = found[0].read_text("utf-8")
    bodies = (
        re.search(rf"macro {name}\b.*?endmacro", text, re.DOTALL) for name in ("head_pre_assets", "head_pre_icons")
    )
    return [sheet for body in bodies if body for sheet in re.findall(r"_static/([\w./-]+\.css)", body[0])]


def sheets_of_pages(app: Sphinx) -> dict[str, None]:
    """The sheets that the pages of this build would link, as they lie in ``_static``, in their order."""
    if not hasattr(app.builder, "course_sheets"):
        app.builder.course_sheets = {}
    return app.builder.course_sheets


def link_less(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Link no sheet that is part of the one, and let no script hold up the page but the settings that others read.

    The page of the search is left as it is: its scripts are read in another order than they are linked in.
    """
    known = sheets_of_pages(app)
    others = []
    for sheet in sorted(context["css_files"], key=lambda sheet: getattr(sheet, "priority", 500)):
        name = str(sheet.filename if hasattr(sheet, "filename") else sheet).partition("?")[0]
        if name.startswith("_static/") and name.endswith(".css"):
            known[name.removeprefix("_static/")] = None
        else:
            others.append(sheet)
    context["css_files"] = others
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
    linked = sheets_of_pages(app)
    if not linked:  # no page was written, so that the fonts and the sheet are still right
        return
    fonts.make_fonts(app)
    static = Path(app.outdir) / "_static"
    sheets = [*sheets_of_theme(app.builder.theme.get_theme_dirs()), *linked]
    for sheet in sheets:
        if not (static / sheet).is_file():
            raise ExtensionError(f"the style sheet {sheet} is not in {static}")
    made = javascript.run("styles.js", str(javascript.PACKAGES), str(app.outdir), SHEET, *sheets)
    logger.info("style sheets: %(after)d of %(before)d characters are used, and %(icons)d icons", made)
