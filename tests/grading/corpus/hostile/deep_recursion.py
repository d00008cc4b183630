"""Recursion without an end, at a limit that the stack does not hold (85)."""

GROUP = "resources"
CATALOGUE = (85,)
NEIGHBOUR = False  # it is ended as a whole
STOCK = False  # it may take any amount of memory
CODE = """
import sys

sys.setrecursionlimit(10**9)


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        return repr(self.nested())

    def nested(self):
        found = []
        for _ in range(10**6):
            found = [found]
        return found
"""
