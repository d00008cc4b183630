"""The notebook is a link to a device without an end."""

GROUP = "file"
CATALOGUE = (15,)
FILES = {"06-running-statistics.ipynb": ("link", "/dev/zero")}
NEIGHBOUR = False  # there is no notebook
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
