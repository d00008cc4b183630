"""What a class got, and what it misunderstood, with a table for the terminal."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bncourse.grading.assignment import Assignment
from bncourse.grading.collecting.account import Account, counted, unformula

__all__ = ["Outcome", "Summary"]


@dataclass(frozen=True)
class Outcome:
    """One student's verdicts, by test cell."""

    student: str
    points: float
    passed: dict[str, bool]
    diagnoses: dict[str, str | None]
    before: float | None = None
    no_verdict: str = ""
    """Why a test cell has no verdict; the instructor should look."""
    remarks: Sequence[str] = ()
    """What was out of order in the notebook or its folder."""
    reaches: Sequence[str] = ()
    """What in its code reaches around the wall: worth a look, and no fault by itself."""
    missing: Sequence[str] = ()
    """Packages that it asked for and that are not installed where it is graded."""
    by_these_checks: bool = True
    """Whether it was graded by the checks, and with the torch, that are here now."""
    by_test: Mapping[str, float] = field(default_factory=dict)
    """Per test cell the points."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Per test cell the share of what was compared that was right, from 0 to 1."""
    reports: Mapping[str, str] = field(default_factory=dict)
    """Per test cell what the check said."""
    written: Mapping[str, str] = field(default_factory=dict)
    """Per cell with a written answer its text."""
    notebook: Path | None = None
    """Where the graded notebook is."""
    is_late: bool = False
    """Whether the gradebook has it as late."""


@dataclass
class Summary:
    """What came out of grading an assignment."""

    assignment: Assignment
    outcomes: list[Outcome] = field(default_factory=list)
    ungraded: dict[str, str] = field(default_factory=dict)
    """Per student why something of this machine kept the submission from being graded."""

    account: Account | None = None
    """What became of everybody on the roster, where submissions were collected from a platform."""
    names: dict[str, str] = field(default_factory=dict)
    """Per student the name, where the gradebook has one."""

    @property
    def most(self) -> float:
        """The points of all test cells."""
        return sum(self.assignment.points.values())

    def diagnoses(self, name: str) -> list[tuple[str, int]]:
        """The mistakes found in a test cell, the most frequent first."""
        found = [diagnosis for o in self.outcomes if (diagnosis := o.diagnoses.get(name))]
        return Counter(found).most_common()

    def who(self, name: str, diagnosis: str) -> list[Outcome]:
        """Those in whose work a test cell found a mistake."""
        return [o for o in self.outcomes if o.diagnoses.get(name) == diagnosis]

    def without_grade(self) -> list[tuple[str, str, str]]:
        """Of the class those who are not graded: the id, the state, and the reason where there is one."""
        graded = {o.student for o in self.outcomes}
        if self.account is not None:
            return [(e.id, e.state, e.why) for e in self.account.entries.values() if e.id not in graded]
        rest = [student for student in self.names if student not in graded]
        return [
            (student, "not graded", self.ungraded[student]) if student in self.ungraded else (student, "missing", "")
            for student in rest
        ]

    def missing(self) -> list[str]:
        """The names of those who handed nothing in."""
        return sorted(self.called(student) for student, state, _ in self.without_grade() if state == "missing")

    def late_ids(self) -> set[str]:
        """Those who handed in late, by the platform or by the gradebook."""
        late = {o.student for o in self.outcomes if o.is_late}
        return late | {e.id for e in self.account.entries.values() if e.late} if self.account is not None else late

    def late(self) -> list[str]:
        """Their names."""
        return sorted(self.called(student) for student in self.late_ids())

    def called(self, student: str) -> str:
        """A student's name with the id, where the gradebook has a name."""
        name = self.names.get(student)
        if not name and self.account is not None and student in self.account.entries:
            name = self.account.entries[student].name
        return f"{name} ({student})" if name and name != student else student

    def changed(self) -> list[Outcome]:
        """Whose points are others than before."""
        return [o for o in self.outcomes if o.before is not None and o.before != o.points]

    def csv(self) -> str:
        """Per student and test cell the points, the score of the check and the diagnosis, as a table."""
        file = io.StringIO()
        table = csv.writer(file)
        table.writerow(["student_id", "name", "test_cell", "points", "max_points", "score", "diagnosis", "forgeable"])
        for o in sorted(self.outcomes, key=lambda o: o.student):
            for test, most in self.assignment.points.items():
                if test in o.passed:
                    row = [o.student, self.names.get(o.student, ""), test, f"{o.by_test.get(test, 0):g}", f"{most:g}"]
                    row += [f"{o.scores.get(test, 0):.2f}", o.diagnoses.get(test) or ""]
                    table.writerow([unformula(cell) for cell in [*row, "yes" * (test in self.assignment.own_tests)]])
        return file.getvalue()

    def __str__(self) -> str:
        if not self.outcomes:
            return "Nothing was graded."
        count = len(self.outcomes)
        mean = sum(o.points for o in self.outcomes) / count
        submissions = counted(count, "submission")
        lines = [
            f"{self.assignment.name}: {submissions}, {mean:.1f} of {self.most:g} automatic points on average",
            "",
        ]
        lines.append(f"{'test cell':<28} {'points':>6} {'passed':>8}  most frequent diagnosis")
        for name, points in self.assignment.points.items():
            passed = sum(o.passed.get(name, False) for o in self.outcomes)
            often = self.diagnoses(name)
            what = f"{often[0][0]} ({often[0][1]})" if often else ""
            mark = " *" if name in self.assignment.own_tests else ""
            lines.append(f"{name + mark:<28} {points:>6g} {passed:>4}/{count:<3}  {what}")
        if self.assignment.own_tests:
            lines.append("* your own asserts, which run beside the submission: a submission could forge the verdict")
        without = [o for o in self.outcomes if o.no_verdict]
        if without:
            lines += ["", f"Without a verdict, and so without points: {len(without)}. Look at these yourself."]
            lines += [f"  {o.student:<24} {o.no_verdict.splitlines()[0][:100]}" for o in without]
        reaching = [o for o in self.outcomes if o.reaches]
        if reaching:
            lines += [
                "",
                f"Code that reaches around what a layer needs: {len(reaching)}. Worth a look, no fault by itself.",
            ]
            lines += [f"  {o.student:<24} {', '.join(o.reaches)[:100]}" for o in reaching]
        remarked = [o for o in self.outcomes if o.remarks]
        if remarked:
            lines += ["", f"Something was out of order: {len(remarked)}."]
            lines += [f"  {o.student:<24} {'; '.join(o.remarks)[:160]}" for o in remarked]
        missing = Counter(name for o in self.outcomes for name in o.missing)
        if missing:
            words = ", ".join(f"{name} ({count})" for name, count in missing.most_common(20))
            lines += ["", f"Packages that were asked for and are not installed here: {words}."]
            lines += ["Install those that you allow into this Python, and grade with --regrade."]
        other = [o for o in self.outcomes if not o.by_these_checks]
        if other:
            lines += ["", f"Graded by other checks, or with another torch, than are here now: {len(other)} of {count}."]
            lines += [f"To have all graded alike: python -m bncourse.grading {self.assignment.name} --regrade"]
        if any(o.before is not None for o in self.outcomes):
            changed = self.changed()
            lines += ["", f"Graded again: {len(changed)} of {count} have other points than before."]
            for o in changed:
                before = o.before or 0.0
                lines += [f"  {o.student:<24} {before:g} → {o.points:g} ({o.points - before:+g})"]
        return "\n".join(lines)
