"""What the book holds: ``_toc.yml`` is the one list of chapters and assignments, and the tests read it."""

import sys

from building import ROOT

sys.path.insert(0, str(ROOT / "_ext"))  # as Sphinx does; see local_extensions in _config.yml

from course_site import contents

CONTENTS = contents.read(ROOT)
"""Which pages the book has: the one list is _toc.yml."""

CHAPTERS = [ROOT / f"{page}.ipynb" for page in CONTENTS.pages if page.startswith("chapters/")]
"""The notebooks of the chapters, in their order."""

ASSIGNMENTS = [ROOT / f"{page}.ipynb" for page in CONTENTS.pages if page.startswith("exercises/")]
"""The assignments as learners get them, in their order."""

SOLUTIONS = [ROOT / "solutions" / path.relative_to(ROOT / "exercises") for path in ASSIGNMENTS]
"""The assignments with their solutions."""
