"""Points that a person gives for written answers, to several students at a time."""

from __future__ import annotations

from collections.abc import Sequence

from nbgrader.api import MissingEntry

from bncourse.grading.collecting.account import counted
from bncourse.grading.course import Course, CourseError

__all__ = ["give_points"]


def give_points(
    course: Course, assignment: str, cell: str, points: float, students: Sequence[str], comment: str = ""
) -> str:
    """Give the points for one written answer to each of these students, as the formgrader does for one.

    Arguments:
        course: the instructor's.
        assignment: its name.
        cell: the id of the cell with the answer.
        points: from 0 to the points of the cell.
        students: their ids.
        comment: what the feedback says beside the answer; empty leaves what is there.

    Returns:
        What was done, in a sentence.

    Raises:
        CourseError: the cell has no written answer, the points are too many, or a student has no answer that is graded.
            Then nobody got any points.
    """
    known = course.assignment(assignment)
    if cell not in known.answers:
        names = ", ".join(map(repr, known.answers)) or "none"
        raise CourseError(f"{assignment} has no written answer {cell!r}; it has {names}")
    most = known.all_points[cell]
    if not 0 <= points <= most:
        raise CourseError(f"{points:g} points for {cell}: give from 0 to {most:g}")
    wanted = list(dict.fromkeys(students))
    with course.gradebook() as gradebook:
        grades, without = [], []
        for student in wanted:
            try:
                grades.append(gradebook.find_grade(cell, assignment, assignment, student))
            except MissingEntry:
                without.append(student)
        if without:
            raise CourseError(f"no answer of {', '.join(map(repr, without))} is graded, so that nobody got any points")
        for student, grade in zip(wanted, grades, strict=True):
            grade.manual_score, grade.needs_manual_grade = points, False
            if comment:
                gradebook.find_comment(cell, assignment, assignment, student).manual_comment = comment
        gradebook.db.commit()
    return f"{cell}: {points:g} of {most:g} points to {counted(len(wanted), 'student')}: {', '.join(wanted)}."
