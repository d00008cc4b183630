"""A cell of the learner's own has an id of its own and five points (8)."""

from reading import code_cell

GROUP = "file"
CATALOGUE = (8,)


def attack(notebook):
    own = {"grade": True, "grade_id": "bonus", "locked": True, "solution": False, "points": 5, "schema_version": 3}
    notebook["cells"].append(code_cell("5", nbgrader=own | {"cell_type": "code", "task": False}))
    return notebook
