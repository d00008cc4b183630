"""The laboratory in a notebook and on the site."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from matplotlib import pyplot as plt
from matplotlib.ticker import LogLocator

from bncourse import plots
from bncourse.lab import bundle
from bncourse.lab.reference import observe
from bncourse.lab.state import State, default_of, make_state, presets, settings_list

__all__ = ["show", "site_html"]

PICTURES = ("loss", "map", "histograms", "updates", "names")
STILL_STEPS = 150
"""Steps of the run that a still picture shows, at most."""
IN_ATTRIBUTES = " !$'()*+,/:;=?@"
"""What may stand as it is in an address in an attribute between double quotes, beside letters and digits."""


def show(
    state: State | Mapping[str, Any] | str = "hockey-stick",
    *,
    controls: Sequence[str] | None = None,
    pictures: Sequence[str] | None = None,
    full: bool = False,
) -> None:
    """Display the laboratory: a network of the course, trained where you look at it, with PyTorch's random numbers.

    ::

        lab.show("hockey-stick")
        lab.show({"a": {"net": "deep", "depth": 20}, "b": {"bn": "before"}}, controls=["lr"], pictures=["loss", "map"])

    On the site this is a still picture, computed here, which a script brings to life; in a notebook it is a page of its
    own, which needs no network.

    Arguments:
        state: the name of an experiment (``lab.presets()`` lists them), or a state as ``lab.make_state`` takes it.
        controls: names of the settings that can be changed, from ``lab.settings_list()``.
        pictures: any of ``'loss'``, ``'map'``, ``'histograms'``, ``'updates'``, ``'names'``.
        full: show the whole laboratory instead of a small form.

    Raises:
        TypeError, ValueError: the state, a control or a picture is not accepted.
    """
    from IPython.display import HTML, display

    if "BNCOURSE_BOOK" in os.environ:
        display(HTML(site_html(state, controls=controls, pictures=pictures, full=full)))
    else:
        display(HTML(notebook_html(state, controls=controls, pictures=pictures, full=full)))


def options(
    state: State | Mapping[str, Any] | str,
    controls: Sequence[str] | None,
    pictures: Sequence[str] | None,
    full: bool,
) -> dict[str, Any]:
    """What the script of the page is told: the name of an experiment or a state, and what a small form has."""
    preset = presets()[state] if isinstance(state, str) and make_state(state) else {}
    usual = preset.get("small", {})
    told: dict[str, Any] = {"preset": state} if preset else {"state": given(make_state(state))}
    if full:
        return told
    controls = list(usual.get("controls", ["lr"]) if controls is None else controls)
    pictures = list(usual.get("pictures", ["loss"]) if pictures is None else pictures)
    known = [setting["name"] for setting in settings_list()]
    for name, chosen, accepted in (("controls", controls, known), ("pictures", pictures, PICTURES)):
        unknown = [item for item in chosen if item not in accepted]
        if unknown:
            raise ValueError(f"{name} has {unknown[0]!r}; it can have {', '.join(map(repr, accepted))}")
    return told | {"small": {"controls": controls, "pictures": pictures}}


def given(state: State) -> dict[str, Any]:
    """A state as the page's script takes it: what differs from the default, and what differs in B."""
    different = {
        setting["name"]: state.a[setting["name"]]
        for setting in settings_list()
        if state.a[setting["name"]] != default_of(setting, state.a["net"])
    }
    b = None if state.b is None else {name: value for name, value in state.b.items() if value != state.a[name]}
    return {"a": different, "b": b, "twin": state.twin}


def element(told: Mapping[str, Any], inside: str = "") -> str:
    """The element that the script looks for."""
    data = json.dumps(told, allow_nan=False).replace("<", "\\u003c")
    kind = "small" if "small" in told else "full"
    return f'<div class="lab" data-lab="{kind}"><script type="application/json">{data}</script>{inside}</div>'


def site_html(
    state: State | Mapping[str, Any] | str,
    *,
    controls: Sequence[str] | None = None,
    pictures: Sequence[str] | None = None,
    full: bool = False,
) -> str:
    """A still picture, and what the site's script needs to bring it to life."""
    picture, alt, (width, height) = still(state)
    # In this form gzip finds what repeats in the picture; in base64 it would be half as long again.
    source = f"data:image/svg+xml,{quote(' '.join(picture.split()), safe=IN_ATTRIBUTES)}"
    inside = (
        f'<div class="lab-still"><img src="{source}" alt="{html.escape(alt)}" width="{width}" height="{height}">'
        "<p>Computed when this page was built.<noscript> With scripts, you can run it here.</noscript></p></div>"
    )
    return element(options(state, controls, pictures, full), inside)


def still(state: State | Mapping[str, Any] | str) -> tuple[str, str, tuple[int, int]]:
    """The first losses of a state, from PyTorch: a picture as SVG, what it shows in words, and its size."""
    state = make_state(state)
    steps = min(STILL_STEPS, state.a["steps"])
    runs = {"A": observe(state, steps=steps).losses}
    if state.b is not None:
        runs["B"] = observe(state, network="B", steps=steps).losses
    with plt.rc_context(plots.STYLE):
        figure, axes = plt.subplots(figsize=(5.6, 3))
        for (name, losses), colour, dash in zip(runs.items(), (plots.ORANGE, plots.BLUE), ("-", "--"), strict=False):
            axes.plot(losses, color=colour, linestyle=dash, label=name)
        axes.axhline(3.2958, color=plots.GREY, linestyle=":", label="ln 27, a blind guess")
        axes.set(yscale="log", xlabel="step", ylabel="loss of the batch (nats)")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_locator(LogLocator(subs=(2, 3, 5)))
        axes.yaxis.set_minor_formatter("{x:g}")
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
        picture = plots.svg(figure)
        plt.close(figure)
    words = "; ".join(f"{name} goes from {losses[0]:.2f} to {losses[-1]:.2f}" for name, losses in runs.items())
    return picture, f"The loss over the first {steps} steps, beside ln 27 = 3.30: {words}.", (560, 300)


def notebook_html(
    state: State | Mapping[str, Any] | str,
    *,
    controls: Sequence[str] | None = None,
    pictures: Sequence[str] | None = None,
    full: bool = False,
) -> str:
    """A page of its own inside a frame, with everything that it needs: JupyterLab and Colab show it offline too."""
    told = options(state, controls, pictures, full)
    scripts = "".join(f"<script>{closed(text)}</script>" for text in (bundle.names(), bundle.engine(), bundle.page()))
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Laboratory</title>'
        "<style>:root{color-scheme:light dark}body{margin:8px;background:light-dark(#fff,#121212)}</style></head>"
        f"<body>{element(told)}{scripts}</body></html>"
    )
    height = 900 if full else 520
    return (
        f'<iframe title="Laboratory" srcdoc="{html.escape(page)}" '
        f'style="width:100%;height:{height}px;border:0" allow="clipboard-write"></iframe>'
    )


def closed(script: str) -> str:
    """A script whose text cannot end its element."""
    return script.replace("</script", "<\\/script")
