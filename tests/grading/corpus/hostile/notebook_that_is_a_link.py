"""The notebook is a link to what somebody else handed in."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"06-running-statistics.ipynb": ("link", "../../zoe/06-running-statistics/06-running-statistics.ipynb")}
NEIGHBOUR = False  # there is no notebook
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
