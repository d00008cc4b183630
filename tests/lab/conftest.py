"""One engine for all tests of a module."""

from collections.abc import Iterator

import pytest

from lab.engine import Engine, running


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running() as engine:
        yield engine
