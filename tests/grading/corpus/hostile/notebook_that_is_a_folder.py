"""The notebook is a folder."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"06-running-statistics.ipynb": ("folder",)}
NEIGHBOUR = False  # there is no notebook
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
