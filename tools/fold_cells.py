"""Fold in JupyterLab and in Colab what the site folds: ``python tools/fold_cells.py``; ``make format`` calls it.

A cell that is tagged ``hide-input`` or ``checks`` gets the metadata by which JupyterLab (``source_hidden``) and Colab
(``cellView``) hide its code behind a line that opens it. Any other cell loses them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]

FOLDED = {"hide-input", "checks"}


def fold(notebook: NotebookNode) -> bool:
    """Set the metadata of each cell; return whether one has changed."""
    changed = False
    for cell in notebook.cells:
        before = dict(cell.metadata)
        for key in ("cellView", "jupyter"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code" and FOLDED & set(cell.metadata.get("tags", [])):
            cell.metadata["cellView"] = "form"
            cell.metadata["jupyter"] = {"source_hidden": True}
        changed |= dict(cell.metadata) != before
    return changed


def main() -> None:
    """Fold the cells of the notebooks that the command line names, or of all chapters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all chapters")
    for path in parser.parse_args().notebooks or sorted((ROOT / "chapters").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
        if fold(notebook):
            nbformat.write(notebook, path)
            print(f"{path.name}: folded")


if __name__ == "__main__":
    main()
