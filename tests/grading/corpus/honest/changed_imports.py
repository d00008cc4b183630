"""The locked cell of the imports was changed, to import more."""

from reading import cell


def change(notebook):
    cell(notebook, "imports")["source"] = (
        "import math\nimport torch\nfrom torch import nn\nfrom bncourse import checks\n"
    )
    layer = cell(notebook, "batchnorm-code")
    layer["source"] = layer["source"].replace("torch.ones(dim)", "torch.ones(dim) * math.cos(0)")
    return notebook
