"""Everything has a type of its own: metadata are lists, ids are objects, sources numbers, and cells null (12)."""

from reading import code_cell

GROUP = "file"
CATALOGUE = (12,)


def attack(notebook):
    odd = [None, 7, "cell", [], {}, {"cell_type": ["code"]}, {"metadata": [], "source": {"a": 1}}]
    odd += [code_cell([1, None, "x = 1\n"]), code_cell("pass", nbgrader={"grade_id": {"a": 1}})]
    odd += [code_cell("pass", nbgrader=7), {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": ["x"]}}}]
    notebook["cells"] += odd
    notebook["nbformat"] = "four"
    return notebook
