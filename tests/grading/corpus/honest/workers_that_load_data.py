"""Loads data with worker processes."""

from reading import code_cell, place

added = """
from torch.utils.data import DataLoader, TensorDataset

for (x,) in DataLoader(TensorDataset(torch.randn(64, 3)), batch_size=16, num_workers=2):
    BatchNorm1d(3)(x)
"""


def change(notebook):
    notebook["cells"].insert(place(notebook, "batchnorm-code") + 1, code_cell(added))
    return notebook
