"""Clears the output of the test cell, now and with the next output (74)."""

GROUP = "verdict"
CATALOGUE = (74,)
CODE = """
import atexit

from IPython.display import clear_output

get_ipython().events.register("post_run_cell", lambda *result: clear_output())
"""
