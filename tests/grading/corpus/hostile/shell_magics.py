"""Commands of the shell and of IPython fetch the solution: !cp, %%bash, %run, %load (18, 47)."""

GROUP = "file"
CATALOGUE = (18, 47)
CODE = """
import json, pathlib

!cp -r @COURSE@/solutions taken 2>/dev/null
get_ipython().run_cell_magic("bash", "", "cp -r @COURSE@/source taken || true")
get_ipython().run_line_magic("alias", "sneak cp -r @COURSE@/solutions taken2")
for path in pathlib.Path(".").rglob("taken*/**/*.ipynb"):
    print("GOT IT")
    for cell in json.loads(path.read_text())["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "batchnorm-code":
            exec("".join(cell["source"]))
"""
