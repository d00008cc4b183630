"""Report.require never raises (26, 71)."""

GROUP = "comparison"
CATALOGUE = (26, 71)
CODE = """
from bncourse.judging.report import Report

Report.require = lambda self: None
"""
