"""A test cell was deleted by mistake."""

from reading import cell


def change(notebook):
    notebook["cells"].remove(cell(notebook, "calibrate-test"))
    return notebook
