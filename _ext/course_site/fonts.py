"""The site's two typefaces, Source Sans 3 and Source Code Pro (SIL Open Font License), served by itself."""

import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from course_site import javascript

FACES = ("source-sans-3", "source-code-pro")


def setup(app: Sphinx) -> None:
    """Make the fonts that ``site.css`` names."""
    app.connect("builder-inited", make_fonts)


def make_fonts(app: Sphinx) -> None:
    """Put the Latin part of each face into the site, with the weights that it uses; browsers load what a page uses."""
    target = Path(app.outdir) / "_static" / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        folder = javascript.PACKAGES / "@fontsource-variable" / face
        if not folder.is_dir():
            raise ExtensionError(f"the font {face} is not in {folder}; `make setup` installs it")
        shutil.copy(folder / "LICENSE", target / f"{face}-LICENSE.txt")
    javascript.run("fonts.js", str(javascript.PACKAGES), str(target))
