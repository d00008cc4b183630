"""Figures that a reader can move, with no kernel behind them: Vega-Lite charts, drawn by the reader's browser.

Vega-Lite's parameters are bound to sliders and its expressions do the arithmetic, so the same chart works on the
static site, in JupyterLab and in Colab.
"""

from __future__ import annotations

import json
import os
import sys

import altair

__all__ = ["show"]


def show(chart: altair.TopLevelMixin, alt: str) -> None:
    """Display a chart in the way that works where the notebook runs.

    In the built site: the bare specification and a still picture; the site draws it with its own copy of Vega. In
    Colab: Altair's HTML, which takes Vega from the network that Colab has. Elsewhere (JupyterLab, VS Code): the
    Vega-Lite media type, which these draw themselves, offline too.

    Arguments:
        chart: an Altair chart whose parameters are bound to inputs.
        alt: what is to be seen, in a sentence, for readers who do not see it.
    """
    from IPython.display import HTML, display

    chart = chart.properties(description=alt) if chart.description is altair.Undefined else chart
    if "BNCOURSE_BOOK" in os.environ:
        display(HTML(site_html(chart)))
    elif "google.colab" in sys.modules:
        display(HTML(chart.to_html(fullhtml=False, output_div="movable", embed_options={"actions": False})))
    else:
        specification = chart.to_dict()
        version = specification["$schema"].split("/")[-1].split(".")[0]  # "v6" of ".../vega-lite/v6.1.0.json"
        bundle = {f"application/vnd.vegalite.{version}+json": specification, "text/plain": alt}
        display(
            bundle,
            raw=True,
            metadata={f"application/vnd.vegalite.{version}+json": {"embed_options": {"actions": False}}},
        )


def site_html(chart: altair.TopLevelMixin) -> str:
    """What ``_static/movable.js`` looks for: the specification, and the still picture that stands until it has drawn."""
    import vl_convert  # of the [book] extra: only the site needs a picture without a browser

    specification = chart.to_dict()
    still = vl_convert.vegalite_to_svg(specification)
    # "</" would end the script element early if a text of the chart had it.
    data = json.dumps(specification).replace("</", "<\\/")
    return (
        f'<div class="movable"><script type="application/json">{data}</script>'
        f'<div class="movable-still">{still}</div></div>'
    )
