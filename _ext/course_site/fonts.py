"""The site's typefaces, served by itself: Source Sans 3 and Source Code Pro (SIL Open Font License), and KaTeX's (MIT).

Each holds the signs that the site shows and no more: half of what the Latin part of a face weighs.
"""

import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from course_site import javascript

FACES = ("source-sans-3", "source-code-pro")


def make_fonts(app: Sphinx) -> None:
    """Put into the site what the pages turned out to need of each face; browsers load what a page uses.

    These are the fonts that ``site.css`` and KaTeX's sheet name; the one style sheet is made of both after them.
    """
    target = Path(app.outdir) / "_static" / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for face in FACES:
        folder = javascript.PACKAGES / "@fontsource-variable" / face
        if not folder.is_dir():
            raise ExtensionError(f"the font {face} is not in {folder}; `make setup` installs it")
        shutil.copy(folder / "LICENSE", target / f"{face}-LICENSE.txt")
    javascript.run("fonts.js", str(javascript.PACKAGES), str(app.outdir))
