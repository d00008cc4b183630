"""Hands in the implementation that the check itself compares with (32, 38)."""

GROUP = "answer"
CATALOGUE = (32, 38)
CODE = """
class BatchNorm1d(checks.running_statistics.right):
    pass
"""
