"""The functions that compare find no difference (26)."""

GROUP = "comparison"
CATALOGUE = (26,)
CODE = """
import bncourse.judging.check as module

module.compare = lambda *arguments, **named: []
module.difference = lambda *arguments, **named: None
"""
