"""Switches off the cutting of its outputs."""

GROUP = "resources"
CATALOGUE = (84,)
CODE = """
from bncourse.observing.cells import Cells

Cells.cut = lambda self, text: text
print("x" * 5_000_000)
"""
