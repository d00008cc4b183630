"""The check's own right implementation is replaced by the learner's wrong one, so that both agree (32)."""

GROUP = "comparison"
CATALOGUE = (32,)
CODE = """
from bncourse.judging.answers import CHECKS

object.__setattr__(CHECKS["running_statistics"], "right", BatchNorm1d)
"""
