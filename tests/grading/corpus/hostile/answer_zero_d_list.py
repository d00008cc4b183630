"""A list of numbers that has no dimension, in the answers that the runner sends: the grader must refuse it, and not
fall over it (68, 80)."""

GROUP = "verdict"
CATALOGUE = (68, 80)
CODE = """
import numpy as np

from bncourse.observing.task import Task

honest = Task.observe


def forged(self, theirs, question):
    if self.name == "calibrate":
        return honest(self, theirs, question)
    value = ["list", "list", "values", np.zeros(()), "float64", ""]
    return {"the output of batch 1": value, "running_var at the start": value}


Task.observe = forged
"""
