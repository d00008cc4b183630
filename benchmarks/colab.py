"""Every notebook as Colab runs it: alone in an empty folder, in an environment that has only what Colab has.

    python benchmarks/colab.py                    # all chapters and solutions: half an hour on two cores
    python benchmarks/colab.py /01 /06 --jobs 2   # those with one of these in their path

A fresh virtual environment holds torch, numpy, matplotlib, ipykernel and ipywidgets. The notebook's first cell installs
the course by the command that it has, and git takes this checkout's last commit for the repository that it names. What
was there beforehand must have the same version afterwards. Solutions stand for their exercises: the same cells, with
answers, so that each can run to its end.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
THERE = ("numpy", "matplotlib", "ipykernel", "ipywidgets")
VERSIONS = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"


def base(folder: Path) -> Path:
    """The environment that the others are copied from."""
    place = folder / "base"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    torch = ["-r", str(ROOT / "requirements-torch.txt"), "-c", str(ROOT / "requirements.lock")]
    subprocess.run([*pip, *torch, *THERE], check=True)
    return place


def versions(python: Path) -> dict[str, str]:
    """What is installed."""
    done = subprocess.run([str(python), "-c", VERSIONS], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run(path: Path, base: Path, folder: Path) -> tuple[float, float, str]:
    """Seconds of the first cell and of the whole notebook, and what went wrong."""
    own = folder / path.stem
    work, kernel = own / "work", own / "jupyter" / "kernels" / "colab"
    work.mkdir(parents=True)
    kernel.mkdir(parents=True)
    # Hard links: pip puts new files in the place of old ones, and leaves those of the other environments alone.
    shutil.copytree(base, own / "env", symlinks=True, copy_function=os.link)
    python = own / "env" / "bin" / "python"
    before = versions(python)
    repository = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["repository"]["url"]
    environment = {
        "HOME": str(own),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{ROOT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": repository,
        "VIRTUAL_ENV": str(own / "env"),
    }
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Colab", "language": "python", "env": environment}
    (kernel / "kernel.json").write_text(json.dumps(spec))

    notebook = nbformat.read(path, as_version=4)
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


def main() -> None:
    """Run the notebooks that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="of a path, as in /06 or solutions; all without one")
    parser.add_argument("--jobs", type=int, default=1, help="notebooks at a time (%(default)s)")
    options = parser.parse_args()
    paths = sorted(ROOT.glob("chapters/*.ipynb")) + sorted(ROOT.glob("solutions/*/*.ipynb"))
    parts = options.parts or [""]
    paths = [path for path in paths if any(part in path.relative_to(ROOT).as_posix() for part in parts)]
    faults = 0
    with tempfile.TemporaryDirectory(prefix="colab-") as place, ThreadPoolExecutor(options.jobs) as pool:
        folder = Path(place)
        ready = base(folder)
        print(f"{'notebook':50}{'first cell s':>14}{'all s':>8}  what went wrong")
        found = pool.map(lambda path: run(path, ready, folder / path.parts[-2]), paths)
        for path, (first, seconds, wrong) in zip(paths, tqdm(found, total=len(paths), leave=False), strict=True):
            faults += bool(wrong)
            tqdm.write(f"{path.relative_to(ROOT)!s:50}{first:14.0f}{seconds:8.0f}  {wrong or 'nothing'}")
            sys.stdout.flush()
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
