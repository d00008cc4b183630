"""Reads the instructor's solution and runs it (47)."""

GROUP = "answer"
CATALOGUE = (47,)
CODE = """
import json, pathlib

for folder in ("@COURSE@/solutions", "@COURSE@/source", "../../../source", "../../../solutions"):
    for path in pathlib.Path(folder).rglob("*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "batchnorm-code":
                print("GOT IT")
                exec("".join(cell["source"]))
"""
