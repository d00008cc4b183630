"""How long the movable figures take to answer, measured in the browser: from the key to the next frame.

    python benchmarks/interactions.py     # after `make book`

The browser's own Event Timing says, for each event that took longer than a frame, when the next frame showed what came
of it; it rounds to 8 ms. Each slider is moved from end to end by its keys, each choice is taken in turn.
"""

from __future__ import annotations

import re
import statistics
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

from pages import SITE, serve  # noqa: E402

from browsing import launch_browser  # noqa: E402

LISTEN = """() => {
    window.times = [];
    const note = (list) => list.getEntries().forEach((entry) => {
        if (entry.interactionId) window.times.push(entry.duration);
    });
    new PerformanceObserver(note).observe({ type: "event", durationThreshold: 16 });
    window.handled = [];
    const started = new Map();
    addEventListener("input", (event) => started.set(event, performance.now()), { capture: true });
    addEventListener("input", (event) => window.handled.push(performance.now() - started.get(event)));
}"""
"""What takes less than a frame is not told: it counts as 16 ms. And how long the page's own code ran."""


def move_everything(page: Page) -> int:
    """Move each input of each figure of a page; returns how often."""
    moves = 0
    page.mouse.move(5, 5)  # figures wait for the reader
    for figure in page.locator(".movable").all():
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_class(re.compile("drawn"), timeout=15_000)
        for slider in figure.locator("input[type=range]").all():
            slider.focus()
            for key in ["Home", *["PageUp"] * 10, "End", *["ArrowLeft"] * 20]:
                page.keyboard.press(key)
                page.wait_for_timeout(50)
                moves += 1
        for choice in figure.locator("input[type=radio]").all():
            choice.click()
            page.wait_for_timeout(50)
            moves += 1
    page.wait_for_timeout(500)
    return moves


def main() -> None:
    """Measure every page with a movable figure."""
    address = serve(SITE)
    chapters = [
        path.stem for path in sorted(ROOT.glob("chapters/*.ipynb")) if "movable.show(" in path.read_text("utf-8")
    ]
    print(f"{'chapter':32}{'moves':>7}{'median ms':>11}{'most ms':>9}{'code, median':>14}{'code, most':>12}")
    with sync_playwright() as playwright, launch_browser(playwright) as browser:
        for name in chapters:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(f"{address}/chapters/{name}.html", wait_until="networkidle")
            page.evaluate(LISTEN)
            moves = move_everything(page)
            slow, handled = page.evaluate("window.times"), page.evaluate("window.handled")
            assert handled, f"nothing was moved on {name}"
            times = slow + [16] * max(0, moves - len(slow))
            print(
                f"{name:32}{moves:7}{statistics.median(times):11.0f}{max(times):9.0f}"
                f"{statistics.median(handled):14.1f}{max(handled):12.1f}"
            )
            page.close()


if __name__ == "__main__":
    main()
