"""What the site makes of notebooks: folds, callouts, numbered titles, measured minutes, legible figures."""

import io
import re
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import nbformat
import numpy as np
import pytest
import yaml
from bs4 import BeautifulSoup
from matplotlib import pyplot as plt
from playwright.sync_api import expect, sync_playwright
from pypdf import PdfReader

from browsing import CLIPBOARD_HOLDS, barriers, launch_browser
from building import ROOT, run_jupyter_book

pytestmark = pytest.mark.xdist_group("small book")  # which each process would build for itself

FIGURE = """\
from matplotlib import pyplot as plt
from bncourse.plots import use_style

use_style()
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.text(0, 1, "a note in small letters", fontsize=8)
plt.show()
"""

WIDE = """\
def a_name_that_is_long(first_argument, second_argument, third_argument=12):
    first_argument.has_a_method_of_a_long_name(second_argument, third_argument)
    for number in range(3):
        text = f"{first_argument} and {second_argument}, {number}: {len('x')}"

        print(text, "and a rest that leads far beyond the edge of any column, " * 2)
"""

MANY = "A sentence that is as long as those in which a chapter tells what somebody would see."

FOLDED = {"tags": ["hide-input"], "cellView": "form", "jupyter": {"source_hidden": True}}
"""As tools/fold_cells.py writes it."""

CELLS = [
    nbformat.v4.new_markdown_cell(
        "# A title\n\n> **Question.** Why?\n\nA gain, `a gain`, and gains again; fan-in.\n\n"
        "After this chapter you can\n\n- say why.",
        id="title",
    ),
    nbformat.v4.new_code_cell("x = 1\ny = 2", id="set-up", metadata=FOLDED),
    nbformat.v4.new_markdown_cell("<details><summary>Answer</summary>\n\nForty-two.\n\n</details>", id="answer"),
    nbformat.v4.new_code_cell("z = x + y", id="idea"),
    nbformat.v4.new_code_cell("assert x == 1\nassert z == 3, 'a reason'", id="c", metadata={"tags": ["checks"]}),
    nbformat.v4.new_code_cell(
        FIGURE.strip(),
        id="figure",
        metadata={"tags": ["hide-input"], "mystnb": {"image": {"alt": "A line that rises from 1 to 2."}}},
    ),
    nbformat.v4.new_code_cell(
        "from bncourse import schematics\n\nschematics.two_modes()", id="drawing", metadata={"tags": ["hide-input"]}
    ),
    nbformat.v4.new_code_cell("schematics.residual_blocks()", id="one-line", metadata={"tags": ["hide-input"]}),
    nbformat.v4.new_code_cell(WIDE.strip(), id="wide"),
    nbformat.v4.new_code_cell(
        "from torch.testing import assert_close\n\nassert_close(1.0, 1.0)", id="d", metadata={"tags": ["checks"]}
    ),
    nbformat.v4.new_markdown_cell(
        f"| mistake | what you see | cure |\n| --- | --- | --- |\n| `eps` | {MANY} | 95 % of `95 %`, not of 5 |\n\n"
        f"| part | you write | points |\n| --- | --- | --- |\n| 1 | {MANY} | 4 |",
        id="mistakes",
    ),
    nbformat.v4.new_markdown_cell(
        "> **Predict.** How large is $x$?\n>\n> - about 1\n> - about $10^2$\n\nIt is 1.\n\n> **Predict.** And $y$?",
        id="predict",
    ),
    nbformat.v4.new_markdown_cell("## Dig deeper: a side road\n\nText beside.\n\n### Below it", id="deeper"),
    nbformat.v4.new_code_cell("print('beside')", id="beside"),
    nbformat.v4.new_markdown_cell("## After\n\n> **Takeaway.** Remember.\n\n> An ordinary quote.", id="after"),
    nbformat.v4.new_markdown_cell(
        "## Sources\n\n"
        "- B. Author (2001), [A work](https://example.org/b), section 2: `code` and reason.\n"
        "- A. Author (2000), [Another work](https://example.org/a): another reason.",
        id="sources",
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A small book of one chapter, built with the real settings and extensions."""
    folder = tmp_path_factory.mktemp("book")
    for name in ("_ext", "_static", "_templates", "node_modules"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "_config.yml").write_text((ROOT / "_config.yml").read_text("utf-8"), "utf-8")
    contents = {"format": "jb-book", "root": "start"}
    contents["parts"] = [
        {"caption": "First part", "chapters": [{"file": "chapters/07-small"}]},
        {"caption": "Further", "chapters": [{"file": "references"}, {"file": "glossary"}]},
    ]
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents), "utf-8")
    (folder / "start.md").write_text("# The start\n", "utf-8")
    glossary = "# Glossary\n\n## Fan-in\n\nInputs.\n\n## Gain\n\nA factor.\n"
    (folder / "glossary.md").write_text(glossary, "utf-8")
    (folder / "references.md").write_text("# References\n", "utf-8")
    (folder / "src" / "bncourse").mkdir(parents=True)
    (folder / "chapters").mkdir()
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=CELLS, metadata=kernel), folder / "chapters" / "07-small.ipynb")
    build = run_jupyter_book(folder, folder)
    assert build.code == 0, build.log
    return build.site


@pytest.fixture(scope="module")
def page(site) -> BeautifulSoup:
    return BeautifulSoup((site / "chapters" / "07-small.html").read_text("utf-8"), "html.parser")


def test_title_carries_its_number_on_the_page_and_in_the_menu(page):
    assert page.find("h1").text.startswith("7. A title")
    assert page.title.text.startswith("7. A title")
    assert "7. A title" in page.select_one(".bd-sidebar-primary").text


def test_head_says_where_the_chapter_stands_and_leads_to_colab(page):
    head = page.select_one(".chapter-head")
    assert head.find_previous_sibling().name == "h1"
    assert "Chapter 7 of 7 · First part · 1 min" in head.text
    door = head.find("a", string="Open in Colab")["href"]
    assert door.startswith("https://colab.research.google.com/github/")
    assert door.endswith("/chapters/07-small.ipynb")


def folds(page) -> dict[str, str]:
    """The code behind each line."""
    found = page.select("div.cell details.hide")
    return {fold.select_one("summary p.collapsed").text.strip(): fold.select_one("pre").text for fold in found}


def test_plumbing_and_checks_are_folded_and_the_idea_is_open(page):
    assert folds(page) == {
        "Set-up (2 lines)": "x = 1\ny = 2\n",
        "Code of this figure (8 lines)": FIGURE,
        "Code of this figure (3 lines)": "from bncourse import schematics\n\nschematics.two_modes()\n",
        "2 numbers checked": "assert x == 1\nassert z == 3, 'a reason'\n",
        "1 number checked": "from torch.testing import assert_close\n\nassert_close(1.0, 1.0)\n",
    }
    shown = [pre.text for pre in page.select("div.cell > div.cell_input pre")]
    assert shown == ["z = x + y\n", WIDE, "print('beside')\n"]


def test_a_figure_of_one_line_stands_alone(page):
    figure = page.find("title", string="Two residual blocks").find_parent("div", class_="cell")
    assert figure.select("div.cell_input, details") == []
    assert "residual_blocks()" not in page.text


PARTS = """(pre) => [...pre.querySelectorAll(".line")].map((line) => {
    const range = document.createRange();
    range.selectNodeContents(line);
    const edge = pre.getBoundingClientRect().left;
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
    const isFirst = (box) => box.top <= boxes[0].top + 8;
    const [first, others] = [boxes.filter(isFirst), boxes.filter((box) => !isFirst(box))];
    return {
        rows: new Set(boxes.map((box) => Math.round(box.top / 8))).size,
        left: Math.min(...first.map((box) => box.left - edge)),
        end: Math.max(...first.map((box) => box.right - edge)),
        least: Math.min(...others.map((box) => box.left - edge)),
    };
})"""
"""Of each line of a listing: how many rows it takes, where its first row begins and ends, where the others begin."""


@pytest.mark.parametrize("width", [320, 390, 1024, 1280])
def test_code_is_never_cut_and_wraps_further_right_than_its_line_begins(site, width):
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto((site / "chapters" / "07-small.html").as_uri())
        page.evaluate("document.fonts.ready")
        for pre in page.locator("article pre:visible").all():
            assert pre.evaluate("(pre) => pre.scrollWidth <= pre.clientWidth"), pre.inner_text()
        lines = page.locator("div.cell_input pre", has_text="a_name_that_is_long").evaluate(PARTS)
        wrapped = [line for line in lines if line["rows"] > 1]
        assert all(line["least"] > line["left"] + 10 for line in wrapped), wrapped
        # And no row holds an indentation alone.
        assert all(line["end"] > width / 3 for line in wrapped), wrapped
        assert (len(wrapped) >= 3) == (width < 576)
        browser.close()


TOPS = "(cells) => cells.map((cell) => cell.getBoundingClientRect().top)"


def test_wrapped_code_is_copied_as_it_was_written(site):
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        Thread(target=server.serve_forever, daemon=True).start()
        browser = launch_browser(playwright)
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, permissions=["clipboard-read", "clipboard-write"]
        )
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/chapters/07-small.html", wait_until="networkidle")
        cell = page.locator("div.cell_input", has_text="a_name_that_is_long")
        cell.hover()
        cell.locator("button.copybtn").click()
        page.wait_for_function(CLIPBOARD_HOLDS, arg=WIDE.strip())
        # Who selects it with the mouse gets the same.
        cell.locator("pre").evaluate("(pre) => getSelection().selectAllChildren(pre)")
        page.evaluate("navigator.clipboard.writeText('')")
        page.keyboard.press("Control+c")
        page.wait_for_function(CLIPBOARD_HOLDS, arg=WIDE.strip())
        browser.close()
        server.shutdown()


def test_a_phone_shows_a_table_of_sentences_row_by_row(site):
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto((site / "chapters" / "07-small.html").as_uri())
        page.evaluate("document.fonts.ready")
        cells = page.locator("table.row-by-row tbody td")
        tops = cells.evaluate_all(TOPS)
        assert tops == sorted(set(tops))
        assert cells.nth(2).inner_text().split("\n")[0] == "cure"
        page.set_viewport_size({"width": 1280, "height": 800})
        assert np.ptp(cells.evaluate_all(TOPS)) < 1
        assert "cure" not in cells.nth(2).inner_text()
        browser.close()


def test_a_phone_shows_a_table_with_one_column_of_sentences_as_a_table(page):
    of_sentences = {table.th.text: "row-by-row" in table.get("class", []) for table in page.select("table:has(th)")}
    assert (of_sentences["mistake"], of_sentences["part"]) == (True, False)


def test_a_number_and_its_sign_stay_together_in_prose_and_code_stays_as_it_is(page):
    cell = page.select("table.row-by-row td")[2]
    assert "95\N{NO-BREAK SPACE}% of" in cell.text
    assert cell.code.text == "95 %"


def test_a_side_road_is_folded_as_a_whole_and_keeps_its_address(page):
    road = page.select_one("section#dig-deeper-a-side-road")
    fold = road.find("details", class_="dig-deeper", recursive=False)
    assert fold.summary.h2.text.startswith("Dig deeper: a side road")
    assert "Text beside." in fold.text
    assert fold.select_one("h3").text.startswith("Below it")
    assert "beside" in fold.select_one(".cell_output").text
    assert page.select_one("section#after").find_parent("details") is None


def test_goals_wait_behind_their_line(page):
    goals = page.select_one("details.goals")
    assert goals.summary.text == "After this chapter you can"
    assert goals.ul.text.strip() == "say why."
    assert page.text.count("After this chapter you can") == 1
    assert page.select_one("blockquote.callout-question").find_parent("details") is None


def test_callouts_have_the_class_of_their_kind(page):
    assert [quote["class"] for quote in page.select("blockquote.callout")] == [
        ["callout", "callout-question"],
        ["callout", "callout-predict", "choices"],
        ["callout", "callout-predict"],
        ["callout", "callout-takeaway"],
    ]
    assert len(page.select("article blockquote")) == 5


READ_ON, COMPARE = "Choose before you read on.", "Noted. Read on and compare."


def test_a_prediction_is_chosen_by_keyboard_or_mouse_kept_changed_and_cleared(site):
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto((site / "chapters" / "07-small.html").as_uri())
        choices = page.get_by_role("radiogroup", name="Predict. How large is")
        status = page.locator(".choices").get_by_role("status")
        small, large = choices.get_by_role("radio").all()
        expect(status).to_have_text(READ_ON)
        small.focus()
        page.keyboard.press("Space")
        expect(small).to_be_checked()
        expect(status).to_have_text(COMPARE)
        assert barriers(page) == []
        page.keyboard.press("ArrowDown")
        expect(large).to_be_checked()
        page.reload()
        expect(large).to_be_checked()
        expect(status).to_have_text(COMPARE)
        boxes = page.locator(".choices li").evaluate_all(
            "(items) => items.map((i) => i.getBoundingClientRect().height)"
        )
        assert min(boxes) >= 44
        page.get_by_text("about 1", exact=True).click()
        expect(small).to_be_checked()
        page.get_by_role("button", name="Clear").click()
        expect(small).to_be_focused()
        expect(status).to_have_text(READ_ON)
        page.reload()
        expect(choices.get_by_role("radio", checked=True)).to_have_count(0)
        page.emulate_media(media="print")
        assert page.locator(".choices :is(input, button, [role=status]):visible").count() == 0
        expect(page.locator(".choices ul")).to_have_css("list-style-type", "disc")
        browser.close()


def test_a_prediction_can_be_made_where_nothing_can_be_kept_and_read_without_scripts(site):
    address = (site / "chapters" / "07-small.html").as_uri()
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        page = browser.new_page()
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('none') } })")
        page.goto(address)
        page.get_by_text("about 1", exact=True).click()
        expect(page.locator(".choices").get_by_role("status")).to_have_text(COMPARE)
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(address)
        expect(plain.locator(".choices")).to_have_text(re.compile(r"How large is.*\n.*about 1\n.*about 10", re.DOTALL))
        expect(plain.locator(".choices ul")).to_have_css("list-style-type", "disc")
        assert plain.locator(".choices :is(input, button, [role])").count() == 0
        browser.close()


def test_references_are_the_sources_of_the_chapters_in_order(site):
    page = BeautifulSoup((site / "references.html").read_text("utf-8"), "html.parser")
    works = page.select("ul.references > li")
    assert [work.find("p").text for work in works] == ["A. Author (2000), Another work", "B. Author (2001), A work"]
    uses = [work.ul.p for work in works]
    assert [use.text for use in uses] == [
        "Chapter\u00a07: another reason.",
        "Chapter\u00a07: section\u00a02: code and reason.",
    ]
    assert {use.a["href"] for use in uses} == {"chapters/07-small.html"}


def test_the_first_use_of_a_word_leads_to_the_glossary(page):
    links = [(link.text, link["href"]) for link in page.select("article a.term")]
    assert links == [("gain", "../glossary.html#gain"), ("fan-in", "../glossary.html#fan-in")]


def test_labels_of_figures_are_legible_on_a_phone(site):
    """The smallest label, 8 points high, is 9 pixels high on the screen; the figure scrolls, and the page does not."""
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        phone = browser.new_page(viewport={"width": 390, "height": 844})
        phone.goto((site / "chapters" / "07-small.html").as_uri())
        image = phone.locator("span.legible > img")
        image.scroll_into_view_if_needed()
        phone.wait_for_function("() => document.querySelector('span.legible > img').complete")
        shown = image.bounding_box()["width"]
        drawn = figure_width(site, image.get_attribute("src"))
        frame = phone.locator("span.legible")
        assert 8 * shown / drawn >= 9 - 0.01
        assert shown > frame.bounding_box()["width"]
        assert frame.evaluate("(frame) => frame.tabIndex") == 0
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        # Where the screen is wide enough, the whole figure is seen.
        phone.set_viewport_size({"width": 1280, "height": 800})
        assert image.bounding_box()["width"] <= frame.bounding_box()["width"]
        browser.close()


def test_paper_shows_answers_and_side_roads_and_no_controls(site):
    with sync_playwright() as playwright:
        browser = launch_browser(playwright)
        page = browser.new_page()
        page.goto((site / "chapters" / "07-small.html").as_uri())
        printed = "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages)
        browser.close()
    flat = " ".join(printed.split())
    for shown in (
        "7. A title",
        "say why.",
        "Forty-two.",
        "Text beside.",
        "Below it",
        "2 numbers checked",
        "Set-up (2 lines)",
    ):
        assert shown in flat
    for hidden in ("Open in Colab", "assert x == 1", "use_style()", "Mark as read"):
        assert hidden not in flat


def test_the_search_shows_the_chapter_that_is_asked_for_first(site):
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as playwright:
        Thread(target=server.serve_forever, daemon=True).start()
        browser = launch_browser(playwright)
        page = browser.new_page()
        for query in ("chapter 07", "chapter 7", "gains", "small"):
            page.goto(f"http://127.0.0.1:{server.server_port}/search.html?q={query}")
            first = page.locator("#search-results li a").first
            first.wait_for(timeout=20_000)
            assert "chapters/07-small" in first.get_attribute("href"), query
        browser.close()
        server.shutdown()


def test_a_link_to_a_chapter_is_shown_with_its_figure(page, site):
    told = {tag["property"]: tag["content"] for tag in page.find_all("meta", property=True)}
    assert told["og:image"].endswith("/_static/cards/07-small.png")
    assert told["og:image:alt"] == "A figure of chapter 7, beside its question."
    picture = plt.imread(site / "_static" / "cards" / "07-small.png")
    assert picture.shape[:2] == (630, 1200)
    blue = (abs(picture[..., :3] - np.array([10, 98, 168]) / 255) < 0.02).all(-1)
    assert blue[:, :600].any(), "the logo is missing"
    assert blue[:, 600:].any(), "the figure's line is missing"


def figure_width(site: Path, source: str) -> float:
    """How many points wide a figure of the page was drawn."""
    svg = (site / "chapters" / source).resolve().read_text("utf-8")
    return float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
