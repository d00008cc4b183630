"""What the runner sends as a cell's outputs is pages, scripts and errors with odd parts: the grader must not fall
over it (80, 84)."""

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
        outputs = [
            {"output_type": "display_data", "data": {"text/html": "<script>1</script>"}},
            {"output_type": "error", "ename": 1, "evalue": "", "traceback": {}},
            {"output_type": "display_data", "data": []},
            7,
            None,
        ]
        cells.run = lambda source, run=cells.run: (run(source), outputs)[1]
    frame = frame.f_back
"""


def attack(notebook):
    cell(notebook, "batchnorm-code")["source"] += code
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, code_cell("1"))
    return notebook
