"""A tag on the locked test cell tells nbclient to leave it out; without an output it gets all points (1)."""

from reading import cell

GROUP = "file"
CATALOGUE = (1,)


def attack(notebook):
    cell(notebook, "batchnorm-test")["metadata"]["tags"] = ["skip-execution"]
    return notebook
