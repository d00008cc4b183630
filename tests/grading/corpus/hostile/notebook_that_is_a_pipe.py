"""The notebook is a pipe that nobody writes to."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"06-running-statistics.ipynb": ("pipe",)}
NEIGHBOUR = False  # there is no notebook
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
