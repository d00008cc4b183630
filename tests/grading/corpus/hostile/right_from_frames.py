"""Walks up the frames to the check, and calls what it compares with (41, 43)."""

GROUP = "answer"
CATALOGUE = (41, 43)
CODE = """
import sys


def BatchNorm1d(*arguments, **named):
    frame = sys._getframe()
    while frame:
        for thing in list(frame.f_locals.values()):
            if hasattr(type(thing), "judge"):
                return thing.right(*arguments, **named)
        frame = frame.f_back
    raise LookupError
"""
