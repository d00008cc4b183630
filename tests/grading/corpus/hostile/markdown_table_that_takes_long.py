"""Hands in a table that takes a converter of Markdown very long."""

GROUP = "resources"
CATALOGUE = (81,)

from reading import cell


def attack(notebook):
    cell(notebook, "why-answer")["source"] = "|" * 8_000 + "\n|" + "-|" * 4_000
    return notebook
