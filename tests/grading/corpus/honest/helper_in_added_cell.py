"""A helper function stands in an added cell before the layer, which needs it."""

from reading import cell, code_cell, place


def change(notebook):
    layer = cell(notebook, "batchnorm-code")
    layer["source"] = layer["source"].replace("x.mean(0), x.var(0, correction=0)", "*moments(x),")
    layer["source"] = layer["source"].replace("mean, var = *moments(x),", "mean, var = moments(x)")
    helper = "def moments(x):\n    return x.mean(0), x.var(0, correction=0)"
    notebook["cells"].insert(place(notebook, "batchnorm-code"), code_cell(helper))
    return notebook
