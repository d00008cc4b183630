"""The figures that a reader can move: drawn without a kernel, by mouse and by keyboard, right in their numbers."""

import re

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Locator, expect

from contents import CHAPTERS

BY_HAND = [f"chapters/{path.stem}" for path in CHAPTERS if path.stem == "04-batchnorm-by-hand"]
"""The chapter whose numbers are known here, where a fork has not left it out."""


def moving_chapters() -> list[str]:
    """The chapters that show a movable figure."""
    return [f"chapters/{path.stem}" for path in CHAPTERS if "movable.show(" in path.read_text("utf-8")]


def drawn_figure(tab, name: str) -> Locator:
    """The movable figure of a page, once Vega has drawn it: when it is in sight and the reader does anything."""
    figure = tab.open(name).locator(".movable").first
    figure.scroll_into_view_if_needed()
    tab.page.mouse.move(5, 5)
    expect(figure).to_have_class(re.compile("drawn"), timeout=15_000)
    return figure


@pytest.mark.parametrize("name", moving_chapters())
def test_figure_draws_itself_and_answers_to_its_inputs(tab, name):
    figure = drawn_figure(tab, name)
    drawing = figure.locator("svg")
    assert drawing.count() == 1
    assert figure.locator(".movable-still").count() == 0
    slider = figure.locator("input[type=range]").first
    before = drawing.inner_html()
    slider.focus()
    tab.page.keyboard.press("Home")
    tab.page.keyboard.press("PageUp")
    at_one_end = drawing.inner_html()
    tab.page.keyboard.press("End")
    assert len({before, at_one_end, drawing.inner_html()}) > 1
    # As wide as the text, and no wider.
    assert 0.9 < drawing.bounding_box()["width"] / figure.bounding_box()["width"] <= 1.001


@pytest.mark.parametrize("act", ["mouse", "key", "touch"])
def test_nothing_heavy_is_loaded_before_the_reader_does_something(tab, act):
    loaded: list[str] = []
    tab.page.on("request", lambda request: loaded.append(request.url))
    page = tab.open("chapters/01-bad-init-loss")  # it opens with a figure that moves
    page.wait_for_timeout(500)
    assert [url for url in loaded if url.endswith(("vega-embed.js", "lab.js"))] == []
    expect(page.locator(".movable-still").first).to_be_visible()
    if act == "mouse":
        page.mouse.move(5, 5)
    elif act == "key":
        page.keyboard.press("Tab")
    else:
        page.evaluate("document.body.dispatchEvent(new Event('touchstart', {bubbles: true}))")
    expect(page.locator(".movable").first).to_have_class(re.compile("drawn"), timeout=15_000)


@pytest.mark.parametrize("name", BY_HAND)
def test_keyboard_moves_the_fifth_value(tab, name):
    figure = drawn_figure(tab, name)
    expect(figure.locator("svg")).to_contain_text("mean 3.00, variance 2.00, std 1.41")
    figure.locator("input[type=range]").first.focus()
    for _ in range(10):
        tab.page.keyboard.press("ArrowRight")  # half a unit each: 5 becomes 10
    # 1, 2, 3, 4, 10: the mean is 4, the squares of the distances 9 + 4 + 1 + 0 + 36 = 50.
    expect(figure.locator("svg")).to_contain_text("mean 4.00, variance 10.00, std 3.16")


@pytest.mark.parametrize("name", BY_HAND)
def test_mouse_moves_gamma(tab, name):
    figure = drawn_figure(tab, name)
    box = figure.locator("input[type=range]").nth(1).bounding_box()
    tab.page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    # Gamma is at its largest, 2, so the output's standard deviation is 2.
    expect(figure.locator("svg")).to_contain_text("mean 0.00, variance 4.00, std 2.00")


@pytest.mark.parametrize("name", BY_HAND)
def test_still_picture_stands_without_scripts(site, name):
    page = BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")
    still = page.select_one(".movable .movable-still")
    assert still.find("svg") is not None
    assert len(still["aria-label"]) > 40
    assert "mean 3.00, variance 2.00, std 1.41" in still.get_text()


@pytest.mark.parametrize("name", moving_chapters())
def test_still_picture_has_a_form_for_a_phone_whose_labels_can_be_read(site, name):
    page = BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")
    for still in page.select(".movable-still"):
        wide, narrow = still.find_all("svg", class_="marks")
        assert "wide" in wide["class"]
        assert "narrow" in narrow["class"]
        assert float(narrow["width"]) <= 358  # the text of a phone of 390 pixels
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)', str(narrow))]
        assert min(sizes) >= 9
        # What one of them names by itself the other does not find.
        names = [one["id"] for one in still.select("[id]")]
        assert len(set(names)) == len(names)
