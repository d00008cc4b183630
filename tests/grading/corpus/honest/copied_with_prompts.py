"""Copied with the prompts of Python, indented by tabs, with questions to IPython after it."""

from reading import cell


def change(notebook):
    own = cell(notebook, "batchnorm-code")
    lines = own["source"].replace("    ", "\t").strip().splitlines()
    own["source"] = "\n".join(("... " if line[:1].isspace() or not line else ">>> ") + line for line in lines)
    cell(notebook, "calibrate-code")["source"] += "\n?len\nnn.Linear??\n"
    return notebook
