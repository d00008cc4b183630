"""Links to pages of the course: those of the assignments, which are absolute, and those to pages that are left out.

An assignment's notebook is read far from the others, in a folder of its own or on Colab, so that its links to chapters
have the address of the published site. On the site itself they lead to the page beside.

A link to a page that ``_toc.yml`` leaves out becomes its text: a course without some chapter or assignment is one edit
of that list, and the other pages, which mention it, stay unchanged.
"""

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Look at each page when it has been read, before its links are followed, and again afterwards."""
    app.connect("doctree-read", unlink)
    app.connect("doctree-resolved", stay_on_the_site)


def unlink(app: Sphinx, doctree: nodes.document) -> None:
    """Put the text of a link in its place, where its target is a file of ours that is no page of this book."""
    for link in list(doctree.findall(pending_xref)):
        target = link.get("reftarget") or ""
        if link.get("reftype") != "myst" or link.get("refdomain") != "doc" or target in app.env.found_docs:
            continue
        if is_written(app, target):
            link.replace_self(nodes.inline("", "", *(child.deepcopy() for child in link.children)))


def stay_on_the_site(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make absolute links to pages of this book relative; where there is no such page, the link becomes its text."""
    here = app.config.html_baseurl
    for link in list(doctree.findall(nodes.reference)):
        address, _, anchor = link.get("refuri", "").partition("#")
        if not here or not address.startswith(here) or not address.endswith(".html"):
            continue
        target = address.removeprefix(here).removesuffix(".html")
        if target in app.env.found_docs:
            link["refuri"] = app.builder.get_relative_uri(docname, target) + (f"#{anchor}" if anchor else "")
            link["internal"] = True
        else:
            if not is_written(app, target):
                logger.warning("the course has no page %s", address, location=link)
            link.replace_self(nodes.inline("", "", *(child.deepcopy() for child in link.children)))


def is_written(app: Sphinx, target: str) -> bool:
    """Whether there is a file for a page, in the book or not."""
    return any((Path(app.srcdir) / f"{target}{suffix}").is_file() for suffix in (".ipynb", ".md"))
