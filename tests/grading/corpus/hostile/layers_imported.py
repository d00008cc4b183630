"""Imports the course's finished layers."""

GROUP = "answer"
CATALOGUE = (38,)
STOCK = False  # it is there without a sandbox
CODE = """
import bncourse.layers

print("GOT IT")
BatchNorm1d = bncourse.layers.BatchNorm1d
"""
