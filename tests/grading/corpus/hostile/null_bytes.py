"""Null bytes in a cell, in an id and after the end of the file (12)."""

import json

from reading import cell

GROUP = "file"
CATALOGUE = (12,)
NEIGHBOUR = False  # bytes after the end: it is no JSON, so it is no notebook


def attack(notebook):
    cell(notebook, "why-answer")["source"] = "\x00answer"
    notebook["cells"][1]["id"] = "\x00"
    return json.dumps(notebook).encode() + b"\x00" * 100
