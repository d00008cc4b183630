"""Imports what knows the right answers."""

GROUP = "answer"
CATALOGUE = (38,)
STOCK = False  # it is there without a sandbox
NEIGHBOUR = True
CODE = """
from bncourse.judging.answers import CHECKS

print("GOT IT", CHECKS)
"""
