"""Try the learner's half of the course with the oldest, the locked, or the newest versions that it allows.

    python tools/versions.py lowest newest                  # with this Python
    python tools/versions.py newest --python 3.11 3.13      # with others that uv finds on this machine
    python tools/versions.py lowest --chapters 05 07        # run chapters too; --chapters alone runs all of them

Each set gets a fresh environment with what `pip install bncourse` brings, pytest and ipykernel: nothing of the lock but
for the set of that name. The tests are the fast ones of the package and of its checks. uv has to be installed. All sets
are tried; the exit status is 1 if one of them failed.
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
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ["tests/layers", "tests/manual", "tests/checks"]
TOOLS = ["pytest>=8,<9.2", "hypothesis", "filelock", "pyyaml", "markdown-it-py", "msgpack", "nbclient", "ipykernel"]
"""What these tests and the notebooks need besides the package."""

WHO = "import sys, platform; from bncourse.__main__ import main; print(platform.python_version()); main()"


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
    install = [uv(), "pip", "install", "--quiet", "--no-config", "--python", command(place, "python")]
    package = [*install, str(ROOT)]
    if versions == "locked":
        for name in ("requirements.lock", "requirements-torch.txt"):
            package += ["--constraint", str(ROOT / name)]
    elif versions == "lowest":
        # A version without a wheel for this Python is none that it could have.
        package += ["--resolution", "lowest-direct", *(f"--only-binary={name}" for name in dependencies())]
    # The small build for the CPU where PyTorch's own index is in reach.
    done = run([*package, "--torch-backend", "cpu"])
    if done.returncode and "download.pytorch.org" in done.stdout:
        done = run(package)
    # Apart, because the oldest of these are not to be tried; what the package has brought is kept.
    if not done.returncode:
        done = run([*install, *TOOLS])
    return done.stdout.strip() if done.returncode else ""


def dependencies() -> list[str]:
    """The packages that the course's package depends on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [re.match(r"[\w.-]+", requirement)[0] for requirement in project["dependencies"]]


def command(place: Path, name: str) -> str:
    """A command of an environment."""
    return str(place / ("Scripts" if os.name == "nt" else "bin") / name)


def run(words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose failure is an answer."""
    return subprocess.run(
        words,
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "UV_HTTP_RETRIES": "1"} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def run_tests(place: Path, tests: list[str]) -> str | None:
    """Run the fast tests; prints how many passed and failed, and returns what was said of a failure."""
    options = ["-q", "-m", "not whole", "-p", "no:cacheprovider"]
    for setting in ("addopts=", "filterwarnings=default"):
        options += ["--override-ini", setting]
    done = run([command(place, "python"), "-m", "pytest", *options, *tests], PYTHONPATH=str(ROOT / "tools"))
    last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    print(f"    tests: {re.sub(r'^=+ | =+$', '', last)}", flush=True)
    return done.stdout if done.returncode else None


def run_chapter(place: Path, path: Path) -> str | None:
    """Run a chapter as a notebook; prints how that went, and returns what was said of a failure."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chapter-") as folder:
        copy = shutil.copy(path, folder)
        done = run([command(place, "jupyter-execute"), copy], BNCOURSE_BOOK="1", MPLBACKEND="agg")
    went = "failed" if done.returncode else "passed"
    print(f"    {path.stem}: {went} in {time.monotonic() - started:.0f} s", flush=True)
    return done.stdout if done.returncode else None


def attempt(python: str, versions: str, tests: list[str], chapters: list[Path]) -> bool:
    """Install and test one set; prints what was tried and how it went."""
    with tempfile.TemporaryDirectory(prefix="versions-") as folder:
        place = Path(folder) / "env"
        if wrong := install(place, python, versions):
            print(f"Python {python}, {versions}: not installed: {wrong.splitlines()[-1]}", flush=True)
            print(wrong, file=sys.stderr)
            return False
        version, what = run([command(place, "python"), "-c", WHO]).stdout.splitlines()[:2]
        print(f"Python {version}, {versions}: {what}", flush=True)
        said = [run_tests(place, tests)] if tests else []
        said += [run_chapter(place, path) for path in chapters]
    for text in filter(None, said):
        print(text, file=sys.stderr)
    return not any(said)


def main() -> int:
    """Try the sets that the command line names."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("versions", nargs="+", choices=["lowest", "locked", "newest"])
    options.add_argument(
        "--python", nargs="+", default=[sys.executable], metavar="X.Y", help="versions or paths (default: this one)"
    )
    options.add_argument("--tests", nargs="*", default=TESTS, metavar="PATH", help="default: %(default)s")
    options.add_argument("--chapters", nargs="*", metavar="NN", help="run these too; without a number, all")
    given = options.parse_args()
    every = sorted(ROOT.glob("chapters/*.ipynb")) if given.chapters is not None else []
    chapters = [path for path in every if not given.chapters or path.stem[:2] in given.chapters]
    sets = [(python, versions) for python in given.python for versions in given.versions]
    went = [attempt(python, versions, given.tests, chapters) for python, versions in sets]
    return 0 if all(went) else 1


if __name__ == "__main__":
    sys.exit(main())
