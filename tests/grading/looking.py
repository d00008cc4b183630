"""Has a program look around it, in a sandbox and elsewhere, whoever grades."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from people import TOKEN, Person

PROGRAM = Path(__file__).with_name("look.py")

SANDBOX = """
import os
from bncourse.grading import sandbox
from bncourse.grading.limits import Limits

if hasattr(sandbox, "weaknesses"):
    assert not sandbox.weaknesses(), "a wall is missing on this machine"
run = sandbox.run([{"kind": "run", "id": "0", "source": LOOK}], Limits(), **HIDDEN)
print(run.messages[0]["outputs"][0]["text"], run.ended)
"""
"""Run as a cell of a submission, and say what it printed."""

KERNEL = """
import nbformat
from nbclient import NotebookClient

notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LOOK)])
NotebookClient(notebook, kernel_name="python3").execute()
print(notebook.cells[0].outputs[0].text)
"""
"""Run in a kernel, as nbgrader runs a submission."""


def look(person: Person, course: Path, way: str, before: str = "") -> dict[str, Any]:
    """What a program finds around it.

    Arguments:
        person: who grades.
        course: a folder; the person works in it.
        way: :data:`SANDBOX` or :data:`KERNEL`.
        before: what comes first, in Python.

    Returns:
        What ``look.py`` prints.
    """
    (course / ".bncourse-secret").write_text("5e" * 32)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = PROGRAM.read_text("utf-8").replace("@TOKEN@", TOKEN).replace("@PORT@", str(port))
        code = f"import os\nLOOK = {program!r}.replace('@COURSE@', os.getcwd())\n"
        hidden = "HIDDEN = {'hidden': (os.getcwd(),)}\n"
        done = person.run(course, "-c", f"{code}{hidden}{before}{way}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[0])
