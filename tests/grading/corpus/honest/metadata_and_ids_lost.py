"""An editor emptied the metadata of every cell, and gave new ids."""


def change(notebook):
    for i, each in enumerate(notebook["cells"]):
        each["metadata"] = {}
        each["id"] = f"new-{i}"
    return notebook
