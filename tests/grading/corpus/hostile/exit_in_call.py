"""Leaves with status 0 when it is called (60)."""

GROUP = "verdict"
CATALOGUE = (60,)
CODE = """
class BatchNorm1d(BatchNorm1d):
    def forward(self, x):
        raise SystemExit(0)
"""
