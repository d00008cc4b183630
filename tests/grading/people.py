"""Who grades: an instructor with an ordinary account, and root. Some walls stand for one of the two alone.

As root the tests run the command as an ordinary user too: without capabilities, and with Python, the repository and the
course mounted where that user can read them, in a mount namespace that ends with the command. Nothing is copied, and no
account is made.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from building import ROOT
from commands import environment

ORDINARY = 61_234
"""A user id that nobody has."""

TOKEN = "a-token-of-the-instructor"
"""In the environment of whoever grades."""


@dataclass(frozen=True)
class Person:
    """Somebody who grades.

    Attributes:
        name: ``"an ordinary user"`` or ``"root"``.
        is_root: whether it is root; the tests must be run by root then.
    """

    name: str
    is_root: bool

    def run(self, folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
        """Run this Python with arguments in a folder, which then belongs to the person."""
        variables = environment() | {"INSTRUCTORS_TOKEN": TOKEN} | more
        if self.is_root == (os.geteuid() == 0):
            command = [sys.executable, *arguments]
            return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
        own(folder)
        with tempfile.TemporaryDirectory(prefix="bncourse-person-") as place:
            return subprocess.run(
                ["unshare", "--mount", "sh", "-euc", MOUNT, "sh", *arguments],
                env=variables | self.mounted(Path(place), folder),
                capture_output=True,
                text=True,
            )

    def mounted(self, place: Path, folder: Path) -> dict[str, str]:
        """The variables of :data:`MOUNT`, and folders to mount on."""
        place.chmod(0o755)
        packages = sysconfig.get_path("purelib")
        sources = {
            "python": os.path.realpath(sys.base_prefix),
            "packages": packages,
            "repo": str(ROOT),
            "course": folder,
        }
        for name in sources:
            (place / name).mkdir()
        # nbgrader calls this command by its name, and the installed one starts a Python that only root can read.
        scripts = place / "scripts"
        scripts.mkdir()
        (scripts / "alembic").write_text('#!/bin/sh\nexec "$PYTHON" -m alembic.config "$@"\n')
        (scripts / "alembic").chmod(0o755)
        executable = f"bin/{Path(os.path.realpath(sys.executable)).name}"
        return {
            "PLACE": str(place),
            **{f"FROM_{name.upper()}": str(source) for name, source in sources.items()},
            "PYTHON": str(place / "python" / executable),
            "PERSON": str(ORDINARY),
            "PYTHONPATH": f"{place}/packages:{place}/repo/src",
            "LD_LIBRARY_PATH": f"{place}/python/lib",
            "PATH": f"{place}/scripts:/usr/local/bin:/usr/bin:/bin",
        }


MOUNT = """
for name in PYTHON PACKAGES REPO COURSE; do
    eval "mount --bind \\"\\$FROM_$name\\" \\"$PLACE/$(echo $name | tr A-Z a-z)\\""
done
cd "$PLACE/course"
exec setpriv --reuid "$PERSON" --regid "$PERSON" --clear-groups --bounding-set -all --inh-caps -all "$PYTHON" "$@"
"""


def own(folder: Path) -> None:
    """Give a folder to the ordinary user."""
    for root, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            os.chown(os.path.join(root, name), ORDINARY, ORDINARY, follow_symlinks=False)


PEOPLE = [Person("an ordinary user", False)] + [Person("root", True)] * (os.geteuid() == 0)
"""Those whom the tests can be: where they are not run by root, the ordinary user alone."""
