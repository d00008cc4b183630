"""What the book holds: ``_toc.yml`` is the one list of chapters and assignments, and the tests read it."""

from building import CONTENTS, ROOT

CHAPTERS = [ROOT / f"{page}.ipynb" for page in CONTENTS.pages if page.startswith("chapters/")]
"""The notebooks of the chapters, in their order."""

ASSIGNMENTS = [ROOT / f"{page}.ipynb" for page in CONTENTS.pages if page.startswith("exercises/")]
"""The assignments as learners get them, in their order."""

SOLUTIONS = [ROOT / "solutions" / path.relative_to(ROOT / "exercises") for path in ASSIGNMENTS]
"""The assignments with their solutions."""
