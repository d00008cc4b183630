"""Halves of characters, which JSON can hold and UTF-8 cannot, in cells, ids and metadata (12)."""

from reading import cell, code_cell

GROUP = "file"
CATALOGUE = (12,)


def attack(notebook):
    cell(notebook, "why-answer")["source"] = "half a smile: \ud83d"
    cell(notebook, "batchnorm-code")["source"] += "\n# \udc00"
    notebook["cells"].append(code_cell("'\ud800'"))
    notebook["metadata"]["\ud83d"] = "\ud83d"
    return notebook
