"""One progress bar for every long loop of the course."""

from __future__ import annotations

import importlib.util
import os

import tqdm

__all__ = ["progress_bar"]


def progress_bar(total: int, description: str, show: bool = True) -> tqdm.tqdm:
    """A bar with rate and time left: a widget in a notebook, a line in a terminal, nothing in the built book.

    Arguments:
        total: how many steps the loop has.
        description: what is being done, in a few words.
        show: ``False`` keeps it silent.

    Returns:
        A ``tqdm`` bar; call ``update()`` after each step and use it as a context manager.
    """
    # The site keeps the outputs of cells for good: a bar that ran once has nothing to say there.
    silent = not show or "BNCOURSE_BOOK" in os.environ
    # tqdm.auto warns in every notebook that lacks ipywidgets; the text bar is as good there.
    kind = "tqdm.auto" if importlib.util.find_spec("ipywidgets") else "tqdm"
    bar = importlib.import_module(kind).tqdm
    return bar(total=total, desc=description, unit="step", leave=False, disable=silent, dynamic_ncols=True)
