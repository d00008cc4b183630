"""The id of the test is put on a cell of the learner's own, and the real test cell gets another id (5, 8)."""

from reading import cell, code_cell, twin

GROUP = "file"
CATALOGUE = (5, 8)


def attack(notebook):
    own = code_cell("5", nbgrader=twin(notebook, "batchnorm-test")["metadata"]["nbgrader"])
    cell(notebook, "batchnorm-test")["metadata"]["nbgrader"]["grade_id"] = "unknown"
    notebook["cells"].insert(1, own)
    return notebook
