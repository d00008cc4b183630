"""What other sites show of a link to a chapter: a picture with its number, its question and its figure."""

from __future__ import annotations

import re
import textwrap
from html import escape
from pathlib import Path
from xml.etree import ElementTree

import vl_convert
from docutils import nodes
from sphinx.application import Sphinx

from course_site import contents, home

FOLDER = "cards"
"""The folder in ``_static`` that holds the picture of each chapter."""

WIDTH, HEIGHT = 1200, 630
"""Pixels, as https://ogp.me and the sites that read it ask for."""

INK, PAPER, BLUE, GREY = "#1b1f24", "#ffffff", "#0a62a8", "#5b646e"

LOGO = "M5 28v-9M10.5 28v-18.7M16 28v-24M21.5 28v-18.7M27 28v-9"


def setup(app: Sphinx) -> None:
    """Name the picture before sphinxext-opengraph looks for one, at priority 500, and draw it at the end."""
    app.connect("html-page-context", name, priority=400)
    app.connect("build-finished", write)


def name(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Tell sphinxext-opengraph which picture belongs to a chapter that has a figure."""
    chapter, meta = contents.CHAPTER.fullmatch(pagename), context.get("meta") or {}
    if chapter and meta.get("figure") and app.config.html_baseurl:
        picture = f"{app.config.html_baseurl}_static/{FOLDER}/{pagename.rpartition('/')[2]}.png"
        alt = f"A figure of chapter {int(chapter[1])}, beside its question."
        context["meta"] = {**meta, "og:image": picture, "og:image:alt": alt}


def write(app: Sphinx, exception: Exception | None) -> None:
    """Draw the picture of each chapter that has a figure."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for chapter, figure in home.thumbnails(app):
        question = app.env.metadata[chapter.docname]["question"]
        drawn = card(f"Chapter {chapter.number}", question, figure)
        (folder / f"{chapter.slug}.png").write_bytes(vl_convert.svg_to_png(drawn, scale=1))


def card(number: str, question: str, figure: str) -> str:
    """Return the picture as SVG: number and question on the left, the figure on the right."""
    drawing = ElementTree.fromstring(re.sub(r"<style>.*?</style>", "", figure, flags=re.DOTALL))
    for key, value in {"x": "600", "y": "135", "width": "540", "height": "360"}.items():
        drawing.set(key, value)
    size = 44 if len(question) < 90 else 36
    lines = textwrap.wrap(question, width=int(1010 / size))
    tspans = "".join(
        f'<text x="60" y="{230 + index * size * 1.3:g}" font-size="{size}" font-weight="bold" fill="{INK}">'
        f"{escape(line)}</text>"
        for index, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="Liberation Sans, Arial, sans-serif"><rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>'
        f'<g transform="translate(60 60) scale(2)"><rect width="32" height="32" rx="6" fill="{BLUE}"/>'
        f'<path stroke="#fff" stroke-width="4" d="{LOGO}"/></g>'
        f'<text x="144" y="106" font-size="40" font-weight="bold" fill="{INK}">bncourse</text>'
        f'<text x="60" y="172" font-size="28" fill="{GREY}">{escape(number)}</text>{tspans}'
        f"{ElementTree.tostring(drawing, encoding='unicode')}</svg>"
    )
