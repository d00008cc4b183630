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
        for name, version in (BOUNDS | installed).items():
            if version:
                with zipfile.ZipFile(write_wheel(folder, name, version)) as archive:
                    archive.extractall(self.packages)

    def offer(self, name: str, version: str, *needs: str) -> None:
        write_wheel(self.site, name, version, *needs)

    def offer_course(self) -> None:
        self.offer("bncourse", OWN.version, *(f"{name}>={bound}" for name, bound in BOUNDS.items()))

    def run_first_cell(self, before: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run it and a cell after it, where the site's folder is all that can be reached."""
        cell = OWN.first_cell.replace(OWN.site, self.site.as_uri()).replace(OWN.url, self.site.as_uri())
        variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.site), "PIP_CONFIG_FILE": "/dev/null"}
        variables |= {"PYTHONUSERBASE": str(self.site.with_name("user")), "HOME": str(self.site.with_name("home"))}
        command = [str(self.python), "-c", f"{before}\n{cell}\nimport bncourse\nprint('the next cell')"]
        return subprocess.run(command, env=variables | more, capture_output=True, text=True)

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
    assert done.stderr.startswith("The package bncourse is missing or too old, and could not be installed. Connect to")
    assert done.stderr.count("\n") == 1
    if offered:
        assert "Could not find a version that satisfies the requirement torch>=2.4" in done.stderr


def test_a_course_that_is_older_than_the_notebook_is_replaced(tmp_path):
    machine = Machine(tmp_path, bncourse="0.0.9")
    machine.offer_course()
    done = machine.run_first_cell()
    assert done.stdout == "the next cell\n", done.stderr
    assert machine.version("bncourse") == OWN.version


def test_a_newer_course_is_kept(tmp_path):
    machine = Machine(tmp_path, bncourse="99.0.1")
    done = machine.run_first_cell()
    assert done.stdout == "the next cell\n", done.stderr
    assert machine.version("bncourse") == "99.0.1"


def test_the_first_package_of_a_user_is_found_at_once(tmp_path):
    # Where the environment belongs to somebody else, pip makes a folder that no kernel has looked into yet.
    machine = Machine(tmp_path)
    machine.offer_course()
    config = tmp_path / "env" / "pyvenv.cfg"
    config.write_text(config.read_text("utf-8").replace("site-packages = false", "site-packages = true"), "utf-8")
    done = machine.run_first_cell(PIP_USER="1")
    assert done.stdout == "the next cell\n", done.stderr
    assert list((tmp_path / "user").glob("lib/*/site-packages/bncourse.py"))


def test_what_is_loaded_already_and_was_replaced_needs_another_kernel(tmp_path):
    machine = Machine(tmp_path, numpy="1.25.2")
    machine.offer_course()
    machine.offer("numpy", "2.5.0")
    done = machine.run_first_cell("import numpy")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "numpy is new: restart the kernel and start over.\n"
    assert machine.run_first_cell("import numpy").stdout == "the next cell\n"


def test_where_pip_is_missing_the_sentence_says_so(tmp_path):
    machine = Machine(tmp_path)
    machine.offer_course()
    (machine.packages / "pip").unlink()
    done = machine.run_first_cell()
    assert done.returncode == 1
    assert done.stderr.endswith(" pip: " + f"{machine.python}: No module named pip\n")


def test_where_the_course_is_there_nothing_is_looked_for():
    done = subprocess.run([sys.executable, "-c", OWN.first_cell], env={}, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
