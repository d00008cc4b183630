"""Figures with sliders that need no kernel: Vega-Lite charts, drawn by the reader's browser.

Vega-Lite's parameters are bound to sliders and its expressions do the arithmetic, so the same chart works on the
static site, in JupyterLab and in Colab. A chapter writes the chart and hands it to :func:`show`::

    gain = alt.param(name="gain", value=1, bind=alt.binding_range(min=0.5, max=3, step=0.1, name="gain "))
    chart = alt.Chart(alt.InlineData(values=rows)).transform_filter("datum.gain == gain").mark_line().encode(…)
    movable.show(chart.add_params(gain).properties(width="container", height=240), alt="What is to be seen.")

Rules for a chart, so that it works in all of these places:

- ``width="container"`` on a single or a layered view, which is then as wide as the page or the phone allows, and
  ``WIDTH`` where nothing can be measured. Vega-Lite ignores it inside a concatenation or a facet: put rows on a
  discrete ``y`` instead.
- Data as ``alt.InlineData(values=[…])``, never from a URL: readers may have no network.
- Colours of :mod:`bncourse.plots` only, since only these have a counterpart for dark pages. ``show`` sets all
  others (text, axes, grid, background), the fonts, and the colours of a nominal scale that has no range of its own.
- A slider's ``name`` in ``alt.binding_range`` is its label: a short word and a space. It is the browser's own input,
  so the keyboard moves it too (in JupyterLab the arrows belong to the notebook; Page Up and Down, Home and End work).
- Features of Vega-Lite 5 only, the version that JupyterLab has.
"""

from __future__ import annotations

import html
import json
import os
import sys
from typing import Any

import altair

from bncourse.plots import BLUE, GREEN, GREY, IN_THE_DARK, INK, ORANGE, PAPER, PURPLE, RULE

__all__ = ["show"]

WIDTH = 640
"""Width in pixels of a still picture, and of a figure in JupyterLab, whose output area does not report its width."""

STYLE: dict[str, Any] = {
    "background": PAPER,
    "font": "sans-serif",
    "axis": {
        "labelColor": INK, "labelFontSize": 12, "titleColor": INK, "titleFontSize": 12, "titleFontWeight": "normal",
        "domainColor": GREY, "tickColor": GREY, "gridColor": RULE,
    },
    "legend": {"labelColor": INK, "labelFontSize": 12, "titleColor": INK, "titleFontSize": 12},
    "text": {"color": INK, "fontSize": 12},
    "title": {"color": INK, "fontSize": 13},
    "range": {"category": [BLUE, ORANGE, GREEN, PURPLE, GREY]},
    "view": {"stroke": None, "continuousWidth": WIDTH},
}  # fmt: skip
"""Vega-Lite's ``config`` for every movable figure, as ``plots.STYLE`` is for those of matplotlib."""

# SVG and not canvas: it is sharp at every zoom, its numbers are text, and a style sheet can change its colours.
EMBED_OPTIONS = {"actions": False, "renderer": "svg"}

# JupyterLab 4 and Notebook 7 contain Vega-Lite 5 and no later version; they draw it offline.
MEDIA_TYPE, SCHEMA = "application/vnd.vegalite.v5+json", "https://vega.github.io/schema/vega-lite/v5.json"


def show(chart: altair.TopLevelMixin, alt: str) -> None:
    """Display a chart in the course's style, in the form that the place where the notebook runs can draw.

    In the built site: the bare specification and a still picture; the site draws it with its own copy of Vega. In
    Colab: Altair's HTML, which takes Vega from the network that Colab has. Elsewhere (JupyterLab, VS Code): the
    Vega-Lite media type, which these draw themselves, offline too.

    Arguments:
        chart: an Altair chart whose parameters are bound to inputs; see the top of this module.
        alt: description of the figure in a sentence or two, for readers who cannot see it.

    Raises:
        TypeError: ``chart`` is not an Altair chart.
        ValueError: ``alt`` is empty.
    """
    from IPython.display import HTML, display

    if not isinstance(chart, altair.TopLevelMixin):
        raise TypeError(f"show was given a {type(chart).__name__}; it takes an Altair chart")
    if not alt.strip():
        raise ValueError("alt is empty; it must say what is to be seen")
    chart = chart.properties(description=alt, config=STYLE, usermeta={"embedOptions": EMBED_OPTIONS})
    if "BNCOURSE_BOOK" in os.environ:
        display(HTML(site_html(chart.to_dict())))
    elif "google.colab" in sys.modules:
        picture = chart.to_html(fullhtml=False, output_div="movable")  # in Colab each output is a page of its own
        display(HTML(f'<div class="movable"><style>{style_sheet()}</style>{picture}</div>'))
    else:
        specification = chart.to_dict() | {"$schema": SCHEMA}
        if specification.get("width") == "container":
            specification["width"] = WIDTH
        display({MEDIA_TYPE: specification, "text/plain": alt}, raw=True)


def site_html(specification: dict[str, Any]) -> str:
    """Return the HTML that the site's script looks for: the specification, and a still picture to show before it."""
    import vl_convert  # part of the [book] extra: only the site needs a picture that is made without a browser

    still = vl_convert.vegalite_to_svg(specification)
    # Without a "<" no text of the chart can end the script element or begin a comment in it.
    data = json.dumps(specification, allow_nan=False).replace("<", "\\u003c")
    description = html.escape(specification["description"])
    return (
        f'<div class="movable"><style>{style_sheet()}</style>'
        f'<script type="application/json">{data}</script>'
        f'<div class="movable-still" role="img" aria-label="{description}">{still}</div></div>'
    )


def style_sheet() -> str:
    """Return CSS that puts the inputs in a row below the figure, and changes the colours on a dark page."""
    paper = f"light-dark({PAPER},{IN_THE_DARK[PAPER]})"
    rules = [
        # Without this rule Altair's HTML puts the inputs beside the figure.
        ".movable .vega-embed{display:block!important;width:100%}",
        f".movable svg{{max-width:100%;height:auto;background-color:{paper}!important}}",
        ".movable .vega-bind>label,.movable .vega-bind-radio{display:flex;align-items:center;gap:.5em}",
        ".movable .vega-bind-radio{flex-wrap:wrap}",
        ".movable .vega-bind-name{min-width:4.5em}",
        ".movable .vega-bind input[type=range]{flex:0 1 20em;height:24px}",
    ]
    for light, dark in IN_THE_DARK.items():
        for what in ("fill", "stroke"):
            rules.append(f'.movable svg [{what}="{light}"]{{{what}:light-dark({light},{dark})}}')
    return "".join(rules)
