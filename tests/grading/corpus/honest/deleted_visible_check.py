"""The visible check was deleted."""

from reading import cell


def change(notebook):
    notebook["cells"].remove(cell(notebook, "batchnorm-check"))
    notebook["cells"].remove(cell(notebook, "install"))
    return notebook
