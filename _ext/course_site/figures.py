"""Figures: each says in words what it shows, keeps its place while it loads, stays legible on a phone, and some move.

A phone shows a figure as wide as its screen, where the labels could become too small to read. So a figure gets the
width at which its smallest label is 9 pixels high as its least one; where the screen is narrower, the figure scrolls.
The still picture of a movable figure is there twice: as wide as the text, and as wide as a phone's screen, where the
figure takes the same room when it is drawn.
"""

import json
import math
import re
from pathlib import Path
from typing import Any

import vl_convert
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.images import get_image_size
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

LEGIBLE = 9
"""Pixels that a label of a figure is high at least, on any screen."""

NARROW = 358
"""Pixels of the text's width on a phone of 390 pixels."""

MOVABLE = re.compile(
    r'<script type="application/json">(?P<chart>[^<]*)</script><div class="movable-still"[^>]*>'
    r"(?P<still><svg .*</svg>)</div></div>\s*$",
    re.DOTALL,
)
"""What ``bncourse.movable.site_html`` writes: the chart and its still picture."""

ONE_STILL = (
    "<style>@media (width<576px){.movable-still>.wide{display:none}}"
    "@media not (width<576px){.movable-still>.narrow{display:none}}</style>"
)


def setup(app: Sphinx) -> None:
    """Check and measure figures before they are written; bring Vega to the pages that have a movable one."""
    app.connect("doctree-resolved", check_alternative_texts)
    app.connect("doctree-resolved", add_narrow_stills)
    app.add_node(nodes.image, override=True, html=(visit_image, HTML5Translator.depart_image))
    app.connect("html-page-context", link_movable)
    app.connect("build-finished", write_vega)


def check_alternative_texts(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """A figure without a text for readers who do not see it is a warning, thus the end of the build."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning(
                "a figure has no alternative text; say what is to be seen in the cell's metadata: "
                '{"mystnb": {"image": {"alt": "…"}}}',
                location=image,
            )


def least_width(svg: str) -> int | None:
    """Return how many pixels wide matplotlib's SVG has to be shown so that its smallest label is legible.

    Matplotlib draws each text from outlines of 100 units, scaled to the size of its font; exponents, which are smaller
    still, are not counted. ``None``: it has no text, or was not made by matplotlib.
    """
    sizes = [100 * float(scale) for scale in re.findall(r"scale\((0\.\d+) -\1\)", svg)]
    width = re.search(r'<svg[^>]* viewBox="0 0 ([\d.]+) ', svg)
    return math.ceil(float(width[1]) * LEGIBLE / min(sizes)) if sizes and width else None


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write a figure with its size, so that nothing jumps when it arrives, and load it when it is about to be seen."""
    path = Path(translator.builder.srcdir) / node["uri"]
    size = get_image_size(str(path))
    HTML5Translator.visit_image(translator, node)
    if size is not None:
        width, height = size
        attributes = f'<img width="{width}" height="{height}" loading="lazy" decoding="async" '
        translator.body[-1] = translator.body[-1].replace("<img ", attributes, 1)
    least = least_width(path.read_text("utf-8")) if path.suffix == ".svg" else None
    if least is not None:
        image = translator.body[-1].strip()
        translator.body[-1] = f'<span class="legible" style="--least: {least}px">{image}</span>\n'


def add_narrow_stills(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give each movable figure a second still picture, for a phone."""
    for node in list(doctree.findall(nodes.raw)):
        html = node.astext()
        if found := MOVABLE.search(html):
            wide = found["still"].replace('class="marks"', 'class="marks wide"', 1)
            both = f"{ONE_STILL}{wide}{narrow_still(json.loads(found['chart']))}"
            html = html[: found.start("still")] + both + html[found.end("still") :]
            node.replace_self(nodes.raw(html, html, **node.attributes))


def narrow_still(chart: dict[str, Any]) -> str:
    """Draw a chart, whose width is that of its container, as wide as a phone's screen."""
    chart["config"]["view"]["continuousWidth"] = NARROW
    still = vl_convert.vegalite_to_svg(chart).replace('class="marks"', 'class="marks narrow"', 1)
    # Names are those of the whole page, and the wide picture has the same.
    return re.sub(r'(?<= id=")(?=[^"]+")|(?<=url\(#)', "narrow-", still)


def has_movable(doctree: nodes.document) -> bool:
    """Whether a page has a figure that the reader can move: the output of ``bncourse.movable.show``."""
    return any('class="movable"' in node.astext() for node in doctree.findall(nodes.raw))


def link_movable(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Only pages with a movable figure load the scripts for it, which in turn load Vega when the figure is near."""
    if doctree is not None and has_movable(doctree):
        for script in ("when-near.js", "movable.js"):
            app.add_js_file(script, loading_method="defer")


def write_vega(app: Sphinx, exception: Exception | None) -> None:
    """Write Vega, Vega-Lite and Vega-Embed, as they travel in vl-convert, into one file of the site."""
    target = Path(app.outdir) / "_static" / "vega-embed.js"
    mark = f"// From vl-convert {vl_convert.__version__}.\n"
    if exception is not None or (target.exists() and target.read_text("utf-8").startswith(mark)):
        return
    # Its many short global names stay inside a function.
    target.write_text(f"{mark}(() => {{\n{vl_convert.javascript_bundle()}\n}})();\n", "utf-8")
