"""The pages around the chapters' content: what is loaded, what search engines read, what the buttons show."""

import re
import textwrap
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from course_site.digest import digest

DEPENDENCIES = ["_ext/**/*.py", "_ext/**/*.js", "_ext/**/*.yml", "_static/**/*", "_templates/**/*", "package-lock.json"]
"""What every page depends on besides its source and the configuration, as globs from the root."""


def setup(app: Sphinx) -> None:
    """Come after Jupyter Book and the theme, whose handlers run at priorities up to 501."""
    app.add_config_value("course_site_digest", "", "html")
    app.connect("config-inited", derive_address)
    app.connect("config-inited", notice_changes)
    app.connect("config-inited", load_no_script_everywhere)
    app.connect("html-page-context", describe, priority=900)
    app.connect("html-page-context", plain_repository_icon, priority=900)
    app.connect("html-page-context", say_what_is_meant, priority=900)
    app.connect("html-page-context", name_the_toggles, priority=900)
    app.add_js_file("progress.js", loading_method="defer")


def derive_address(app: Sphinx, config: Config) -> None:
    """Where the site is published, for cards and the 404 page too.

    The page for what is not found is shown at any depth, so its own links have to begin at the root.
    """
    config.ogp_site_url = config.html_baseurl
    config.notfound_urls_prefix = root = urlsplit(config.html_baseurl).path
    config.notfound_context = {
        "title": "Page not found",
        "body": "<h1>Page not found</h1><p>There is no page at this address. "
        f'<a href="{root}index.html">Home</a> shows all chapters, and the '
        f'<a href="{root}search.html">search</a> finds words in all pages.</p>',
    }


def notice_changes(app: Sphinx, config: Config) -> None:
    """Have all pages written again when a style sheet, a template or this extension has changed.

    Sphinx by itself looks at the sources and at the configuration only.
    """
    config.course_site_digest = digest(Path(app.srcdir), DEPENDENCIES)


def load_no_script_everywhere(app: Sphinx, config: Config) -> None:
    """Jupyter Book links every script in ``_static`` from every page; here a page loads what it uses."""
    config.html_js_files = []


def describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Describe the page to search engines, in the words of its ``description`` or else of its first paragraph."""
    if doctree is not None:
        text = (context["meta"] or {}).get("description") or first_paragraph(doctree)
        context["metatags"] += f'\n<meta name="description" content="{escape(text)}">\n'


def first_paragraph(doctree: nodes.document) -> str:
    """The first paragraph, cut at a word to the length that search engines show."""
    paragraph = next(doctree.findall(nodes.paragraph), nodes.paragraph())
    return textwrap.shorten(paragraph.astext(), 160, placeholder="…")


def plain_repository_icon(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """The sign of the repository's provider would bring a font of brand marks, 115 kB, for this one sign."""
    for button in context.get("header_buttons", []):
        if button.get("label") == "source-buttons":
            button["icon"] = "fas fa-code-branch"


TOGGLE = '<span class="toctree-toggle" role="presentation">'
"""What opens the list below a chapter in the menu; it is an arrow without a word."""


def name_the_toggles(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Have screen readers say what the arrows of the menu open."""
    make = context.get("generate_toctree_html")
    if make is not None:
        named = f'{TOGGLE}<span class="visually-hidden">Assignment of this chapter</span>'
        context["generate_toctree_html"] = lambda *which, **how: str(make(*which, **how)).replace(TOGGLE, named)


def say_what_is_meant(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Correct what screen readers are told differently from what is seen, in HTML that has no setting for it.

    The corner of a table heads nothing, and what folds a cell away is called as it says.
    """
    body = re.sub(r'<th class="head[^"]*">\s*(<p></p>)?\s*</th>', "<td></td>", context.get("body") or "")
    context["body"] = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
