"""Grading submissions that cannot be trusted: each runs in a sandbox, and is judged outside of it."""

from bncourse.grading.assignment import Assignment
from bncourse.grading.grade import Settings, grade
from bncourse.grading.limits import Limits

__all__ = ["Assignment", "Limits", "Settings", "grade"]
