"""The laboratory in a real browser: every experiment's claim by its outcome, links, keyboard, touch, no network."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from bncourse.lab import reference
from bncourse.lab.state import presets

DONE = "document.querySelector('.lab').lab.status === 'done'"
RIGHT = {
    "hockey-stick": 1, "zeros": 1, "constant": 0, "gains": 1, "saturation": 2, "relu": 1, "learning-rate": 1,
    "batch-of-two": 1, "forget-eval": 2, "momentum": 0, "bias": 1, "fifty-layers": 1, "vital-signs": 0,
    "eight-seeds": 2,
}  # fmt: skip
"""The choice of each experiment that its run must show to be right."""


def open_lab(tab, fragment: str = "") -> Page:
    tab.page.goto("about:blank")
    tab.page.goto(f"{tab.address}/lab.html{fragment}", wait_until="networkidle")
    expect(tab.page.locator(".lab.lab-ready")).to_be_visible()
    return tab.page


def finish(page: Page, timeout: float = 180_000) -> None:
    page.wait_for_function(DONE, timeout=timeout)


def run_own(page: Page) -> None:
    page.get_by_role("button", name="Run", exact=True).click()
    finish(page)


def losses(page: Page, name: str = "a", count: int = 5) -> list[float]:
    script = "([name, count]) => [...document.querySelector('.lab').lab.view.series[name].values.subarray(0, count)]"
    return page.evaluate(script, [name, count])


def test_a_small_one_comes_to_life_when_the_reader_comes_near(tab):
    loaded: list[str] = []
    tab.page.on("request", lambda request: loaded.append(request.url))
    page = tab.open("chapters/03-tanh-saturation")
    assert [url for url in loaded if url.endswith("lab.js")] == []
    laboratory = page.locator(".lab").first
    expect(laboratory.locator(".lab-still")).to_have_count(1)
    laboratory.scroll_into_view_if_needed()
    expect(page.locator(".lab.lab-ready").first).to_be_visible()
    laboratory.get_by_role("button", name="Run").click()
    page.wait_for_function("document.querySelector('.lab').lab.view?.step > 20", timeout=60_000)


def test_every_experiment_is_expected():
    assert set(RIGHT) == set(presets())


@pytest.mark.parametrize("name", RIGHT)
def test_experiment_shows_what_it_claims(tab, name):
    page = open_lab(tab, f"#lab=1{link_of(tab, name)}")
    experiment = presets()[name]
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    page.get_by_text(experiment["choices"][RIGHT[name]], exact=True).click()
    page.get_by_role("button", name="Lock in my prediction").click()
    page.get_by_role("button", name="Run", exact=True).click()
    outcome = page.locator(".lab-outcome p").first
    expect(outcome).to_contain_text("Right:", timeout=120_000)
    assert outcome.get_attribute("data-right") == str(RIGHT[name])
    assert re.search(r"\d", outcome.inner_text())


ANYTHING_DRAWN = """() => [...document.querySelectorAll(".lab canvas")].some((canvas) => {
  const empty = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  return canvas.toDataURL() !== empty.toDataURL();
})"""


def test_nothing_gives_the_answer_away_before_the_prediction(tab):
    page = open_lab(tab)
    laboratory = page.locator(".lab")
    numbers = laboratory.get_by_text("Numbers", exact=True).first
    expect(laboratory.locator(".lab-still img")).to_have_count(0)
    expect(laboratory).to_contain_text("The pictures appear here with the first step.")
    page.get_by_role("button", name="Run without one").click()
    page.get_by_role("button", name="Step", exact=True).click()
    expect(numbers).to_be_visible(timeout=60_000)
    assert page.evaluate(ANYTHING_DRAWN)
    # An experiment that has been run leaves nothing behind for the next one.
    for name in RIGHT:
        page.get_by_label("Experiment").select_option(name)
        expect(page.get_by_role("button", name="Lock in my prediction")).to_be_visible()
        assert not page.evaluate(ANYTHING_DRAWN)
        assert "".join(laboratory.locator(".lab-words").all_inner_texts()) == ""
        expect(numbers).to_be_hidden()


def test_a_small_one_shows_no_recorded_picture_of_other_settings(tab):
    page = tab.open("chapters/03-tanh-saturation")
    laboratory = page.locator(".lab").first
    laboratory.scroll_into_view_if_needed()
    expect(page.locator(".lab.lab-ready").first).to_be_visible()
    expect(laboratory.locator(".lab-still img")).to_be_visible()
    laboratory.get_by_role("slider").first.press("ArrowRight")
    expect(laboratory.locator(".lab-still img")).to_have_count(0)
    expect(laboratory).to_contain_text("The pictures appear here with the first step.")


def link_of(tab, name: str) -> str:
    """What comes after ``lab=1`` in the address once an experiment has been chosen."""
    page = open_lab(tab)
    page.get_by_label("Experiment").select_option(name)
    return page.url.partition("#lab=1")[2]


def test_losses_are_those_of_pytorch(tab):
    page = open_lab(tab, "#lab=1&n=deep&d=3&w=50&b=before&t=60")
    run_own(page)
    expected = reference({"net": "deep", "depth": 3, "width": 50, "bn": "before"}, steps=5)
    assert losses(page) == pytest.approx(expected, rel=1e-5)


def test_code_to_take_along_prints_the_same_losses(tab, capsys):
    page = open_lab(tab, "#lab=1&n=deep&d=3&w=40&r=1&t=20&B=b.i&B.b=before&B.i=torch")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy as PyTorch code").click()
    code = page.locator(".lab-copied textarea").input_value()
    found: dict = {}
    exec(code, found)
    state = {"a": {"net": "deep", "depth": 3, "width": 40, "residual": True, "steps": 20}}
    state["b"] = {"bn": "before", "init": "torch"}
    for network in "AB":
        assert found["losses"][network] == pytest.approx(reference(state, network=network), rel=1e-5)
    assert "A" in capsys.readouterr().out


def test_it_loads_the_engine_at_the_first_click_and_pauses_and_resets_with_the_same_draw(tab):
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    page = open_lab(tab, "#lab=1&t=100000")
    assert not [url for url in asked if "lab-" in url]
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("document.querySelector('.lab').lab.view?.step > 200", timeout=60_000)
    assert {url.rsplit("/", 1)[1] for url in asked if "lab-" in url} == {"lab-engine.js", "lab-names.js"}
    first = losses(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(page.locator(".lab-spoken")).to_contain_text(re.compile(r"Step [\d,]+\. Loss A \d"))
    step = page.evaluate("document.querySelector('.lab').lab.view.step")
    page.get_by_role("button", name="Step", exact=True).click()
    page.wait_for_function(f"document.querySelector('.lab').lab.view.step === {step + 1}")
    page.get_by_role("button", name="Reset, same draw").click()
    page.wait_for_function("document.querySelector('.lab').lab.view?.step === 0")
    page.get_by_role("button", name="100 steps").click()
    page.wait_for_function("document.querySelector('.lab').lab.view.step === 100", timeout=60_000)
    assert losses(page) == first
    page.get_by_role("button", name="New draw").click()
    assert page.locator("[data-setting=seed]").input_value() == "2147483648"


def test_learning_rate_changes_during_a_run_and_is_kept_in_the_link(tab):
    page = open_lab(tab, "#lab=1&t=300")
    page.get_by_role("button", name="100 steps").click()
    page.wait_for_function("document.querySelector('.lab').lab.view?.step === 100", timeout=60_000)
    page.locator("[data-setting=lr]").fill("0.01")
    page.locator("[data-setting=lr]").press("Enter")
    assert "lr=100:0.01" in page.url
    run_own(page)
    expected = reference({"steps": 300, "rates": [[100, 0.01]]})
    assert losses(page, count=300)[100:] == pytest.approx(expected[100:], rel=1e-4)


def test_a_bad_link_gives_the_default_and_a_sentence(tab):
    for fragment in ("#lab=7", "#lab=1&d=900", "#lab=1&x=<img src=x onerror=alert(1)>", "#lab=1&n=%"):
        page = open_lab(tab, fragment)
        expect(page.get_by_role("alert")).to_contain_text("This link could not be read")
        assert page.evaluate("document.querySelector('.lab').lab.state.a.depth") == 5


def test_input_that_is_not_accepted_is_refused_where_it_stands(tab):
    page = open_lab(tab)
    field = page.locator("[data-setting=batch]")
    field.fill("999")
    field.press("Tab")
    message = field.evaluate("(input) => input.validationMessage")
    assert message == "batch size is “999”; it must be a whole number from 1 to 256."
    assert page.evaluate("document.querySelector('.lab').lab.state.a.batch") == 32


def test_nothing_keeps_anybody_out(tab):
    page = open_lab(tab, "#lab=1&n=deep&d=3&w=30&t=40&B=b&B.b=before")
    run_own(page)
    for summary in page.locator(".lab summary").all():
        if summary.locator("..").get_attribute("open") is None:
            summary.click()
    for scheme in ("light", "dark"):
        tab.switch_to(scheme)
        assert tab.barriers() == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.barriers("target-size", "scrollable-region-focusable") == []


def test_keyboard_alone_and_the_presentation(tab):
    page = open_lab(tab)
    page.get_by_label("Experiment").focus()
    page.keyboard.type("White")
    page.keyboard.press("Enter")
    page.locator(".lab-predict input").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Present", exact=True).press("Enter")
    page.locator("body").press(" ")
    page.wait_for_function("document.querySelector('.lab').lab.view?.step > 10", timeout=60_000)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Present", exact=True)).to_be_focused()


def test_touch(browser, address):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with browser.new_context(**phone) as context:
        page = context.new_page()
        page.goto(f"{address}/lab.html#lab=1&t=50", wait_until="networkidle")
        page.get_by_role("button", name="Run", exact=True).tap()
        finish(page)
        box = page.locator(".lab-run").bounding_box()
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= 844


def test_works_from_the_file_system_without_a_network_in_two_tabs(site, browser):
    with browser.new_context(offline=True) as context:
        pages = [context.new_page() for _ in range(2)]
        wrong: list[str] = []
        for page in pages:
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.goto(f"{(site / 'lab.html').as_uri()}#lab=1&t=80", wait_until="load")
            page.get_by_role("button", name="Run", exact=True).click()
        for page in pages:
            page.bring_to_front()
            if page.evaluate("document.querySelector('.lab').lab.status") == "paused":
                page.get_by_role("button", name="Run", exact=True).click()
            finish(page)
        assert losses(pages[0]) == losses(pages[1])
        assert wrong == []


def test_reduced_motion_draws_at_pauses_only(tab):
    tab.page.emulate_media(reduced_motion="reduce")
    page = open_lab(tab, "#lab=1&t=1000")
    assert page.evaluate("document.querySelector('.lab').lab.view") is None  # nothing starts by itself
    page.evaluate(
        """() => {
            const { lab } = document.querySelector(".lab");
            const draw = lab.draw.bind(lab);
            window.drawnAt = [];
            lab.draw = () => { window.drawnAt.push(lab.view?.step); draw(); };
        }"""
    )
    run_own(page)
    # Start, end, each hundred steps; and again when a caption that has got longer moves the pictures.
    assert page.evaluate("new Set(window.drawnAt).size") <= 15


def test_captions_follow_while_it_trains(tab):
    page = open_lab(tab, "#lab=1&t=20000")
    page.get_by_role("button", name="Run", exact=True).click()
    caption = page.locator(".lab-updates .lab-drawing")
    expect(caption).to_contain_text("updates are 10 to the power of", timeout=60_000)
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()  # it still runs


def test_page_does_not_stutter_while_it_trains(tab, browser):
    """No task of the page's own thread takes 50 ms of its processor: what a browser calls a long task.

    Time on the clock says the same only where nothing else runs, because a task that waits for a processor gets longer.
    """
    page = open_lab(tab, "#lab=1&t=20000")
    page.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("document.querySelector('.lab').lab.view?.step > 300", timeout=60_000)
    before = page.evaluate("document.querySelector('.lab').lab.view.step")
    browser.start_tracing(page=page, categories=["toplevel"])
    page.wait_for_timeout(5000)
    after = page.evaluate("document.querySelector('.lab').lab.view.step")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    main = {
        (e["pid"], e["tid"]) for e in events if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    tasks = [e for e in events if (e["pid"], e["tid"]) in main and e["name"].endswith("RunTask")]
    milliseconds = [e["tdur"] / 1000 for e in tasks if "tdur" in e]
    assert after > before
    assert len(milliseconds) > 100
    assert max(milliseconds) < 50, sorted(milliseconds)[-10:]


def test_without_scripts_a_picture_and_a_sentence_stand(site, browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/lab.html")
        expect(page.locator(".lab-still img")).to_be_visible()
        expect(page.locator(".lab-still")).to_contain_text("Computed when this page was built.")
        told = json.loads(page.locator(".lab script").text_content())
        assert told["preset"] in RIGHT
