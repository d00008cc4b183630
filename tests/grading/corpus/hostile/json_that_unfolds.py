"""A file of some megabytes that takes gigabytes in memory."""

GROUP = "file"
CATALOGUE = (12,)
NEIGHBOUR = False  # there is no notebook


def attack(notebook):
    return b'{"cells": [' + b"[]," * 20_000_000 + b"[]]}"
