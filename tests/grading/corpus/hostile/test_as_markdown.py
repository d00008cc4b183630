"""The test cell is handed in as text, which nothing runs (4)."""

from reading import cell

GROUP = "file"
CATALOGUE = (4,)


def attack(notebook):
    test = cell(notebook, "batchnorm-test")
    test["cell_type"] = "markdown"
    for name in ("outputs", "execution_count"):
        test.pop(name, None)
    return notebook
