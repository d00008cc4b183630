"""Copies the text of what the check compares with, and runs it under another name (40, 45)."""

GROUP = "answer"
CATALOGUE = (40, 45)
CODE = """
import inspect

from bncourse.judging.answers import normalisation

exec(inspect.getsource(normalisation.PlainBatchNorm).replace("PlainBatchNorm", "BatchNorm1d"))
"""
