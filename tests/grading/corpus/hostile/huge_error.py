"""Raises an error with a message of 50 MB and a class whose name is as long (84)."""

GROUP = "resources"
CATALOGUE = (84,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        raise type("E" * 1_000_000, (ValueError,), {})("x" * 50_000_000)
"""
