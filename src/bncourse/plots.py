"""The course's figures: one style, legible in light and dark, and one function per kind of figure.

The functions take numbers (from ``training`` and ``diagnostics``) and return a matplotlib ``Figure``. Readers with any
kind of colour vision can distinguish the colours, by lightness as well as by hue, and lines differ in dashes too.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

__all__ = [
    "BLUE", "GREEN", "GREY", "INK", "ORANGE", "PURPLE", "distributions", "saturation_map", "std_by_layer", "use_style",
]  # fmt: skip

INK, PAPER, RULE = "#1b1f24", "#ffffff", "#d8dde3"
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0a62a8", "#c2500a", "#0b7f5c", "#8e4585", "#616b76"

IN_THE_DARK = {
    INK: "#e4e7eb",
    PAPER: "#121212",
    RULE: "#3b4148",
    BLUE: "#62b0f0",
    ORANGE: "#f79256",
    GREEN: "#4cc9a0",
    PURPLE: "#d896cd",
    GREY: "#a2abb5",
}
"""The colour that replaces each colour of a figure on a dark page; see :func:`svg`."""

WIDTH = 6.2
"""Inches. A phone shows a figure 358 pixels wide, and labels of this size are then just over 9 pixels high."""

STYLE: dict[Any, object] = {
    "figure.figsize": (WIDTH, 3.6),
    "figure.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "axes.facecolor": PAPER,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, PURPLE, GREY])
    + cycler(linestyle=["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1))]),
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "font.size": 11.5,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "image.interpolation": "none",
    # The same numbers give the same file, so that building a page again does not change it.
    "svg.hashsalt": "bncourse",
}

CHARACTERS = 68
"""That fit across a figure, in the size of its labels."""


def use_style() -> None:
    """Use the course's style from here on and, in a notebook, show figures as SVG that follows light and dark."""
    mpl.rcParams.update(STYLE)
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return
    # The inline backend sets its own formatters when it is first loaded: load it before they are replaced.
    plt.switch_backend(mpl.get_backend())
    formatters = shell.display_formatter.formatters
    formatters["image/png"].pop(Figure, None)
    formatters["image/svg+xml"].for_type(Figure, svg)


def svg(figure: Figure) -> str:
    """Return the figure as SVG that contains a light and a dark set of colours.

    A style sheet inside the file exchanges the colours where the reader prefers dark; for a picture on a web page
    that is the ``color-scheme`` of the element that holds it, so it follows the site's own switch. The background is
    part of the figure, so it stays legible wherever it is shown.
    """
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight", pad_inches=0.08)
    text = buffer.getvalue()
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in IN_THE_DARK.items()
        for what in ("fill", "stroke")
    )
    sheet = f"<style>@media(prefers-color-scheme:dark){{{rules}}}</style>"
    # After the opening tag of the drawing itself, which follows the XML and document type declarations.
    end_of_tag = text.index(">", text.index("<svg")) + 1
    return text[text.index("<svg") : end_of_tag] + sheet + text[end_of_tag:]


def saturation_map(maps: Mapping[str, Tensor], threshold: float = 0.97) -> Figure:
    """Draw which activations are saturated: a white dot where ``|h| > threshold``; rows are examples, columns units.

    Arguments:
        maps: activations (examples, units) by title, one panel each, from top to bottom.
        threshold: an activation with a larger absolute value is saturated.
    """
    figure, panels = plt.subplots(len(maps), 1, sharex=True, figsize=(WIDTH, 0.7 + 1.45 * len(maps)), squeeze=False)
    for axes, (title, h) in zip(panels[:, 0], maps.items(), strict=True):
        saturated = np.asarray(h.detach().abs() > threshold)
        axes.imshow(saturated, cmap="gray", vmin=0, vmax=1, aspect="auto")
        axes.set(title=f"{title}: {100 * saturated.mean():.0f} % white", ylabel="example")
        axes.grid(False)
    panels[-1, 0].set_xlabel("unit")
    return figure


def distributions(
    panels: Mapping[str, Mapping[str, Tensor]], *, xlabel: str, span: float | None = None, bins: int = 80
) -> Figure:
    """Draw histograms of several tensors as curves, one panel per setting, all panels with the same axes.

    Arguments:
        panels: for each panel's title, the values by label (for instance by layer).
        xlabel: what the values are, with their unit.
        span: the horizontal axis runs from −span to span; by default as far as the largest value.
        bins: number of bins over the whole horizontal axis.
    """
    largest = max(v.detach().abs().max().item() for values in panels.values() for v in values.values())
    edges = np.linspace(-1, 1, bins + 1) * (largest if span is None else span)
    figure, all_axes = plt.subplots(
        len(panels), 1, sharex=True, figsize=(WIDTH, 0.9 + 1.7 * len(panels)), squeeze=False
    )
    for axes, (title, values) in zip(all_axes[:, 0], panels.items(), strict=True):
        for label, tensor in values.items():
            density, _ = np.histogram(tensor.detach().numpy().ravel(), bins=edges, density=True)
            axes.plot((edges[:-1] + edges[1:]) / 2, density, label=label, linewidth=1.3)
        axes.set(title=title, ylabel="density")
        axes.set_ylim(bottom=0)
    handles, labels = all_axes[0, 0].get_legend_handles_labels()
    if len(labels) > 1:
        columns = max(1, CHARACTERS // (max(map(len, labels)) + 6))
        figure.legend(handles, labels, loc="outside upper left", ncols=columns, handlelength=1.5, columnspacing=1)
    all_axes[-1, 0].set_xlabel(xlabel)
    figure.align_ylabels()
    return figure


def std_by_layer(curves: Mapping[str, Sequence[float]], *, ylabel: str, log: bool = True) -> Figure:
    """Draw a number per layer against depth, one line per setting (for instance per gain).

    Arguments:
        curves: for each label, the numbers of layers 1, 2, 3, …
        ylabel: what the number is.
        log: draw the vertical axis in powers of ten.
    """
    figure, axes = plt.subplots()
    for label, values in curves.items():
        axes.plot(range(1, len(values) + 1), values, label=label, marker="o", markersize=3)
    axes.set(xlabel="layer", ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if log:
        axes.set_yscale("log")
    axes.legend()
    return figure
