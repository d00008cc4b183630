"""The figures: what they draw of the numbers given, and that they are legible on light and on dark pages."""

import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from bncourse import plots


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context():
        mpl.use("agg")
        plots.use_style()
        yield
    plt.close("all")


def luminance(colour):
    """Relative luminance as WCAG 2 defines it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_is_legible_on_light_and_on_dark():
    paper = plots.PAPER, plots.IN_THE_DARK[plots.PAPER]
    for colour in (plots.INK, plots.GREY, plots.BLUE, plots.ORANGE, plots.GREEN, plots.PURPLE):
        assert contrast(colour, paper[0]) >= 4.5
        assert contrast(plots.IN_THE_DARK[colour], paper[1]) >= 4.5


def test_the_svg_exchanges_every_colour_that_it_uses():
    figure = plots.std_by_layer({"a": [3.0, 2.0], "b": [2.0, 1.0]}, ylabel="std")
    text = plots.svg(figure)
    ET.fromstring(text)
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", text))
    assert {plots.INK, plots.PAPER, plots.BLUE, plots.ORANGE} <= used
    assert used <= set(plots.IN_THE_DARK)
    for light, dark in plots.IN_THE_DARK.items():
        assert f'[style*="fill: {light}"]{{fill:{dark}!important}}' in text
    assert "prefers-color-scheme:dark" in text


def test_the_same_numbers_give_the_same_file():
    first, second = (plots.svg(plots.std_by_layer({"a": [3.0, 2.0]}, ylabel="std")) for _ in "ab")
    assert first == second


def test_the_saturation_map_is_white_where_activations_are_saturated():
    h = torch.tensor([[0.98, 0.1], [-0.99, -0.5]])
    (axes,) = plots.saturation_map({"before": h}).axes
    assert axes.get_images()[0].get_array().tolist() == [[1, 0], [1, 0]]
    assert axes.get_title(loc="left") == "before: 50 % white"


def test_distributions_are_densities_on_one_axis():
    values = torch.randn(5000, generator=torch.Generator().manual_seed(0))
    figure = plots.distributions({"a": {"layer 1": values}, "b": {"layer 1": values / 2}}, xlabel="activation", bins=50)
    top, bottom = figure.axes
    assert top.get_xlim() == bottom.get_xlim()
    for axes in (top, bottom):
        (line,) = axes.get_lines()
        x, density = line.get_xdata(), line.get_ydata()
        assert (density * (x[1] - x[0])).sum() == pytest.approx(1)
    assert bottom.get_lines()[0].get_ydata().max() > top.get_lines()[0].get_ydata().max()


def test_layers_are_numbered_from_one():
    (axes,) = plots.std_by_layer({"gain 1": [1.0, 0.5]}, ylabel="std").axes
    assert axes.get_lines()[0].get_xdata().tolist() == [1, 2]
    assert axes.get_yscale() == "log"
