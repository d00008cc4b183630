"""Reads what other students handed in, and runs their layer (47)."""

GROUP = "answer"
CATALOGUE = (47,)
CODE = """
import json, pathlib

for folder in ("@COURSE@/submitted", "../../../submitted", "@COURSE@/autograded"):
    for path in pathlib.Path(folder).glob("zoe/**/*.ipynb"):
        for cell in json.loads(path.read_text())["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "batchnorm-code":
                print("GOT IT")
                exec("".join(cell["source"]))
"""
