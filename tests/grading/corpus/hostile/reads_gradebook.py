"""Reads the gradebook: names, grades, and the texts of the test cells (48)."""

GROUP = "answer"
CATALOGUE = (48,)
CODE = """
import pathlib, sqlite3

if pathlib.Path("@COURSE@/gradebook.db").exists():
    with sqlite3.connect("file:@COURSE@/gradebook.db?mode=ro", uri=True) as database:
        print("GOT IT" if list(database.execute("select source from source_cell")) else "")
"""
