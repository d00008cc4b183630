"""How long the first cell of a notebook takes: the wheel beside the pages, and the clone of the repository, in one run.

    python benchmarks/first_cell.py         # a chapter's cell, both ways, five times each
    python benchmarks/first_cell.py --all   # the cell of every notebook once, from the wheel

A site that holds the wheel and nothing else is served on this machine; the repository is this checkout's, through git's
own protocol for files. Each run begins in a copy of an environment that has what Colab has and not the course.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import identity  # noqa: E402

FORMER = """\
import subprocess, sys
pip = [sys.executable, "-m", "pip", "install", "--quiet"]
subprocess.run([*pip, "bncourse @ git+{url}"], check=True)
"""
"""What the first cell did before the site carried the wheel."""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def environment(folder: Path) -> Path:
    """An environment that sees what this one has installed, less the course: as on Colab, all it needs is there."""
    place = folder / "base"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    here = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    there = next(place.glob("lib/*/site-packages"))
    for entry in here.iterdir():
        if not entry.name.lower().startswith(("bncourse", "__editable", "_bncourse", "_editable", "pip")):
            (there / entry.name).exists() or (there / entry.name).symlink_to(entry)
    return place


def seconds(cell: str, base: Path, folder: Path, variables: dict[str, str]) -> float:
    """Run a first cell in a copy of an environment, and see that the course is there afterwards."""
    place = folder / "copy"
    shutil.copytree(base, place, symlinks=True)
    python = str(place / "bin" / "python")
    try:
        started = time.monotonic()
        subprocess.run([python, "-c", cell], check=True, env=os.environ | variables, cwd=folder)
        took = time.monotonic() - started
        subprocess.run([python, "-c", "import bncourse.checks"], check=True, cwd=folder)
    finally:
        shutil.rmtree(place)
    return took


def main() -> None:
    """Measure what the command line asks for."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--all", action="store_true", help="the cell of every notebook, from the wheel alone")
    options.add_argument("--runs", type=int, default=5, help="of each way (%(default)s)")
    given = options.parse_args()
    own = identity.read()
    notebooks = sorted([*ROOT.glob("chapters/*.ipynb"), *ROOT.glob("exercises/*/*.ipynb")])
    cells = {path: next(c.source for c in nbformat.read(path, 4).cells if c.cell_type == "code") for path in notebooks}
    with tempfile.TemporaryDirectory(prefix="first-cell-") as name:
        folder = Path(name)
        site = folder / "site"
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(site)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        base = environment(folder)
        with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site)) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{server.server_port}"
            if given.all:
                for cell in dict.fromkeys(cells.values()):
                    users = [path.stem for path, source in cells.items() if source == cell]
                    took = seconds(cell.replace(own.site, address), base, folder, {"GIT_ALLOW_PROTOCOL": "none"})
                    print(f"{took:6.1f} s  {len(users)} notebooks: {users[0]} … {users[-1]}")
                return
            now = cells[notebooks[0]].replace(own.site, address)
            former = FORMER.format(url=own.url)
            git = {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"url.{ROOT.resolve().as_uri()}.insteadOf",
                "GIT_CONFIG_VALUE_0": own.url,
            }
            pairs = [(seconds(now, base, folder, {}), seconds(former, base, folder, git)) for _ in range(given.runs)]
            server.shutdown()
    wheel, clone = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"the wheel from the site  {wheel:6.1f} s (median of {given.runs})")
    print(f"the head of the repository {clone:4.1f} s")
    print(f"ratio {wheel / clone:.2f}")


if __name__ == "__main__":
    main()
