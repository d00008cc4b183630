"""Every notebook as Colab runs it: alone in an empty folder, in an environment that has only what Colab has.

    python benchmarks/colab.py                    # everything: more than an hour on two cores
    python benchmarks/colab.py --kept             # without training the ladder's networks again: half an hour
    python benchmarks/colab.py /01 /06 --jobs 2   # those with one of these in their path
    python benchmarks/colab.py exercises          # student versions

A fresh virtual environment sees what Colab has of what this one has installed, with all that it requires, and nothing
else. The notebook's first cell installs the course from the wheel of this checkout, which is served on this machine in
place of the site. What was there beforehand must have the same version afterwards. Solutions are their exercises with
answers, so that each can run to its end. In a student version the cells that count must say that the work is not
finished, and every other cell must run.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, distribution
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import identity  # noqa: E402

THERE = (
    "torch", "numpy", "scipy", "scikit-learn", "matplotlib", "altair", "joblib", "tqdm", "ipykernel", "ipywidgets",
)  # fmt: skip
"""What the course uses and Colab brings along, with its kernel."""

VERSIONS = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
UNFINISHED = ("not written yet", "not right yet")
"""What a cell that counts says in a student version; the second where there are mistakes to find."""

LADDER = Path(".cache") / "bncourse"
"""Where chapter 15 keeps its runs, in the home folder."""


def required(names: Iterable[str]) -> dict[str, Distribution]:
    """Return these packages as they are installed here, with all that they require."""
    found: dict[str, Distribution] = {}
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found[name] = distribution(name)
        requirements = map(Requirement, found[name].requires or [])
        waiting += [r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def base(folder: Path) -> Path:
    """The environment that the others are copied from; what it has is linked."""
    place = folder / "base"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    there = next(place.glob("lib/*/site-packages"))
    for package in required(THERE).values():
        for name in {file.parts[0] for file in package.files or [] if file.parts[0] not in ("..", "__pycache__")}:
            target = there / name
            if not target.exists():
                target.symlink_to(Path(package.locate_file(name)).resolve())
    return place


def serve_wheel(folder: Path) -> str:
    """Build the wheel of the course and serve it as the site does; returns the address."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and writes no log."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def versions(python: Path) -> dict[str, str]:
    """What is installed."""
    done = subprocess.run([str(python), "-c", VERSIONS], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run(path: Path, base: Path, folder: Path, site: str, kept: bool) -> tuple[float, float, str]:
    """Seconds of the first cell and of the whole notebook, and what went wrong."""
    own = folder / path.stem
    work, kernel = own / "work", own / "jupyter" / "kernels" / "colab"
    work.mkdir(parents=True)
    kernel.mkdir(parents=True)
    # Hard links: pip puts new files in the place of old ones, and leaves those of the other environments alone.
    shutil.copytree(base, own / "env", symlinks=True, copy_function=os.link)
    python = own / "env" / "bin" / "python"
    before = versions(python)
    environment = {"HOME": str(own), "VIRTUAL_ENV": str(own / "env"), "GIT_ALLOW_PROTOCOL": "none"}
    if kept and (Path.home() / LADDER).is_dir():
        (own / LADDER).parent.mkdir()
        shutil.copytree(Path.home() / LADDER, own / LADDER)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Colab", "language": "python", "env": environment}
    (kernel / "kernel.json").write_text(json.dumps(spec))

    notebook = nbformat.read(path, as_version=4)
    counting = []
    for cell in notebook.cells:
        cell.source = cell.source.replace(identity.read().site, site)
        if is_student_version(path) and cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.tags = [*cell.metadata.get("tags", []), "raises-exception"]
            counting.append(cell)
    client = NotebookClient(
        notebook, timeout=1800, kernel_name="colab", resources={"metadata": {"path": str(work)}}, record_timing=True
    )
    client.create_kernel_manager()
    client.km.kernel_spec_manager.kernel_dirs.insert(0, str(kernel.parent))
    started = time.monotonic()
    wrong = ""
    try:
        client.execute()
    except CellExecutionError as error:
        wrong = str(error).strip().splitlines()[-1]
    silent = [cell.id for cell in counting if not says_unfinished(cell)]
    wrong = "; ".join(filter(None, [wrong, silent and f"not said to be unfinished: {', '.join(silent)}"]))
    seconds = time.monotonic() - started
    after = versions(python)
    changed = [
        f"{name} {version} → {after.get(name)}" for name, version in before.items() if after.get(name) != version
    ]
    wrong = "; ".join(filter(None, [wrong, *changed, "" if "bncourse" in after else "bncourse was not installed"]))
    timing = next(cell for cell in notebook.cells if cell.cell_type == "code").metadata.get("execution", {})
    first = timing["shell.execute_reply"], timing["iopub.execute_input"]
    end, begin = (time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) for text in first)
    shutil.rmtree(own)
    return end - begin, seconds, wrong


def is_student_version(path: Path) -> bool:
    """Whether answers are missing in a notebook."""
    return path.parts[-3] == "exercises"


def says_unfinished(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell ended with the message for work that is not finished."""
    errors = [out.evalue for out in cell.outputs if out.output_type == "error"]
    return any(text in error for error in errors for text in UNFINISHED)


def main() -> None:
    """Run the notebooks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="of a path, as in /06 or solutions; all without one")
    parser.add_argument("--jobs", type=int, default=1, help="notebooks at a time (%(default)s)")
    parser.add_argument("--kept", action="store_true", help="take the ladder's runs that are kept in your home folder")
    options = parser.parse_args()
    paths = [
        path for kind in ("chapters/*", "solutions/*/*", "exercises/*/*") for path in sorted(ROOT.glob(f"{kind}.ipynb"))
    ]
    parts = options.parts or [""]
    paths = [path for path in paths if any(part in path.relative_to(ROOT).as_posix() for part in parts)]
    faults = 0
    with tempfile.TemporaryDirectory(prefix="colab-") as place, ThreadPoolExecutor(options.jobs) as pool:
        folder = Path(place)
        ready, site = base(folder), serve_wheel(folder / "site")
        print(f"{'notebook':50}{'first cell s':>14}{'all s':>8}  what went wrong")
        found = pool.map(lambda path: run(path, ready, folder / path.parts[-2], site, options.kept), paths)
        for path, (first, seconds, wrong) in zip(paths, tqdm(found, total=len(paths), leave=False), strict=True):
            faults += bool(wrong)
            tqdm.write(f"{path.relative_to(ROOT)!s:50}{first:14.0f}{seconds:8.0f}  {wrong or 'nothing'}")
            sys.stdout.flush()
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
