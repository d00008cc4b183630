"""It brings a timestamp from before the deadline (11), and a wrong layer."""

from reading import cell

GROUP = "file"
CATALOGUE = (11,)
FILES = {"timestamp.txt": "1999-12-31 23:59:59 UTC"}


def attack(notebook):
    cell(notebook, "why-answer")["source"] = "I was early."
    return notebook
