"""The test cell is not handed in, so that nothing can fail (2)."""

from reading import cell

GROUP = "file"
CATALOGUE = (2,)


def attack(notebook):
    notebook["cells"].remove(cell(notebook, "batchnorm-test"))
    return notebook
