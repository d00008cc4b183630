"""Grading submissions that cannot be trusted: each runs in a sandbox, and is judged outside of it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bncourse.grading.assignment import Assignment
    from bncourse.grading.judging import Settings, grade
    from bncourse.grading.limits import Limits

__all__ = ["Assignment", "Limits", "Settings", "grade"]

HOMES = {"Assignment": "assignment", "Limits": "limits", "Settings": "judging", "grade": "judging"}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and not before: inside the sandbox nothing of it is needed, and nbformat takes long."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
