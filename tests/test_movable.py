"""Movable figures: where they are shown, and that chapter 04's browser arithmetic is that of NumPy."""

import html
import itertools
import json
import re
import sys
import types
import xml.etree.ElementTree as ET
from pathlib import Path

import altair as alt
import numpy as np
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from bncourse import movable, plots

CHAPTER = Path(__file__).parents[1] / "chapters" / "04-batchnorm-by-hand.ipynb"


def bar_chart(title="bars"):
    return alt.Chart(alt.InlineData(values=[{"a": "A", "b": 1}]), title=title, width="container").mark_bar().encode(
        x="b:Q", y="a:N", color="a:N"
    )  # fmt: skip


@pytest.fixture
def shown(monkeypatch):
    """What ``display`` was given, in a kernel that is neither Colab's nor the book's."""
    calls = []
    monkeypatch.setattr("IPython.display.display", lambda what, **options: calls.append(what))
    monkeypatch.delenv("BNCOURSE_BOOK", raising=False)
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    return calls


def test_jupyterlab_gets_the_media_type_that_it_draws_offline(shown):
    movable.show(bar_chart(), alt="One bar.")
    (bundle,) = shown
    specification = bundle["application/vnd.vegalite.v5+json"]
    assert specification["$schema"].endswith("/v5.json")
    assert specification["width"] == movable.WIDTH  # its output area would measure as the sliders' width
    assert specification["description"] == bundle["text/plain"] == "One bar."


def test_colab_gets_html_that_draws_itself(shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    movable.show(bar_chart(), alt="One bar.")
    (output,) = shown
    assert "vegaEmbed" in output.data
    assert '"description": "One bar."' in output.data
    assert '"width": "container"' in output.data
    assert movable.style_sheet() in output.data


def test_the_book_gets_the_specification_and_a_still_picture(shown, monkeypatch):
    monkeypatch.setenv("BNCOURSE_BOOK", "1")
    movable.show(bar_chart(), alt='A bar of "1" & more.')
    text = shown[0].data
    specification = json.loads(script_data(text))
    assert specification["description"] == 'A bar of "1" & more.'
    assert specification["width"] == "container"
    assert specification["usermeta"]["embedOptions"] == {"actions": False, "renderer": "svg"}
    label = re.search('role="img" aria-label="([^"]*)"', text)[1]
    assert html.unescape(label) == 'A bar of "1" & more.'
    assert int(still(text).get("width")) == movable.WIDTH


@pytest.mark.parametrize("title", ["</script>", "<!-- <script>", "a < b && c > d", "x₅ ≤ √n − 1"])
def test_no_text_of_a_chart_can_end_its_script_or_leave_its_picture(shown, monkeypatch, title):
    monkeypatch.setenv("BNCOURSE_BOOK", "1")
    movable.show(bar_chart(title), alt=title)
    text = shown[0].data
    assert "<" not in script_data(text)
    assert json.loads(script_data(text))["title"] == title
    assert title in [element.text for element in still(text).iterfind(".//{*}text")]


def script_data(text):
    return re.search('<script type="application/json">(.*?)</script>', text, re.DOTALL)[1]


def still(text):
    return ET.fromstring(re.search("<svg.*</svg>", text, re.DOTALL)[0])


def test_every_colour_has_its_partner_in_the_dark(shown, monkeypatch):
    monkeypatch.setenv("BNCOURSE_BOOK", "1")
    for chart in (bar_chart(), chapter_chart()[0]):
        movable.show(chart, alt="Colours.")
        text = shown.pop().data
        used = {element.get(what) for element in still(text).iter() for what in ("fill", "stroke")}
        used -= {None, "none", "transparent"}
        assert {plots.INK, plots.BLUE} <= used <= set(plots.IN_THE_DARK)
        for light in used:
            assert f'[fill="{light}"]{{fill:light-dark({light},{plots.IN_THE_DARK[light]})}}' in text


def test_a_wrong_argument_is_named(shown):
    with pytest.raises(TypeError, match="a dict; it takes an Altair chart"):
        movable.show({"mark": "bar"}, alt="One bar.")
    with pytest.raises(ValueError, match="alt is empty"):
        movable.show(bar_chart(), alt=" ")
    assert shown == []


# The figure of chapter 04, unchanged from the notebook.


def chapter_chart():
    """The chart and the words for it that the chapter hands to ``movable.show``, and what each axis covers."""
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(CHAPTER.read_text("utf-8"))["cells"]}
    calls = []
    names = {name: getattr(plots, name) for name in ("BLUE", "GREY", "INK", "ORANGE")} | {"alt": alt}
    names["movable"] = types.SimpleNamespace(show=lambda chart, alt: calls.append((chart, alt)))
    for cell in ("movable-arithmetic", "movable"):
        exec(cells[cell], names)
    ((chart, words),) = calls
    return chart, words, names["LIMITS"]


@pytest.fixture(scope="module")
def specification():
    return chapter_chart()[0].to_dict()


def moved(specification, **values):
    """The same chart with its sliders elsewhere."""
    assert {param["name"] for param in specification["params"]} >= set(values)
    params = [param | {"value": values.get(param["name"], param["value"])} for param in specification["params"]]
    return specification | {"params": params}


def texts(specification, **options):
    """The rows' numbers, and the mean, variance and std that are written beside them, as the picture has them."""
    picture = ET.fromstring(vl_convert.vegalite_to_svg(specification, **options))
    numbers, statistics = {}, {}
    for element in picture.iterfind(".//{*}text"):
        row = re.match(r"row: (\w+)", element.get("aria-label", ""))
        text = element.text.replace("−", "-")
        if row and ":" in text:
            statistics[row[1]] = [float(number) for number in re.findall(r"-?\d+\.\d+", text)]
        elif row:
            numbers.setdefault(row[1], []).append(float(text))
    return numbers, statistics


def expected(x5, gamma, beta):
    x = np.array([1, 2, 3, 4, x5])
    normalised = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
    return {"x": x, "normalised": normalised, "y": gamma * normalised + beta}


# Two decimals are shown.
CLOSE = {"rtol": 0, "atol": 0.0050001}


def test_the_figure_starts_at_the_worked_example(specification):
    numbers, statistics = texts(specification)
    assert numbers["x"] == [1, 2, 3, 4, 5]
    assert numbers["normalised"] == numbers["y"] == [-1.41, -0.71, 0, 0.71, 1.41]
    assert statistics == {"x": [3, 2, 1.41], "normalised": [0, 1, 1], "y": [0, 1, 1]}


@settings(max_examples=15, deadline=None)
@given(x5=st.floats(-10, 15), gamma=st.floats(-3, 3), beta=st.floats(-5, 5))
def test_wherever_the_sliders_stand_the_browser_computes_what_numpy_does(specification, x5, gamma, beta):
    numbers, statistics = texts(moved(specification, x5=x5, gamma=gamma, beta=beta))
    for row, values in expected(x5, gamma, beta).items():
        np.testing.assert_allclose(numbers[row], values, **CLOSE)
        np.testing.assert_allclose(statistics[row], [values.mean(), values.var(), values.std()], **CLOSE)


def test_eps_is_inside_the_root(specification):
    # The other four examples replaced by x5 itself: a constant feature, which only eps keeps from 0 / 0.
    constant = json.loads(json.dumps(specification).replace("datum.i == 5 ? x5 : datum.i", "x5 + datum.i * 1e-3"))
    (numbers, _), deviations = texts(constant), np.array([-2, -1, 0, 1, 2]) * 1e-3
    np.testing.assert_allclose(numbers["normalised"], deviations / np.sqrt(2e-6 + 1e-5), **CLOSE)


def test_no_slider_moves_a_dot_off_its_axis(specification):
    ends = {p["name"]: (p["bind"]["min"], p["bind"]["max"]) for p in specification["params"]}
    limits = chapter_chart()[2]
    for x5, gamma, beta in itertools.product(*(ends[name] for name in ("x5", "gamma", "beta"))):
        for row, values in expected(x5, gamma, beta).items():
            low, high = limits[row]
            assert low <= values.min() <= values.max() <= high


def test_the_five_dots_of_a_row_spread_over_a_quarter_of_the_width_at_least(specification):
    limits = chapter_chart()[2]
    for row, values in expected(5, 1, 0).items():
        low, high = limits[row]
        assert np.ptp(values) / (high - low) > 0.25


def test_a_line_leads_from_each_x_to_its_normalised_value_and_on_to_y(specification):
    picture = ET.fromstring(vl_convert.vegalite_to_svg(moved(specification, x5=9)))
    paths = picture.iterfind(".//{*}path")
    lines = [p for p in paths if p.get("stroke") in (plots.BLUE, plots.ORANGE) and p.get("d").count("L") == 2]
    assert len(lines) == 5
    starts = [float(re.match(r"M(-?[\d.]+)", line.get("d"))[1]) for line in lines]
    places = np.array(sorted(starts))
    np.testing.assert_allclose(np.diff(places) / np.diff(places)[0], [1, 1, 1, 5], rtol=0.01)  # 1, 2, 3, 4, 9
    assert [line.get("stroke") for line in lines].count(plots.ORANGE) == 1


def find(tree, key):
    """Every value under ``key``, however deep."""
    if isinstance(tree, dict):
        yield from ([tree[key]] if key in tree else [])
        tree = list(tree.values())
    if isinstance(tree, list):
        for branch in tree:
            yield from find(branch, key)


def test_vega_lite_5_draws_what_the_site_draws(specification):
    *_, five = (version for version in vl_convert.get_vegalite_versions() if version.startswith("5."))
    elsewhere = moved(specification, x5=-3, gamma=2)
    assert texts(elsewhere, vl_version=five) == texts(elsewhere)


def test_the_words_for_it_name_the_numbers():
    _, words, _ = chapter_chart()
    assert "-1.41, -0.71, 0, 0.71, 1.41" in words
