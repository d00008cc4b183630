"""The observing half asks the check's own implementation in place of the learner's (26, 32)."""

GROUP = "answer"
CATALOGUE = (26, 32)
CODE = """
from bncourse.observing import task as module
from bncourse.judging.answers import CHECKS

module.Task.observe = lambda self, theirs, question: CHECKS[self.name].answer_of(CHECKS[self.name].right, question)
"""
