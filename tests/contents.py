"""What the book holds: ``_toc.yml`` is the one list of chapters and assignments, and the tests read it."""

import yaml

from building import ROOT


def listed() -> list[str]:
    """The pages of the book as the contents list them, without their endings."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    return [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]


CHAPTERS = [ROOT / f"{page}.ipynb" for page in listed() if page.startswith("chapters/")]
"""The notebooks of the chapters, in their order."""

ASSIGNMENTS = [ROOT / f"{page}.ipynb" for page in listed() if page.startswith("exercises/")]
"""The assignments as learners get them, in their order."""

SOLUTIONS = [ROOT / "solutions" / path.relative_to(ROOT / "exercises") for path in ASSIGNMENTS]
"""The assignments with their solutions."""
