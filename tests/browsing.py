"""The browser that tests and benchmarks look at pages with."""

import os
import shutil

from playwright.sync_api import Browser, Playwright


def launch_browser(playwright: Playwright) -> Browser:
    """The browser of this machine, as `make browser` looks for it, or else the one that Playwright installed."""
    here = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    arguments = ["--disable-background-networking"]
    if os.name == "posix" and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # which root cannot have
    return playwright.chromium.launch(executable_path=here, args=arguments)
