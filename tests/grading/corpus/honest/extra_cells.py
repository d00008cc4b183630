"""Cells of its own everywhere, with experiments and texts."""

from reading import code_cell, text_cell


def change(notebook):
    for at in range(len(notebook["cells"]), 0, -1):
        notebook["cells"].insert(at, code_cell("x = 1\nx"))
        notebook["cells"].insert(at, text_cell("A *note*."))
    return notebook
