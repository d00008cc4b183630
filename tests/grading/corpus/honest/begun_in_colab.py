"""Begins as notebooks of Colab begin: packages, a drive, extensions, a form, a captured cell that waits."""

from reading import cell, code_cell


def change(notebook):
    own = cell(notebook, "batchnorm-code")
    form = '#@title The layer { run: "auto" }\nmomentum = 0.1  #@param {type:"slider", min:0, max:1}\n'
    own["source"] = f"%%capture out\n{form}import asyncio\nawait asyncio.sleep(0)\n{own['source']}"
    notebook["cells"][2:2] = [
        code_cell("!pip install -q torchinfo\n%pip install -q einops\nfrom google.colab import drive"),
        code_cell("%load_ext tensorboard"),
        code_cell("%matplotlib notebook\n%config InlineBackend.figure_format = 'retina'\nimport pandas as pd"),
    ]
    return notebook
