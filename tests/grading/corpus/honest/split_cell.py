"""The solution cell was split in JupyterLab: both halves have its metadata."""

from reading import cell, place, twin


def change(notebook):
    layer = cell(notebook, "batchnorm-code")
    second = twin(notebook, "batchnorm-code") | {"id": "second"}
    layer["source"] = "SMALLEST = 2  # examples"
    second["source"] = second["source"].replace("len(x) < 2", "len(x) < SMALLEST")
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, second)
    return notebook
