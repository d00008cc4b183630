"""The notebook claims to hold a terabyte."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"06-running-statistics.ipynb": ("sparse", 1 << 40)}
NEIGHBOUR = False  # there is no notebook
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
