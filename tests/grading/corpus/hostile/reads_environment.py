"""Looks for the grader in the environment, and for its secrets in that of the processes above (49, 50)."""

GROUP = "answer"
CATALOGUE = (49, 50)
CODE = """
import os, pathlib

found = dict(os.environ)
for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
    try:
        found |= dict(pair.split("=", 1) for pair in path.read_text().split(chr(0)) if "=" in pair)
    except OSError:
        pass
if any(name.startswith("NBGRADER") or "SECRET" in name or "TOKEN" in name for name in found):
    print("GOT IT")
"""
