"""The notebook says that it is of format 3, with worksheets, where nbgrader's cells have no metadata (12)."""

GROUP = "file"
CATALOGUE = (12,)


def attack(notebook):
    cells = [
        {
            "cell_type": "code",
            "input": cell["source"],
            "outputs": [],
            "language": "python",
            "metadata": cell["metadata"],
        }
        if cell["cell_type"] == "code"
        else cell
        for cell in notebook["cells"]
    ]
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": "x"}, "worksheets": [{"cells": cells}]}
