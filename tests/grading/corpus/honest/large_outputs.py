"""Saved with 20 MB of outputs."""

from reading import cell, stream


def change(notebook):
    cell(notebook, "batchnorm-code")["outputs"] = [stream("x" * 1_000_000)] * 20
    return notebook
