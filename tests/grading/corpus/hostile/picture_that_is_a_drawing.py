"""Pastes a picture of a kind in which programs run."""

GROUP = "file"
CATALOGUE = (17,)

from reading import cell


def attack(notebook):
    cell(notebook, "why-answer")["source"] = "![x](data:image/svg+xml;base64,PHN2Zy8+)"
    return notebook
