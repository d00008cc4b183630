"""What the runner sends as a cell's outputs is pages, scripts and errors with odd parts: the grader must not fall
over it (80, 84)."""

from reading import cell, code_cell, place

GROUP = "verdict"
CATALOGUE = (80, 84)
code = """
import numpy as np

from bncourse.observing.cells import Cells

real = Cells.run
outputs = [
    {"output_type": "display_data", "data": {"text/html": "<script>1</script>"}},
    {"output_type": "error", "ename": 1, "evalue": "", "traceback": {}},
    {"output_type": "display_data", "data": []},
    7,
    None,
]
Cells.run = lambda self, source: (real(self, source), outputs)[1]
"""


def attack(notebook):
    cell(notebook, "batchnorm-code")["source"] += code
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, code_cell("1"))
    return notebook
