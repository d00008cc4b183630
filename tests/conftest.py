"""What the tests of the notebooks and of the website share."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from building import ROOT, Build, run_jupyter_book


def order(item: pytest.Item) -> int:
    """What builds the book comes first, because that takes longest; what looks at it in a browser comes last."""
    if "builds" not in getattr(item, "fixturenames", ()):
        return 1
    return 2 if "browser" in item.fixturenames else 0


WHOLE = (
    "book/test_build.py",
    "book/test_reading.py",
    "book/test_site.py",
    "exercises",
    "grading",
    "lab/test_equality.py",
    "test_first_cell.py",
    "test_processes.py",
    "test_published_figures.py",
    "test_typed_commands.py",
    "test_typed_sessions.py",
    "web",
)
"""What `make test` runs and `make check` does not, besides what is marked so: it takes minutes."""

FAST = "not whole"
"""What `make check` selects by."""


def is_whole(path: Path) -> bool:
    """Whether `make check` leaves out all of a file or folder."""
    return path.is_relative_to(ROOT / "tests") and path.relative_to(ROOT / "tests").as_posix().startswith(WHOLE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Not even import what would be left out: nbgrader and what drives the browser take seconds."""
    return True if config.option.markexpr == FAST and is_whole(collection_path) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Have one process build the website while the other does the rest; see ``--dist loadgroup`` in the Makefile."""
    if order(item) == 0:
        item.add_marker(pytest.mark.xdist_group("site"))
    if order(item) != 1 or is_whole(item.path):
        item.add_marker(pytest.mark.whole)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest."""
    items[:] = sorted(items, key=order)


@pytest.fixture(scope="session")
def config() -> dict:
    """The settings of the book."""
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the package as a learner gets it, unpacked from its wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(folder), str(ROOT)], check=True)
    return folder


@pytest.fixture(scope="session")
def builds(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Build]:
    """The book built twice, its notebooks executed with the package from the wheel instead of this checkout's.

    It has a folder and a cache of its own, which are kept: what has not changed is not executed again. One process of
    a run of tests builds it, and the others wait for it.
    """
    shared = tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else wheel
    done = shared / "builds.json"
    with FileLock(shared / "builds.lock"):
        if not done.exists():
            found = [run_jupyter_book(ROOT, ROOT / "_build" / "test", PYTHONPATH=str(wheel)) for _ in range(2)]
            done.write_text(json.dumps([[build.code, build.log, str(build.site)] for build in found]))
    return [Build(code, log, Path(site)) for code, log, site in json.loads(done.read_text())]


@pytest.fixture(scope="session")
def book(builds: list[Build]) -> Build:
    """The book as it was built first."""
    return builds[0]


@pytest.fixture(scope="session")
def site(book: Build) -> Path:
    """The folder of the built website."""
    assert book.code == 0, book.log
    return book.site
