"""The observing half asks the check's own implementation in place of the learner's (26, 32)."""

GROUP = "answer"
CATALOGUE = (26, 32)
CODE = """
from bncourse import checks as module

module.Check.observe = lambda self, theirs, question: self.answer_of(self.right, question)
"""
