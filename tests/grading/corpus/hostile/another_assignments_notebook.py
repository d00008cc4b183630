"""None of the cells belongs to the assignment; one shows the number five (2)."""

from reading import code_cell

GROUP = "file"
CATALOGUE = (2, 8)
NEIGHBOUR = False  # nothing of the assignment is there


def attack(notebook):
    return notebook | {"cells": [code_cell("5")]}
