"""Hands in a text that takes a converter of Markdown very long."""

GROUP = "resources"
CATALOGUE = (81,)

from reading import cell


def attack(notebook):
    cell(notebook, "why-answer")["source"] = "[" * 50_000
    return notebook
