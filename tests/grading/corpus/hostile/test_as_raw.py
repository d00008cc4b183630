"""The test cell is handed in as a raw cell, its own metadata saying so too (4)."""

from reading import cell

GROUP = "file"
CATALOGUE = (4,)


def attack(notebook):
    test = cell(notebook, "batchnorm-test")
    test["cell_type"] = test["metadata"]["nbgrader"]["cell_type"] = "raw"
    for name in ("outputs", "execution_count"):
        test.pop(name, None)
    return notebook
