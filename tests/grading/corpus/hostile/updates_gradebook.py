"""Gives itself five points in the gradebook, and takes zoe's (77)."""

GROUP = "verdict"
CATALOGUE = (77,)
CODE = """
import pathlib, sqlite3

if pathlib.Path("@COURSE@/gradebook.db").exists():
    with sqlite3.connect("@COURSE@/gradebook.db", timeout=1) as database:
        database.execute("update grade set manual_score = 0, auto_score = 0 where auto_score > 0")
"""
