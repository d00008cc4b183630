"""Asserts of its own fail, and a cell in between raises an error."""

from reading import code_cell, place


def change(notebook):
    notebook["cells"].insert(place(notebook, "batchnorm-code"), code_cell("assert False, 'not yet'"))
    notebook["cells"].insert(place(notebook, "calibrate-code"), code_cell("1 / 0"))
    notebook["cells"].insert(place(notebook, "calibrate-code"), code_cell("this is no Python"))
    return notebook
