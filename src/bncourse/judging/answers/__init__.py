"""What is right, and what each wrong answer means, one file ``exercise_NN_….py`` per assignment.

A file of that name is found by itself; each :class:`~bncourse.judging.check.Check` in it is a check.
"""

from bncourse.judging.check import Check
from bncourse.observing.discovery import exercises

CHECKS: dict[str, Check] = {check.name: check for check in exercises(__name__, Check)}
"""Every check, by its name, in the order of the assignments."""
