"""Hands in the course's layer, by inheriting from it (38)."""

GROUP = "answer"
CATALOGUE = (38,)
CODE = """
import bncourse.layers


class BatchNorm1d(bncourse.layers.BatchNorm1d):
    pass
"""
