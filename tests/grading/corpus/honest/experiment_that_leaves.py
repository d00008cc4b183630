"""An experiment calls exit() and quit(), and asks for an input."""

from reading import code_cell, place


def change(notebook):
    for text in ("exit()", "quit()", "import sys\nsys.exit(1)", "input('name? ')"):
        notebook["cells"].insert(place(notebook, "calibrate-code"), code_cell(text))
    return notebook
