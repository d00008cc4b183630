"""Every page of the website in a real browser."""

import gzip
import json
import re
import statistics
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

import identity
from browsing import CLIPBOARD_HOLDS
from building import ROOT
from contents import CONTENTS

PAGES = CONTENTS.pages
CHAPTERS = [chapter.docname for chapter in CONTENTS.chapters]

PHONE = {"width": 390, "height": 844}

COLOURS = {"dark": ("color-contrast", "link-in-text-block")}
"""The rules that a scheme is held to after the first, in which all rules are: only colours differ."""

TOO_WIDE = """() => {
    const boxed = (element) =>
        element.tagName !== "ARTICLE" &&
        (getComputedStyle(element).overflowX !== "visible" || boxed(element.parentElement));
    return [...document.querySelectorAll("article *")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !boxed(element))
        .map((element) => element.outerHTML.slice(0, 200));
}"""
"""What is wider than the screen, and does not lie in a box inside the article that scrolls or hides it."""

SCROLLS = """() => [...document.querySelectorAll("article :is(div.math, .pst-scrollable-table-container, .text_html)")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1 && !e.closest("details:not([open])"))
    .map((element) => element.outerHTML.slice(0, 200))"""
"""Formulas and tables of the main text of which a part is out of sight; a table in a side road may have one."""

NOT_DRAWN = """() => [...document.querySelectorAll("i[class*='fa-']")]
    .filter((icon) => getComputedStyle(icon, "::before").content.length !== '"?"'.length)
    .map((icon) => icon.className)"""
"""Icons without a sign; each is one character in quotation marks."""

NOT_LOADED = """() => [...document.images]
    .filter((i) => (!i.complete || !i.naturalWidth) && !i.closest("details:not([open])"))
    .map((i) => i.src)"""
"""Pictures that did not arrive; those in a closed fold are not asked for until it is opened."""


SHIFTS = """() => new Promise((resolve) => {
    const found = [];
    const note = (entries) => found.push(...entries.filter((e) => !e.hadRecentInput).map((e) => e.value));
    new PerformanceObserver((list) => note(list.getEntries())).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(found.reduce((sum, value) => sum + value, 0)), 300);
})"""
"""By how much of the viewport, and how far, parts of the page were moved while it was loaded; the measure CLS."""

WHERE_THE_LINK_LEADS = """(name) => {
    const { top } = document.getElementById(name).getBoundingClientRect();
    const isAtEnd = scrollY + innerHeight > document.documentElement.scrollHeight - 2;
    return (top >= 0 && top < 200) || (isAtEnd && top > 0 && top < innerHeight);
}"""
"""Whether a section begins at the top of the window, or the page ends before it can."""

MOST_KIB = 250
"""Of a page before the reader does anything, compressed as hosts compress it."""


@pytest.mark.parametrize("name", ["index", *(name for name in PAGES if name == "lab"), *CHAPTERS])
@pytest.mark.parametrize("size", [{"width": 1350, "height": 940}, {"width": 412, "height": 823}], ids=["wide", "phone"])
def test_first_view_is_light_and_stands_still(tab, name, size):
    page = tab.page
    page.set_viewport_size(size)
    asked: list[Response] = []
    page.on("response", lambda response: asked.append(response))
    wire = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 40, "downloadThroughput": 1e6, "uploadThroughput": 1e6}  # bytes a second
    wire.send("Network.emulateNetworkConditions", slow)
    tab.open(name)
    shifts = [page.evaluate(SHIFTS)]
    loaded = {response.url: packed(response) for response in asked if not response.url.startswith("data:")}
    if shifts[0] >= 0.1:  # the text's face now and then comes a moment after the first picture: then the median counts
        for _ in range(2):
            page.goto("about:blank")
            tab.open(name)
            shifts.append(page.evaluate(SHIFTS))
    assert statistics.median(shifts) < 0.1, shifts
    assert sum(loaded.values()) < MOST_KIB << 10, sorted(loaded.items(), key=lambda item: -item[1])[:10]
    assert tab.barriers("target-size") == []  # although what is far from the screen is not laid out yet


def packed(response: Response) -> int:
    """Bytes of what was loaded, as they travel."""
    is_text = response.url.partition("?")[0].endswith((".html", ".css", ".js", ".svg", ".json"))
    return len(gzip.compress(response.body(), 6) if is_text else response.body())


@pytest.mark.parametrize("name", PAGES)
def test_page_is_without_fault_wide_and_narrow_light_and_dark(tab, name, take_picture):
    # That nothing fails and nothing is asked of another host is checked by the tab itself.
    page = tab.open(name)
    tab.scroll_through()
    assert page.evaluate(NOT_DRAWN) == []
    every_box_fits(page)
    for scheme in ("light", "dark"):
        tab.switch_to(scheme)
        assert page.evaluate(NOT_LOADED) == []
        take_picture(page, f"{name}-wide-{scheme}")
        assert tab.barriers(*COLOURS.get(scheme, ())) == []

    # A phone can add what depends on the width, and that is the same in both schemes.
    page.set_viewport_size(PHONE)
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)  # the keyboard then reaches what scrolls at this width
    assert page.evaluate(NOT_DRAWN) == []
    every_box_fits(page)
    assert page.evaluate(SCROLLS) == []
    assert tab.barriers("scrollable-region-focusable", "target-size") == []
    for scheme in ("dark", "light"):
        tab.switch_to(scheme)
        assert page.evaluate(NOT_LOADED) == []
        take_picture(page, f"{name}-phone-{scheme}")
    if name in CHAPTERS:  # while the page is open, because opening it takes longest
        every_formula_is_set(page, name)
        self_test_answers_each_choice(page)


def every_box_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(TOO_WIDE) == []


def every_formula_is_set(page: Page, name: str) -> None:
    cells = json.loads((ROOT / f"{name}.ipynb").read_text("utf-8"))["cells"]
    has_formulas = any("$" in "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    formulas = page.locator("article .math").count()
    assert (formulas > 0) == has_formulas
    assert page.locator("article .math .katex-html").count() == formulas  # what is seen
    assert page.locator("article .math math").count() == formulas  # what a screen reader reads
    text = page.evaluate(
        """() => {
            const article = document.querySelector("article").cloneNode(true);
            article.querySelectorAll("pre, code, script, .math").forEach((element) => element.remove());
            return article.textContent;
        }"""
    )
    assert "$" not in text
    if has_formulas:
        assert page.evaluate("document.fonts.check('1em KaTeX_Main')")


def self_test_answers_each_choice(page: Page) -> None:
    choices = page.locator("#check-yourself details:not([class])")
    assert choices.count() >= 9
    for choice in choices.all():
        feedback = choice.locator("p").first
        expect(feedback).to_be_hidden()
        choice.locator("summary").press("Enter")
        expect(feedback).to_be_visible()
        expect(feedback).to_have_text(re.compile("^(Right|Not quite|Not this):"))


def test_theme_can_be_switched_and_stays(tab):
    page = tab.open("index")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    for _ in range(3):  # light, dark, and what the system says
        page.locator("button.theme-switch-button:visible").first.click()
        if root.get_attribute("data-mode") == "dark":
            break
    expect(root).to_have_attribute("data-theme", "dark")
    tab.open("references")
    expect(root).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("chapter", [name for name in CHAPTERS if name == "chapters/03-tanh-saturation"])
def test_search_finds_a_chapter(tab, chapter):
    page = tab.open("index")
    page.locator("button.search-button__button:visible").first.click()
    page.locator("input[type=search]:visible").fill("saturated")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    expect(results.first).to_be_visible(timeout=15_000)
    assert any(chapter in (link.get_attribute("href") or "") for link in results.all())


NAMED = {"kaiming": "chapters/02-kaiming-gain", "chapter 06": "chapters/06-running-statistics"}


@pytest.mark.parametrize(("query", "first"), [(query, name) for query, name in NAMED.items() if name in CHAPTERS])
def test_search_lists_the_chapter_that_is_meant_first(tab, query, first):
    page = tab.open("index")
    page.locator("button.search-button__button:visible").first.click()
    page.locator("input[type=search]:visible").fill(query)
    page.keyboard.press("Enter")
    result = page.locator("#search-results li a").first
    expect(result).to_be_visible(timeout=15_000)
    assert first in result.get_attribute("href")


def test_code_can_be_copied(tab, browser):
    page = tab.open(CHAPTERS[0])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    cell = page.locator("article .cell_input:visible").first
    cell.hover()
    cell.locator("button.copybtn").click()
    page.wait_for_function(CLIPBOARD_HOLDS, arg=cell.locator("pre").inner_text().strip())


def test_page_works_from_the_file_system_without_a_network(site, browser):
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        wrong = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto((site / f"{CHAPTERS[0]}.html").as_uri(), wait_until="networkidle")
        assert page.evaluate("document.fonts.check('1em KaTeX_Main')")
        assert page.evaluate("document.fonts.check('900 1em \\'Font Awesome 6 Free\\'')")
        assert wrong == []
        page.goto(f"{(site / 'search.html').as_uri()}?q=saturated")
        expect(page.locator("#search-results li a").first).to_be_visible()


def test_keyboard_reaches_the_content_first(tab):
    page = tab.open(CHAPTERS[0])
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("href", "#main-content")
    expect(focused).to_be_visible()
    expect(focused).to_have_css("outline-style", "solid")
    expect(focused).to_have_css("outline-width", "3px")


def test_link_to_a_section_leads_to_it(tab):
    page = tab.open(CHAPTERS[3])
    page.locator(".bd-toc-nav a[href='#check-yourself']").click()
    expect(page.locator("#check-yourself h2")).to_be_in_viewport()
    page.goto("about:blank")
    page.goto(f"{tab.address}/{CHAPTERS[3]}.html#sources", wait_until="networkidle")
    expect(page.locator("#sources h2")).to_be_in_viewport()


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, PHONE], ids=["wide", "phone"])
def test_every_section_is_where_its_link_leads_though_those_above_were_never_seen(tab, size):
    page = tab.page
    page.set_viewport_size(size)
    tab.open(CHAPTERS[0])
    for name in page.evaluate("[...document.querySelectorAll('.bd-article > section > section')].map((s) => s.id)"):
        page.goto("about:blank")
        page.goto(f"{tab.address}/{CHAPTERS[0]}.html#{name}", wait_until="networkidle")
        page.wait_for_function(WHERE_THE_LINK_LEADS, arg=name, timeout=5000)


def test_what_is_folded_is_not_laid_out_to_be_measured(tab):
    page = tab.open(CHAPTERS[0])
    page.wait_for_timeout(500)  # the theme measured it within 300 ms of a change
    folded = page.locator("details:not([open]) pre")
    assert folded.count() > 5
    assert page.locator("details:not([open]) pre[tabindex]").count() == 0


def test_page_for_what_is_not_found_leads_back(tab, site, tmp_path):
    # It is shown at any depth, and its links begin at the root of the published site; so it is served there.
    page = tab.page
    published = urlsplit(identity.read().site).path
    page.route("**/*", lambda route: route.continue_(url=route.request.url.replace(f"{published}/", "/")))
    page.goto(f"{tab.address}{published}/404.html", wait_until="networkidle")
    expect(page.locator("article h1")).to_have_text(re.compile("not found", re.IGNORECASE))
    assert page.evaluate("document.fonts.check('900 1em \\'Font Awesome 6 Free\\'')")
    assert tab.barriers() == []
    offered = page.locator("article a").evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    assert offered == [f"{published}/index.html", f"{published}/search.html"]
    page.locator(f".bd-sidebar-primary a[href$='{CHAPTERS[2]}.html']").click()
    page.wait_for_url(f"**/{CHAPTERS[2]}.html")


def test_chapters_can_be_marked_as_read_and_the_marks_cleared(tab):
    first, second = CHAPTERS[:2]
    page = tab.open(first)
    box = page.locator(".reading-progress")
    expect(box).to_contain_text(f"0 of {len(CHAPTERS)} chapters read")
    box.get_by_role("button", name="Mark as read").press("Enter")
    expect(box).to_contain_text(f"1 of {len(CHAPTERS)} chapters read")

    page = tab.open(second)
    read = page.locator(".bd-sidebar-primary a.is-read")
    expect(read).to_have_count(1)
    assert read.get_attribute("href").endswith(f"{Path(first).name}.html")
    expect(read).to_contain_text("(read)")
    box.get_by_role("button", name="Mark as read").click()

    page = tab.open("index")
    expect(box).to_contain_text(f"2 of {len(CHAPTERS)} chapters read")
    box.get_by_role("button", name="Clear all marks").click()
    expect(box).to_contain_text(f"0 of {len(CHAPTERS)} chapters read")
    tab.open("guides/exercises")
    expect(box).to_have_count(0)
    tab.open(first)
    expect(page.locator("a.is-read")).to_have_count(0)
    expect(box.get_by_role("button", name="Mark as read")).to_be_visible()
