"""Formulas, set by KaTeX when the book is built: readers need no script for them, and screen readers get MathML."""

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from course_site import javascript

logger = logging.getLogger(__name__)

KATEX = javascript.PACKAGES / "katex" / "dist"

SHORT = 26
"""Signs up to which a formula in a sentence stays on one line, as in "n − 1"; a phone has room for them."""

MathNode = nodes.math | nodes.math_block
answers: dict[tuple[str, bool], dict[str, str]] = {}
"""What KaTeX made of each formula, by its TeX and whether it stands on a line of its own."""


def setup(app: Sphinx) -> None:
    """Register the renderer that ``html_math_renderer: katex`` asks for."""
    app.add_html_math_renderer("katex", (visit_math, None), (visit_math, None))
    app.add_css_file("katex/katex.min.css")
    app.connect("builder-inited", copy_katex)
    app.connect("doctree-resolved", set_formulas_of_page)


def copy_katex(app: Sphinx) -> None:
    """Put KaTeX's style sheet into the site; its fonts come with the others."""
    if not KATEX.is_dir():
        raise ExtensionError(f"KaTeX is not in {KATEX}; `make setup` installs it")
    target = Path(app.outdir) / "_static" / "katex"
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(KATEX / "katex.min.css", target)


def set_formulas_of_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Set all formulas of a page at once, because starting node takes longer than setting them."""
    set_formulas(math_nodes(doctree))


def visit_math(translator: HTML5Translator, node: MathNode) -> None:
    """Write a formula; one that KaTeX cannot set is a warning with its file and line, which ends the build."""
    set_formulas([node])  # a formula in a heading is also written in the contents of the page, from a copy
    answer = answers[key(node)]
    if "error" in answer:
        logger.warning("%s", answer["error"], location=node)
    tag = "div" if isinstance(node, nodes.math_block) else "span"
    short = tag == "span" and signs(node.astext()) <= SHORT
    translator.body.append(translator.starttag(node, tag, "", CLASS="math short" if short else "math"))
    translator.body.append(answer.get("html", translator.encode(node.astext())))
    translator.body.append(f"</{tag}>")
    raise nodes.SkipNode


def signs(tex: str) -> int:
    """Return about how many signs a formula is wide; a command counts as one."""
    return len(
        re.sub(r"\\[a-zA-Z]+", "x", re.sub(r"\\(text|mathrm)\b", "", tex)).translate(str.maketrans("", "", " {}^_\\"))
    )


def math_nodes(doctree: nodes.document) -> Iterator[MathNode]:
    """All formulas of a page."""
    return doctree.findall(lambda node: isinstance(node, MathNode))


def key(node: MathNode) -> tuple[str, bool]:
    """What the setting of a formula depends on."""
    return node.astext(), isinstance(node, nodes.math_block)


def set_formulas(formulas: Iterable[MathNode]) -> None:
    """Ask KaTeX for those formulas that it has not been asked for."""
    new = [formula for formula in dict.fromkeys(map(key, formulas)) if formula not in answers]
    if not new:
        return
    asked = [{"tex": tex, "display": display} for tex, display in new]
    answers.update(zip(new, javascript.run("katex.js", str(KATEX), data=asked), strict=True))
