"""A timestamp that leads to the secret."""

GROUP = "file"
CATALOGUE = (11,)
FILES = {"timestamp.txt": ("link", "@COURSE@/.bncourse-secret")}
STOCK = False  # it ends the grading of everybody


def attack(notebook):
    return notebook
