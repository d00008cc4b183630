"""Building a book as `make book` does."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass
class Build:
    """A finished run of Jupyter Book: its exit code, what it printed, and where the site is."""

    code: int
    log: str
    site: Path

    @property
    def executed(self) -> list[tuple[str, str]]:
        """Each notebook that was executed, with its seconds."""
        return re.findall(r"([\w-]+)\.ipynb: Executed notebook in ([\d.]+) seconds", self.log)


def run_jupyter_book(source: Path, output: Path, **environment: str) -> Build:
    """Build the book in ``source``, into ``output``/_build, with more variables in the environment."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(source), "--path-output", str(output)]
    process = subprocess.run(
        [*command, "--warningiserror", "--nitpick", "--keep-going"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    log = re.sub(r"\x1b\[[\d;]*m", "", process.stdout)  # without its colours
    return Build(process.returncode, log, output / "_build" / "html")
