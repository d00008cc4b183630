"""A hundred thousand empty cells (12)."""

from reading import code_cell

GROUP = "file"
CATALOGUE = (12,)
NEIGHBOUR = False  # such a file is refused as a whole


def attack(notebook):
    notebook["cells"] += [code_cell("")] * 100_000
    return notebook
