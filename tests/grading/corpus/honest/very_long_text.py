"""A cell of text holds two million characters."""

from reading import text_cell


def change(notebook):
    notebook["cells"].insert(3, text_cell("notes " * 350_000))
    return notebook
