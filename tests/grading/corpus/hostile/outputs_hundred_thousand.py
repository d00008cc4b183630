"""What the runner sends as a cell's outputs is a hundred thousand of them: the grader must not fall over it (80, 84)."""

from reading import cell, code_cell, place

GROUP = "verdict"
CATALOGUE = (80, 84)
code = """
import numpy as np

from bncourse.observing.cells import Cells

real = Cells.run
outputs = [{"output_type": "stream", "name": "stdout", "text": "x"}] * 100_000
Cells.run = lambda self, source: (real(self, source), outputs)[1]
"""


def attack(notebook):
    cell(notebook, "batchnorm-code")["source"] += code
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, code_cell("1"))
    return notebook
