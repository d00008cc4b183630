"""Sleeps in every cell, just short of what a cell is given (86)."""

GROUP = "resources"
CATALOGUE = (86,)
NEIGHBOUR = False  # it is ended as a whole
SLOW = True
CODE = """
import time


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        time.sleep(15)
        return super().forward(x)
"""
