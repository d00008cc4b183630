"""Saved by a Jupyter that does not exist yet; layer and calibration in one cell, after three thousand empty lines."""

from reading import cell


def change(notebook):
    notebook["nbformat_minor"] = 99
    for each in notebook["cells"]:
        each["new"] = 5
    own, other = cell(notebook, "batchnorm-code"), cell(notebook, "calibrate-code")
    own["source"] = "from __future__ import annotations\n" + "\n" * 3_000 + own["source"] + other["source"]
    notebook["cells"].remove(other)
    return notebook
