"""The README's table of the layout, which is how somebody new finds the way, names what there is."""

import re
import subprocess
from fnmatch import fnmatch

from building import ROOT

CONVENTIONAL = {"README.md", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "SECURITY.md", "Makefile", "LICENSE*"}
"""Files whose names say to everybody what they hold; those with a dot in front are settings of tools."""


def kept() -> set[str]:
    """What git keeps at the top, folders with a slash; in an archive, which is without git, what lies there."""
    if not (ROOT / ".git").exists():
        return {f"{path.name}/" if path.is_dir() else path.name for path in ROOT.iterdir()}
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return {re.sub("/.*", "/", path) for path in listed.splitlines()}


def test_readme_names_what_lies_at_the_top():
    table = (ROOT / "README.md").read_text("utf-8").partition("## Layout")[2].partition("\n## ")[0]
    named = [
        name
        for row in table.splitlines()
        if row.startswith("|")
        for name in re.findall("`([^`]+)`", row.partition(" | ")[0])
    ]
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    unnamed = {
        name
        for name in kept()
        if not name.startswith(".")
        and not any(fnmatch(name.rstrip("/"), each.strip("/")) for each in [*CONVENTIONAL, *ignored])
        and not any(fnmatch(name, each) or each.startswith(name) for each in named)
    }
    assert unnamed == set()
    missing = [name for name in named if not list(ROOT.glob(name.rstrip("/")))]
    assert missing == []
