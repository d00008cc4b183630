"""The browser that tests and benchmarks look at pages with."""

import os
import shutil

from playwright.sync_api import Browser, Page, Playwright

from building import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

CLIPBOARD_HOLDS = "async (text) => (await navigator.clipboard.readText()).trim() === text"
"""For ``page.wait_for_function``: whether a text has been copied, which takes a moment."""


def launch_browser(playwright: Playwright) -> Browser:
    """The browser of this machine, as `make browser` looks for it, or else the one that Playwright installed."""
    here = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    arguments = ["--disable-background-networking"]
    if os.name == "posix" and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # which root cannot have
    return playwright.chromium.launch(executable_path=here, args=arguments)


def barriers(page: Page, *rules: str) -> list[str]:
    """What axe finds on a page that keeps somebody out: by these rules or else by all, and in which element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))  # not as a script of the page, which its own policy may forbid
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("async (options) => (await axe.run(options)).violations", options)
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]
