"""The whole book as one PDF: every page of the built site, printed by a headless browser, with an outline.

``python tools/print_book.py SITE OUTPUT``; ``make pdf`` calls it.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfWriter
from tqdm import tqdm

ROOT = Path(__file__).parents[1]

sys.path.insert(0, str(ROOT / "_ext"))
from course_site.contents import read  # noqa: E402

FOOTER = """
<div style="width: 100%; font: 8px sans-serif; text-align: center; color: #555">
  <span class="title"></span> · <span class="pageNumber"></span>
</div>
"""

LINKS = """() => {
    const home = document.querySelector("link[rel=canonical]").href;
    for (const link of document.querySelectorAll("a[href]"))
        if (!link.getAttribute("href").startsWith("#")) link.href = new URL(link.getAttribute("href"), home);
}"""
"""On paper a link leads to the published site, and not to a file of the machine that printed it."""


def contents() -> list[tuple[str, list[str]]]:
    """The parts of the book, each with its pages."""
    book = read(ROOT)
    return [("Start", [book.root]), *((caption, list(pages)) for caption, pages in book.parts)]


def print_page(page: Page, address: str) -> tuple[str, bytes]:
    """The title of a page of the site, and the page as PDF."""
    page.goto(address, wait_until="networkidle")
    # What waits to be seen would never be: nobody scrolls.
    page.evaluate("document.querySelectorAll('img[loading=lazy]').forEach((image) => (image.loading = 'eager'))")
    page.evaluate(LINKS)
    page.wait_for_function("[...document.images].every((image) => image.complete)")
    title = page.locator("article h1").first.evaluate("(heading) => heading.firstChild.textContent.trim()")
    margin = {"top": "16mm", "bottom": "18mm", "left": "16mm", "right": "16mm"}
    printed = page.pdf(
        format="A4",
        scale=0.85,
        margin=margin,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
    )
    return title, printed


def print_book(site: Path, output: Path) -> int:
    """Print all pages into one file; returns how many pages of paper it has."""
    book = PdfWriter()
    here = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    as_root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []  # which root cannot have
    pages = sum(len(names) for _, names in contents())
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=here, args=as_root) as browser,
        browser.new_context(color_scheme="light") as context,
        tqdm(total=pages, unit="page") as bar,
    ):
        page = context.new_page()
        for part, names in contents():
            heading = book.add_outline_item(title=part, page_number=len(book.pages))
            for name in names:
                title, printed = print_page(page, (site / f"{name}.html").resolve().as_uri())
                start = len(book.pages)
                book.append(io.BytesIO(printed), import_outline=False)
                book.add_outline_item(title=title, page_number=start, parent=heading)
                bar.update()
    book.add_metadata({"/Title": "bncourse", "/Author": "the bncourse authors"})
    book.compress_identical_objects()
    book.write(output)
    return len(book.pages)


def main() -> None:
    """Print the site that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("output", type=Path)
    options = parser.parse_args()
    if not (options.site / "index.html").is_file():
        parser.error(f"{options.site} holds no built site: run make book first")
    count = print_book(options.site, options.output)
    print(f"{options.output}: {count} pages, {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
