"""Starts Python again with -O in the same process, for asserts to vanish (31)."""

GROUP = "comparison"
CATALOGUE = (31,)
NEIGHBOUR = False  # the process is no longer the one that was started
CODE = """
import os, sys

os.environ["PYTHONOPTIMIZE"] = "1"
if sys.flags.optimize == 0:
    os.execv(sys.executable, [sys.executable, "-O", *sys.orig_argv[1:]])
"""
