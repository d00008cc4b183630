"""What the search finds, and what it shows first: readers have words of their own for what a page is about."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

HERE = Path(__file__).parent


def setup(app: Sphinx) -> None:
    """Give Sphinx the order of results before it starts, and each page its readers' words when it is read."""
    app.connect("config-inited", order)
    app.connect("doctree-read", add_words)


def asked() -> dict[str, list[str]]:
    """Return what is typed for each page."""
    return yaml.safe_load((HERE / "asked.yml").read_text("utf-8"))


def order(app: Sphinx, config: Config) -> None:
    """Write the script that orders the results, with what is typed for each page, where the build keeps its files."""
    script = (HERE / "scorer.js").read_text("utf-8")
    target = Path(app.doctreedir) / "scorer.js"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(script.replace("const ASKED = {};", f"const ASKED = {json.dumps(asked())};"), "utf-8")
    config.html_search_scorer = str(target)


def add_words(app: Sphinx, doctree: nodes.document) -> None:
    """Have the search find a page by its readers' words; Sphinx takes them from the page's keywords."""
    entries = asked().get(app.env.docname, [])
    words = {word for entry in entries for word in re.findall(r"\w+", entry.lower())}
    if "batchnorm" in words:
        words |= {"batch", "norm", "bn"}
    if words:
        doctree.append(nodes.meta("", name="keywords", content=", ".join(sorted(words))))
