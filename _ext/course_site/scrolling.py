"""What can be scrolled is reached by the keyboard, without the page being laid out for it."""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

THEME = "scripts/pydata-sphinx-theme.js"
"""The theme's script, as it lies in ``_static``."""

MEASURED = 'document.querySelectorAll("pre, .nboutput > .output_area, .cell_output > .output, .jp-RenderedHTMLCommon")'
"""What the theme measures as soon as the page is read and whenever something in it changes: a phone then lays out
the whole page, folded code included. ``_static/scrolling.js`` does this when a box is laid out anyway."""


def setup(app: Sphinx) -> None:
    """Come after the theme's files have been copied."""
    app.add_js_file("scrolling.js", loading_method="defer")
    app.connect("build-finished", measure_nothing_early)


def measure_nothing_early(app: Sphinx, exception: Exception | None) -> None:
    """Give the theme's script nothing to measure."""
    script = Path(app.outdir) / "_static" / THEME
    if exception is not None or app.builder.format != "html" or not script.is_file():
        return
    text = script.read_text("utf-8")
    if MEASURED in text:
        script.write_text(text.replace(MEASURED, "[]"), "utf-8")
    elif "[].forEach" not in text:
        logger.info("the theme's script no longer measures code as it did; see _ext/course_site/scrolling.py")
