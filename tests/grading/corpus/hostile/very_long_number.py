"""A number of a million digits."""

GROUP = "file"
CATALOGUE = (12,)
NEIGHBOUR = False  # there is no notebook


def attack(notebook):
    return b'{"cells": [], "nbformat": ' + b"9" * 1_000_000 + b"}"
