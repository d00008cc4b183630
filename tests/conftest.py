"""What the tests of the notebooks and of the website share."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from building import ROOT, Build, run_jupyter_book


def needs_site(item: pytest.Item) -> bool:
    """Whether a test needs the built book."""
    return "book" in getattr(item, "fixturenames", ())


def pytest_itemcollected(item: pytest.Item) -> None:
    """Have one process build the website and test it; see the option ``--dist loadgroup`` in the Makefile."""
    if needs_site(item):
        item.add_marker(pytest.mark.xdist_group("site"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the website, which takes longest, while the other process does the rest."""
    items[:] = sorted(items, key=needs_site, reverse=True)


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
def book(wheel: Path) -> Build:
    """The book, its notebooks executed with the package from the wheel instead of this checkout's.

    It has a folder and a cache of its own, which are kept: what has not changed is not executed again.
    """
    return run_jupyter_book(ROOT, ROOT / "_build" / "test", PYTHONPATH=str(wheel))


@pytest.fixture(scope="session")
def site(book: Build) -> Path:
    """The folder of the built website."""
    assert book.code == 0, book.log
    return book.site
