"""Try the learner's half of the course with the oldest, the locked, or the newest versions that it allows.

    python tools/versions.py lowest newest               # with this Python
    python tools/versions.py newest --python 3.11 3.13   # with others that uv finds on this machine

Each set gets a fresh environment with what `pip install bncourse` brings, pytest and ipykernel: nothing of the lock but
for the set of that name. The tests are those of the package and of its checks. uv has to be installed; the first
failing set ends the run with exit status 1 after the others have been tried.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ["tests/layers", "tests/manual", "tests/checks"]
TOOLS = ["pytest>=8,<9.2", "hypothesis", "filelock", "pyyaml", "nbformat", "markdown-it-py", "msgpack"]
"""What these tests need besides the package."""


def uv() -> str:
    """Uv's command: beside this Python or on the path."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        sys.exit("error: uv is missing: python -m pip install uv")
    return found


def install(place: Path, python: str, versions: str) -> str:
    """Make an environment with a set of versions; returns what went wrong, or nothing."""
    made = run([uv(), "venv", "--quiet", "--python", python, str(place)])
    if made.returncode:
        return made.stdout.strip()
    interpreter = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [uv(), "pip", "install", "--quiet", "--no-config", "--python", str(interpreter)]
    package = [*install, str(ROOT)]
    if versions == "locked":
        for name in ("requirements.lock", "requirements-torch.txt"):
            package += ["--constraint", str(ROOT / name)]
    elif versions == "lowest":
        package += ["--resolution", "lowest-direct"]
    # The small build for the CPU where PyTorch's own index is in reach.
    done = run([*package, "--torch-backend", "cpu"])
    if done.returncode and "download.pytorch.org" in done.stdout:
        done = run(package)
    # Apart, because the oldest of these are not to be tried; what the package has brought is kept.
    if not done.returncode:
        done = run([*install, *TOOLS])
    return done.stdout.strip() if done.returncode else ""


def run(command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose failure is an answer."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "UV_HTTP_RETRIES": "1"} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def attempt(python: str, versions: str, tests: list[str]) -> bool:
    """Install and test one set; prints a line of what was tried and how it went."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="versions-") as folder:
        place = Path(folder) / "env"
        wrong = install(place, python, versions)
        if wrong:
            print(f"{python:8}{versions:8}not installed: {wrong.splitlines()[-1]}", flush=True)
            print(wrong, file=sys.stderr)
            return False
        interpreter = str(place / ("Scripts" if os.name == "nt" else "bin") / "python")
        what = run([interpreter, "-m", "bncourse"]).stdout.splitlines()[0]
        options = [
            "-q",
            "--override-ini",
            "addopts=",
            "--override-ini",
            "filterwarnings=default",
            "-p",
            "no:cacheprovider",
        ]
        done = run([interpreter, "-m", "pytest", *options, *tests], PYTHONPATH=str(ROOT / "tools"))
        last = re.sub(r"^=+ | =+$", "", (done.stdout.strip().splitlines() or ["nothing"])[-1])
        seconds = time.monotonic() - started
        print(f"{python:8}{versions:8}{last}; {what}; {seconds:.0f} s in all", flush=True)
        if done.returncode:
            print(done.stdout, file=sys.stderr)
        return done.returncode == 0


def main() -> int:
    """Try the sets that the command line names."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("versions", nargs="+", choices=["lowest", "locked", "newest"])
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    options.add_argument("--python", nargs="+", default=[here], metavar="X.Y", help="interpreters (default: this one)")
    options.add_argument("--tests", nargs="+", default=TESTS, metavar="PATH", help="default: %(default)s")
    given = options.parse_args()
    went = [attempt(python, versions, given.tests) for python in given.python for versions in given.versions]
    return 0 if all(went) else 1


if __name__ == "__main__":
    sys.exit(main())
