"""The laboratory: its scripts, the pages that load them, and a directive that puts it on a page that is no notebook."""

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from bncourse.lab import bundle
from bncourse.lab.show import site_html


def setup(app: Sphinx) -> None:
    """Come after the figures, which link scripts in the same way."""
    app.add_directive("laboratory", Laboratory)
    app.connect("html-page-context", link_script)
    app.connect("build-finished", write_scripts)


class Laboratory(Directive):
    """The whole laboratory, at the experiment that the argument names."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Return what ``bncourse.lab.show(…, full=True)`` gives a notebook on the site."""
        return [nodes.raw("", site_html(self.arguments[0], full=True), format="html")]


def link_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Link the laboratory's script on its own page; a page with a small one loads it when that is near.

    The engine and the names come at the first click.
    """
    found = [node.astext() for node in doctree.findall(nodes.raw)] if doctree is not None else []
    if any('data-lab="full"' in html for html in found):
        app.add_js_file("lab.js", loading_method="defer")
    elif any('class="lab"' in html for html in found):
        for script in ("when-near.js", "lab-near.js"):
            app.add_js_file(script, loading_method="defer")


def write_scripts(app: Sphinx, exception: Exception | None) -> None:
    """Write the page's script, the engine and the names."""
    if exception is None and app.builder.format == "html":
        bundle.write(Path(app.outdir) / "_static")
