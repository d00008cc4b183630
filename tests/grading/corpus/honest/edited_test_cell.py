"""A note was typed into a test cell by mistake, and another became text."""

from reading import cell


def change(notebook):
    cell(notebook, "batchnorm-test")["source"] = "why does this fail??"
    test = cell(notebook, "calibrate-test")
    test["cell_type"] = "markdown"
    test.pop("outputs", None)
    return notebook
