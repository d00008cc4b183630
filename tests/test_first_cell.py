"""What the first cell of a notebook does where the course is missing: pip is the real one, the packages are stubs."""

import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

import identity

OWN = identity.read()
BOUNDS = dict(identity.packages_needed())


def write_wheel(folder: Path, name: str, version: str, *needs: str) -> Path:
    """A package that holds an empty module of its name."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": [],
        f"{info}/METADATA": ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        + [f"Requires-Dist: {need}" for need in needs],
        f"{info}/WHEEL": ["Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any"],
    }
    files[f"{info}/RECORD"] = [f"{file},," for file in [*files, f"{info}/RECORD"]]
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, lines in files.items():
            archive.writestr(file, "".join(f"{line}\n" for line in lines))
    return path


class Machine:
    """An environment with pip and with chosen versions of what the course needs, and a folder that is the site."""

    def __init__(self, folder: Path, **installed: str | None) -> None:
        self.site = folder / "site"
        self.site.mkdir()
        venv.create(folder / "env", symlinks=True)
        self.python = folder / "env" / "bin" / "python"
        self.packages = next((folder / "env" / "lib").glob("*/site-packages"))
        (self.packages / "pip").symlink_to(distribution("pip").locate_file("pip"))
        for name, bound in BOUNDS.items():
            if version := installed.get(name, bound):
                with zipfile.ZipFile(write_wheel(folder, name, version)) as archive:
                    archive.extractall(self.packages)

    def offer(self, name: str, version: str, *needs: str) -> None:
        write_wheel(self.site, name, version, *needs)

    def offer_course(self) -> None:
        self.offer("bncourse", OWN.version, *(f"{name}>={bound}" for name, bound in BOUNDS.items()))

    def run_first_cell(self) -> subprocess.CompletedProcess[str]:
        """Run it and a cell after it, where the site's folder is all that can be reached."""
        cell = OWN.first_cell.replace(OWN.site, self.site.as_uri()).replace(OWN.url, self.site.as_uri())
        variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.site), "PIP_CONFIG_FILE": "/dev/null"}
        command = [str(self.python), "-c", f"{cell}\nimport bncourse\nprint('the next cell')"]
        return subprocess.run(command, env=variables, capture_output=True, text=True)

    def version(self, name: str) -> str:
        code = f"import importlib.metadata; print(importlib.metadata.version({name!r}))"
        return subprocess.run([str(self.python), "-c", code], capture_output=True, text=True).stdout.strip()


def test_where_all_is_there_the_course_alone_is_installed(tmp_path):
    # As on Colab, whose torch names its build, and may be newer than any that the index has.
    machine = Machine(tmp_path, torch="2.19.0a0+colab", numpy="3.0")
    machine.offer_course()
    done = machine.run_first_cell()
    assert done.stdout == "the next cell\n", done.stderr
    assert machine.version("torch") == "2.19.0a0+colab"


@pytest.mark.parametrize("there", ["2.3.1+cu118", None])
def test_a_torch_that_is_too_old_or_missing_is_replaced(tmp_path, there):
    machine = Machine(tmp_path, torch=there)
    machine.offer_course()
    machine.offer("torch", "2.12.0")
    done = machine.run_first_cell()
    assert done.stdout == "the next cell\n", done.stderr
    assert machine.version("torch") == "2.12.0"
    assert machine.version("numpy") == BOUNDS["numpy"]


@pytest.mark.parametrize("offered", [[], ["bncourse"]], ids=["no site", "no newer torch"])
def test_where_it_cannot_be_installed_one_sentence_says_so_and_the_notebook_stops(tmp_path, offered):
    machine = Machine(tmp_path, torch="2.3.1")
    if offered:
        machine.offer_course()
    done = machine.run_first_cell()
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("The package bncourse is missing and could not be downloaded. Connect to the network")
    assert done.stderr.count("\n") == 1


def test_where_the_course_is_there_nothing_is_looked_for():
    done = subprocess.run([sys.executable, "-c", OWN.first_cell], env={}, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
