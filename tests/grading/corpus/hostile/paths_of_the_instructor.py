"""Looks for the instructor's folders in what Python knows about itself."""

GROUP = "answer"
CATALOGUE = (50,)
STOCK = False  # they are there without a sandbox
CODE = """
import os
import sys

known = [sys.prefix, sys.base_prefix, sys.executable, *sys.path, *os.environ.values()]
known += [str(getattr(module, "__file__", "")) for module in list(sys.modules.values())]
if any(path.startswith(("/root", "@COURSE@")) for path in known):
    print("GOT IT")
if any(path.startswith("/home/") and not path.startswith("/home/learner") for path in known):
    print("GOT IT")
"""
