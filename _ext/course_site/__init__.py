"""The course's own part of the website, as one Sphinx extension; each module does one job."""

from importlib import import_module

from sphinx.application import Sphinx

PARTS = (
    "contents",
    "execution",
    "code",
    "maths",
    "figures",
    "lab",
    "reading",
    "references",
    "glossary",
    "typography",
    "home",
    "cards",
    "pages",
    "scrolling",
    "search",
    "styles",
    "downloads",
    "left_out",
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx, which finds the extension by its name in ``_config.yml``."""
    for part in PARTS:
        import_module(f"course_site.{part}").setup(app)
    # Jupyter Book sets this for sphinx_comments, which is not loaded.
    app.add_config_value("comments_config", {}, "")
    return {"parallel_read_safe": True, "parallel_write_safe": False}
