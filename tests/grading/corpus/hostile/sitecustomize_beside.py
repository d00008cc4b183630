"""sitecustomize.py, usercustomize.py and conftest.py beside the notebook, for a Python or a pytest to load (16, 75)."""

GROUP = "file"
CATALOGUE = (16, 75, 78)
forge = """
import pathlib

pathlib.Path.home().joinpath("MARKER").write_text("GOT IT")
try:
    from bncourse.checks import Report

    Report.require = lambda self: None
except ImportError:
    pass
"""
FILES = {name: forge for name in ("sitecustomize.py", "usercustomize.py", "conftest.py")}
CODE = """
import importlib, pathlib

for name in ("sitecustomize", "usercustomize", "conftest"):
    if pathlib.Path(name + ".py").exists():
        exec(pathlib.Path(name + ".py").read_text())
        print("GOT IT")
"""
