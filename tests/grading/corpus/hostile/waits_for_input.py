"""Waits for an input that never comes (88)."""

GROUP = "resources"
CATALOGUE = (88,)
CODE = """
name = input("your name? ")
"""
