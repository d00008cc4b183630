"""Links beside the notebook, which a collector that follows them copies: to the gradebook and the solutions (15)."""

GROUP = "file"
CATALOGUE = (15, 47)
FILES = {"data.db": ("link", "@COURSE@/gradebook.db"), "data": ("link", "@COURSE@/solutions")}
CODE = """
import json, pathlib

for path in pathlib.Path("data").rglob("*.ipynb"):
    for cell in json.loads(path.read_text())["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "batchnorm-code":
            exec("".join(cell["source"]))
if pathlib.Path("data.db").exists():
    print("GOT IT")
"""
