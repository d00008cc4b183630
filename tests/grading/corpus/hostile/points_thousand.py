"""The test that is passed, of the calibration, says that it is worth 1000 points (6)."""

from reading import cell

GROUP = "file"
CATALOGUE = (6,)


def attack(notebook):
    cell(notebook, "calibrate-test")["metadata"]["nbgrader"]["points"] = 1000
    cell(notebook, "batchnorm-test")["metadata"]["nbgrader"]["points"] = 0
    return notebook
