"""Checks of what the learner writes, one per object of the assignments.

Each takes the learner's class or function and gives a report, which shows itself and never raises::

    checks.running_statistics(BatchNorm1d)              # what is right, and what is not yet
    checks.running_statistics(BatchNorm1d).require()    # raises AssertionError unless all is right
"""

from bncourse.checks.check import Check
from bncourse.checks.exercise_06_running_statistics import calibrate, running_statistics
from bncourse.checks.report import Report

ALL: dict[str, Check] = {check.name: check for check in (running_statistics, calibrate)}
"""Every check, by its name."""

__all__ = ["ALL", "Check", "Report", *ALL]
