"""A timestamp of forty digits."""

GROUP = "file"
CATALOGUE = (11,)
FILES = {"timestamp.txt": "1" * 40}
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
