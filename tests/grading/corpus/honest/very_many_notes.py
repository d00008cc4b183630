"""There are two thousand cells of notes after the work."""

from reading import text_cell


def change(notebook):
    notebook["cells"] += [text_cell(f"note {i}") for i in range(2_000)]
    return notebook
