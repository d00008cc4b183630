"""Rewrites the notebooks in its folder, outputs and all, and takes the right to write away (64, 66)."""

GROUP = "verdict"
CATALOGUE = (64, 66)
CODE = """
import pathlib

for path in list(pathlib.Path(".").glob("*.ipynb")) + list(pathlib.Path("@COURSE@").glob("autograded/*/*/*.ipynb")):
    path.write_text(path.read_text().replace("not right yet", "right").replace("AssertionError", "Passed"))
    path.chmod(0o400)
"""
