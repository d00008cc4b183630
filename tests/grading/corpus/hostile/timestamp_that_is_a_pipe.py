"""A timestamp that nobody writes to."""

GROUP = "file"
CATALOGUE = (11,)
FILES = {"timestamp.txt": ("pipe",)}
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
