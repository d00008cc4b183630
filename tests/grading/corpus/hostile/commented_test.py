"""The line of the test cell is made a comment, and its checksum taken away with the lock (3)."""

from reading import cell

GROUP = "file"
CATALOGUE = (3, 7)


def attack(notebook):
    test = cell(notebook, "batchnorm-test")
    test["source"] = "# checks.running_statistics(BatchNorm1d).require()"
    test["metadata"]["nbgrader"] |= {"locked": False, "checksum": None}
    return notebook
