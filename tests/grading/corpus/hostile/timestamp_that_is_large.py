"""A timestamp of ten megabytes."""

GROUP = "file"
CATALOGUE = (11,)
FILES = {"timestamp.txt": "2" * 10_000_000}
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
