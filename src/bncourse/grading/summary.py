"""What a class got, and what it misunderstood: a table for the terminal, and one HTML page with pictures."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from bncourse.grading.assignment import Assignment
from bncourse.grading.collecting.account import Account

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
        return Counter(found for o in self.outcomes if (found := o.diagnoses.get(name))).most_common()

    def called(self, student: str) -> str:
        """A student's name with the id, where the gradebook has a name."""
        name = self.names.get(student)
        return f"{name} ({student})" if name and name != student else student

    def changed(self) -> list[Outcome]:
        """Whose points are others than before."""
        return [o for o in self.outcomes if o.before is not None and o.before != o.points]

    def __str__(self) -> str:
        if not self.outcomes:
            return "Nothing was graded."
        count = len(self.outcomes)
        mean = sum(o.points for o in self.outcomes) / count
        lines = [
            f"{self.assignment.name}: {count} submissions, {mean:.1f} of {self.most:g} automatic points on average",
            "",
        ]
        lines.append(f"{'test cell':<28} {'points':>6} {'passed':>8}  most frequent diagnosis")
        for name, points in self.assignment.points.items():
            passed = sum(o.passed.get(name, False) for o in self.outcomes)
            often = self.diagnoses(name)
            what = f"{often[0][0]} ({often[0][1]})" if often else ""
            lines.append(f"{name:<28} {points:>6g} {passed:>4}/{count:<3}  {what}")
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

    def write_page(self, path: Path) -> None:
        """Write the page, which needs no other file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.page(), "utf-8")

    def page(self) -> str:
        """The page."""
        name = html.escape(self.assignment.name)
        parts = [
            f"<h1>{name}</h1><p>{len(self.outcomes)} submissions, automatic points only.</p>",
            figure(self.draw_scores(), f"How many students have how many of {self.most:g} points"),
        ]
        for test in self.assignment.points:
            found = self.diagnoses(test)
            parts.append(f"<h2>{html.escape(test)}</h2>")
            passed = sum(o.passed.get(test, False) for o in self.outcomes)
            parts.append(f"<p>{passed} of {len(self.outcomes)} passed.</p>")
            if found:
                words = ", ".join(f"{diagnosis}: {count}" for diagnosis, count in found)
                parts.append(figure(self.draw_diagnoses(found), f"What was misunderstood: {words}"))
        rows = "".join(
            f"<tr><th scope='row'>{html.escape(self.called(o.student))}</th><td>{o.points:g}</td>"
            + "".join(f"<td>{html.escape(o.diagnoses.get(test) or '✓')}</td>" for test in self.assignment.points)
            + "</tr>"
            for o in sorted(self.outcomes, key=lambda o: self.called(o.student).casefold())
        )
        heads = "".join(f"<th scope='col'>{html.escape(test)}</th>" for test in self.assignment.points)
        head = f"<tr><th scope='col'>student</th><th scope='col'>points</th>{heads}</tr>"
        parts.append(f"<h2>Students</h2><div class='wide'><table>{head}{rows}</table></div>")
        if self.account is not None:
            parts.append(self.account.html())
        return PAGE.format(title=name, body="\n".join(parts))

    def draw_scores(self) -> Figure:
        """How many have how many points."""
        drawn = Figure(figsize=(7, 2.8), layout="constrained")
        axes = drawn.add_subplot()
        count = Counter(o.points for o in self.outcomes)
        axes.bar(list(count), list(count.values()), width=0.8, color="#0072b2")
        axes.set(xlabel="automatic points", ylabel="students", xlim=(-0.6, self.most + 0.6))
        axes.spines[["top", "right"]].set_visible(False)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        return drawn

    def draw_diagnoses(self, found: list[tuple[str, int]]) -> Figure:
        """How many made which mistake."""
        drawn = Figure(figsize=(7, 0.6 + 0.32 * len(found)), layout="constrained")
        axes = drawn.add_subplot()
        axes.barh([diagnosis for diagnosis, _ in found], [count for _, count in found], color="#d55e00")
        axes.invert_yaxis()
        axes.set(xlabel="students")
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        return drawn


def figure(drawn: Figure, words: str) -> str:
    """A picture for the page, with its alternative text."""
    file = io.BytesIO()
    drawn.savefig(file, format="svg")
    data = base64.b64encode(file.getvalue()).decode()
    return f'<p><img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{data}"></p>'


PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 56rem; margin: 2rem auto; padding: 0 1rem }}
body {{ background: #fff; color: #1a1a1a }}
img {{ max-width: 100%; height: auto }}
.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse }}
th, td {{ padding: 0.2rem 0.8rem; border-bottom: 1px solid #ccc; text-align: left }}
</style>
{body}
</html>
"""
