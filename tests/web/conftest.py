"""The website, served on this machine, and a real browser that writes down whatever goes wrong in it."""

import functools
import os
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

from browsing import barriers, launch_browser
from building import ROOT

WIDE = {"width": 1280, "height": 800}


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Tab:
    """A tab of the browser: its page, and what went wrong there."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.wrong: list[str] = []
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("request", self.see_request)
        page.on("requestfailed", self.see_failure)
        page.on("response", self.see_response)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text}")

    def see_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.wrong.append(f"request to another host: {request.url}")

    def see_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left before it had arrived
            self.wrong.append(f"failed: {request.url}: {request.failure}")

    def see_response(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")

    def open(self, name: str) -> Page:
        """Go to a page of the site, by its path without ``.html``."""
        # On a busy machine a page takes long to come to rest, which is no fault of the page.
        self.page.goto(f"{self.address}/{name}.html", wait_until="networkidle", timeout=120_000)
        return self.page

    def scroll_through(self) -> None:
        """Bring every part of the page into view once, so that what waits to be seen is loaded."""
        self.page.evaluate(
            """async () => {
                for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
                    scrollTo({ top: y, behavior: "instant" });
                    await new Promise((resolve) => setTimeout(resolve, 20));
                }
                scrollTo({ top: 0, behavior: "instant" });
            }"""
        )
        self.wait_for_pictures()

    def wait_for_pictures(self) -> None:
        """Until every picture that was asked for is there."""
        self.page.wait_for_function("[...document.images].every((image) => image.complete || image.loading === 'lazy')")
        self.page.wait_for_load_state("networkidle")

    def switch_to(self, scheme: str) -> None:
        """Show the page as a system does that is set to ``light`` or ``dark``."""
        self.page.emulate_media(color_scheme=scheme)
        expect(self.page.locator("html")).to_have_attribute("data-theme", scheme)
        self.page.wait_for_function("document.getAnimations().every((fading) => fading.playState !== 'running')")
        self.wait_for_pictures()

    def barriers(self, *rules: str) -> list[str]:
        """What axe finds on the page that keeps somebody out: by these rules or else by all, and in which element."""
        return barriers(self.page, *rules)


@pytest.fixture(scope="session")
def take_picture() -> Callable[[Page, str], None]:
    """Puts a picture of a whole page into _build/screenshots, for a person to leaf through: on request, being slow."""
    folder = ROOT / "_build" / "screenshots"

    def take(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            folder.mkdir(parents=True, exist_ok=True)
            # PNG takes seconds for a page.
            page.screenshot(path=folder / f"{name.replace('/', '-')}.jpeg", full_page=True, quality=80, timeout=120_000)

    return take


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright, launch_browser(playwright) as browser:
        yield browser


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Tab]:
    """A fresh tab, without history; by the end of a test nothing may have gone wrong in it."""
    with browser.new_context(viewport=WIDE, color_scheme="light") as context:
        tab = Tab(context.new_page(), address)
        yield tab
        assert tab.wrong == []
