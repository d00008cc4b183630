"""The test cell calls itself a solution that is graded by hand, and the solution a test (7)."""

from reading import cell

GROUP = "file"
CATALOGUE = (7,)


def attack(notebook):
    cell(notebook, "batchnorm-test")["metadata"]["nbgrader"] |= {"solution": True, "locked": False}
    cell(notebook, "batchnorm-code")["metadata"]["nbgrader"] |= {"solution": False, "grade": True, "points": 5}
    return notebook
