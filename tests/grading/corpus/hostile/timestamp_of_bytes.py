"""A timestamp in no known encoding."""

GROUP = "file"
CATALOGUE = (11,)
FILES = {"timestamp.txt": b"\xff\xfe\x00"}
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
