"""What the runner sends as a cell's outputs is a million of them: the grader must not fall over it (80, 84)."""

from reading import cell, code_cell, place

GROUP = "verdict"
CATALOGUE = (80, 84)
code = """
import sys

import numpy as np

frame = sys._getframe()
while frame:
    cells = frame.f_locals.get("self")
    if type(cells).__name__ == "Cells":
        outputs = [{"output_type": "stream", "name": "stdout", "text": "x"}] * 1_000_000
        cells.run = lambda source, run=cells.run: (run(source), outputs)[1]
    frame = frame.f_back
"""


def attack(notebook):
    cell(notebook, "batchnorm-code")["source"] += code
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, code_cell("1"))
    return notebook
