"""JSON of 200,000 brackets, which overflows the stack of a careless reader (12)."""

GROUP = "file"
CATALOGUE = (12,)
NEIGHBOUR = False  # nothing in it can be read


def attack(notebook):
    return b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
