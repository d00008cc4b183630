"""Eighty megabytes of saved outputs, which each step of a grader would read, check and write again (12)."""

from reading import cell, stream

GROUP = "file"
CATALOGUE = (12,)


def attack(notebook):
    cell(notebook, "batchnorm-code")["outputs"] = [stream("x" * 1_000_000)] * 80
    return notebook
