"""Modules of the learner's own in sys.modules: for the checks, and for what they import (33)."""

GROUP = "comparison"
CATALOGUE = (33,)
NEIGHBOUR = False  # without these modules nothing can be observed
CODE = """
import sys
from unittest.mock import MagicMock

for name in [name for name in sys.modules if name.startswith(("bncourse.checks", "bncourse.observing", "numpy.testing"))]:
    sys.modules[name] = MagicMock()
import bncourse

bncourse.checks = checks = MagicMock()
"""
