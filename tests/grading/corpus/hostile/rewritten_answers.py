"""Finds the recorder in the frames above and rewrites what was written down, in the expected answers too (35)."""

GROUP = "comparison"
CATALOGUE = (35, 41)
NEIGHBOUR = False  # what was written down of its own calibrate is gone too
CODE = """
import gc

from bncourse.observing.recorder import Recorder
from bncourse.observing.values import Value

real = Recorder.finish


def finish(self):
    return {name: Value("nothing", "NoneType") for name in real(self)}


Recorder.finish = finish
"""
