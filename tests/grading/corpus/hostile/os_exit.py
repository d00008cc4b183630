"""Ends the process with status 0, past every handler, when it is called (61)."""

GROUP = "verdict"
CATALOGUE = (61,)
NEIGHBOUR = False  # the process is gone
CODE = """
import os


class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        os._exit(0)
"""
