"""Raises what test programs take for a skipped test, and what the recorder takes for its end (62)."""

GROUP = "verdict"
CATALOGUE = (62,)
CODE = """
import unittest

from bncourse.observing.recorder import Stop


class BatchNorm1d(BatchNorm1d):
    calls = 0

    def forward(self, x):
        BatchNorm1d.calls += 1
        raise unittest.SkipTest("skipped") if self.calls % 2 else Stop
"""
