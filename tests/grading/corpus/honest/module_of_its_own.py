"""Writes a module, imports it in the layer's cell, asks bash, and has every warning raise."""

from reading import cell, code_cell


def change(notebook):
    own = cell(notebook, "batchnorm-code")
    own["source"] = "from helpers import same\n" + own["source"] + "\nif __name__ == '__main__':\n    print(same(1))\n"
    notebook["cells"][3:3] = [
        code_cell("%%writefile helpers.py\ndef same(x):\n    return x"),
        code_cell("%%bash\necho hello"),
        code_cell("import warnings, numpy, torch\nwarnings.simplefilter('error')\nnumpy.seterr(all='raise')"),
        code_cell("torch.use_deterministic_algorithms(True)\ntorch.autograd.set_detect_anomaly(True)"),
    ]
    return notebook
