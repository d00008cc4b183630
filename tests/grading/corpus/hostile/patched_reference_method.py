"""A method of the check's right implementation is rewritten to make the learner's mistake (32)."""

GROUP = "comparison"
CATALOGUE = (32,)
CODE = """
from bncourse.judging.answers import normalisation

normalisation.PlainBatchNorm.stored = lambda self, var, n: var
"""
