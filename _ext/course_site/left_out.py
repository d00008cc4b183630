"""Pages that ``_toc.yml`` leaves out: a link to one of them becomes its text.

So that a course without some chapter or assignment is one edit of that list: the other pages, which mention it, stay as
they are.
"""

from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx


def setup(app: Sphinx) -> None:
    """Look at each page when it has been read, before its links are followed."""
    app.connect("doctree-read", unlink)


def unlink(app: Sphinx, doctree: nodes.document) -> None:
    """Put the text of a link in its place, where its target is a file of ours that is no page of this book."""
    for link in list(doctree.findall(pending_xref)):
        target = link.get("reftarget") or ""
        if link.get("reftype") != "myst" or link.get("refdomain") != "doc" or target in app.env.found_docs:
            continue
        if any((Path(app.srcdir) / f"{target}{suffix}").is_file() for suffix in (".ipynb", ".md")):
            link.replace_self(nodes.inline("", "", *(child.deepcopy() for child in link.children)))
