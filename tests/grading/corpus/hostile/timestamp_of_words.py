"""A timestamp that is no date."""

GROUP = "file"
CATALOGUE = (11,)
FILES = {"timestamp.txt": "yesterday"}
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
