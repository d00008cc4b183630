"""Opens the notebook in the working folder, where hidden tests have been put back (46)."""

GROUP = "answer"
CATALOGUE = (46,)
CODE = """
import pathlib

if any("require()" in path.read_text() for path in pathlib.Path(".").glob("*.ipynb")):
    print("GOT IT")
"""
