"""A thousand values with long names and with bytes for texts, in the answers that the runner sends: the grader must
refuse it, and not fall over it (68, 80)."""

GROUP = "verdict"
CATALOGUE = (68, 80)
CODE = """
import sys

import numpy as np

frame, runner = sys._getframe(), {}
while frame:
    runner = frame.f_globals if "give_up_privileges" in frame.f_globals else runner
    frame = frame.f_back
honest = runner.get("observe")


def forged(cells, calls):
    if calls[0]["check"] == "calibrate":
        return honest(cells, calls)
    value = ["text", b"str" * 1000, "values", None, "", "x" * 100000]
    return [[{"the output of batch 1": value, "running_var at the start": value}] * len(calls[0]["questions"])]


runner["observe"] = forged
"""
