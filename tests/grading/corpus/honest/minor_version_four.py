"""Saved by an older notebook, of format 4.4, in which cells have no ids."""


def change(notebook):
    notebook["nbformat_minor"] = 4
    for each in notebook["cells"]:
        each.pop("id", None)
    return notebook
