"""The report on a class: one HTML page that needs no other file and no network, and that can be printed."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import os
import shlex
import statistics
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bncourse.grading.collecting.account import Account
from bncourse.grading.course import write_whole
from bncourse.grading.similar import groups
from bncourse.grading.summary import Summary
from bncourse.judging.answers import CHECKS
from bncourse.judging.catalogue import seen_of
from bncourse.judging.diagnosis import GENERAL_HINTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["page", "write", "write_account"]

FOR_THE_LECTURE = 3
"""Mistakes that are worth the time of everybody, at most."""

LONGEST_ANSWER = 4_000
"""Characters of a written answer that are shown."""


def write(summary: Summary, path: Path) -> None:
    """Write the page; links lead from there to the graded notebooks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(summary, path.parent), "utf-8")


def page(summary: Summary, folder: Path | None = None) -> str:
    """The report as HTML.

    Arguments:
        summary: what came out of grading.
        folder: in which the page will lie, for links to the graded notebooks; ``None`` leaves them out.
    """
    parts = [head(summary), lecture(summary), scores(summary)]
    parts += [misunderstood(summary, test) for test in summary.assignment.points]
    parts += [students(summary), written(summary), reports(summary, folder)]
    if summary.account is not None:
        parts.append(f"<section aria-labelledby='account'>{summary.account.html()}</section>")
    return plain_page(f"{summary.assignment.name}: class report", "\n".join(filter(None, parts)))


def write_account(account: Account, path: Path) -> None:
    """Write the account of a class as a page."""
    write_whole(path, plain_page(f"{account.assignment}: account", account.html()).encode("utf-8", "replace"))


def plain_page(title: str, body: str) -> str:
    """A page with the report's looks."""
    hashed = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    return PAGE.format(title=html.escape(title), body=body, script=SCRIPT, hashed=hashed)


def head(summary: Summary) -> str:
    """What the page is about, and how it went in one paragraph."""
    points = [o.points for o in summary.outcomes]
    words = f"{len(points)} submissions graded."
    if points:
        words += (
            f" On average {statistics.mean(points):.1f} of {summary.most:g} automatic points, the median is "
            f"{statistics.median(points):g}. Points for written answers are not among them."
        )
    missing, late = summary.missing(), summary.late()
    lines = [f"<p>{html.escape(words)}</p>"]
    if summary.account is not None:
        lines.append(f"<p>{html.escape(summary.account.sum)}.</p>")
    lines.append(f"<p><strong>Missing ({len(missing)}):</strong> {named(missing)}.</p>")
    lines.append(f"<p><strong>Late ({len(late)}):</strong> {named(late)}.</p>")
    if summary.ungraded:
        whose = [f"{summary.called(student)} ({why})" for student, why in summary.ungraded.items()]
        lines.append(f"<p><strong>Not graded, grade again ({len(whose)}):</strong> {named(whose)}.</p>")
    return f"<header><h1>{html.escape(summary.assignment.name)}: class report</h1>{''.join(lines)}</header>"


def named(names: Iterable[str]) -> str:
    """Names in a row, or nobody."""
    return html.escape(", ".join(names)) or "nobody"


def lecture(summary: Summary) -> str:
    """What many have misunderstood, in the order in which it is worth saying."""
    total = len(summary.outcomes)
    found = Counter(
        {
            (test, name): len(summary.who(test, name))
            for test in summary.assignment.points
            for name, _ in summary.diagnoses(test)
            if name not in ("no-verdict", "not-attempted")
        }
    )
    items = []
    for (test, name), count in found.most_common(FOR_THE_LECTURE):
        if count < 2 and total > 3:
            continue
        items.append(
            f"<li><a href='#{anchor('diagnosis', test, name)}'>{html.escape(name)}</a>: {count} of {total} "
            f"({100 * count / total:.0f} %). {html.escape(meaning(summary, test, name))}</li>"
        )
    tried = [
        f"{test}: {count} of {total} wrote nothing"
        for test in summary.assignment.points
        if (count := len(summary.who(test, "not-attempted"))) and 4 * count >= total
    ]
    items += [f"<li>{html.escape(words)}: was it understood what is asked, and was there time?</li>" for words in tried]
    text = f"<ol>{''.join(items)}</ol>" if items else "<p>No mistake was made by several students.</p>"
    return f"<section aria-labelledby='lecture'><h2 id='lecture'>For the next lecture</h2>{text}</section>"


def scores(summary: Summary) -> str:
    """The distribution of points as a picture, and the same numbers as its description."""
    count = Counter(o.points for o in summary.outcomes)
    words = ", ".join(f"{points:g} points: {number}" for points, number in sorted(count.items()))
    picture = figure(draw_scores(summary), f"Students by automatic points. {words}")
    return f"<section aria-labelledby='points'><h2 id='points'>Points</h2>{picture}</section>"


def misunderstood(summary: Summary, test: str) -> str:
    """What went wrong in one test cell: each diagnosis, what it means, what students were told, and who has it."""
    total = len(summary.outcomes)
    passed = sum(o.passed.get(test, False) for o in summary.outcomes)
    items = []
    for name, count in summary.diagnoses(test):
        who = sorted(summary.who(test, name), key=lambda o: summary.called(o.student).casefold())
        links = ", ".join(
            f"<a href='#{anchor('report', o.student)}'>{html.escape(summary.called(o.student))}</a>" for o in who
        )
        seen = what_is_seen(summary, test, name)
        items.append(
            f"<dt id='{anchor('diagnosis', test, name)}'><strong>{html.escape(name)}</strong> "
            f"<span class='bar' style='width:{10 * count / total:.2f}rem'></span> {count} of {total}</dt>"
            f"<dd>{f'What the check sees: {html.escape(seen)}.<br>' if seen else ''}"
            f"The hint that students saw: {html.escape(meaning(summary, test, name))}<br>Submissions: {links}</dd>"
        )
    name = html.escape(test)
    details = f"<dl>{''.join(items)}</dl>" if items else ""
    forgeable = (
        "<p>This cell holds the instructor's own asserts, which run beside the submission: a submission could forge "
        "the verdict.</p>"
        if test in summary.assignment.own_tests
        else ""
    )
    return (
        f"<section aria-labelledby='{anchor('test', test)}'><h2 id='{anchor('test', test)}'>{name}</h2>{forgeable}"
        f"<p>{passed} of {total} passed.</p>{details}</section>"
    )


def meaning(summary: Summary, test: str, diagnosis: str) -> str:
    """The sentences that a learner is told about a diagnosis, which may name two mistakes."""
    known = dict(GENERAL_HINTS) | OWN_HINTS
    for call in summary.assignment.calls.get(test, ()):
        known |= {mistake.name: mistake.hint for mistake in CHECKS[call.check].mistakes}
        known |= {name: " ".join(hint.split()) for name, hint in CHECKS[call.check].outcomes.values()}
    told = [known[name] for name in diagnosis.split(" + ") if name in known]
    return " ".join(told) or "The report of each submission says what happened."


OWN_HINTS = {
    "no-verdict": "The submission was ended before the check could look at it; its report says why.",
    "assertion-failed": "A line of the test cell does not hold; the report says which.",
    "reference-handed-in": "A finished version was handed in where one's own was asked for.",
    "not-callable": "What was handed in under the name cannot be called.",
}


def what_is_seen(summary: Summary, test: str, diagnosis: str) -> str:
    """What the check sees first of a known mistake."""
    for call in summary.assignment.calls.get(test, ()):
        for mistake in CHECKS[call.check].mistakes:
            if mistake.name == diagnosis:
                return first_seen(call.check, diagnosis)
    return ""


@cache
def first_seen(check: str, diagnosis: str) -> str:
    """What a check sees first of a mistake that it knows."""
    known = CHECKS[check]
    way = next(mistake.ways[0] for mistake in known.mistakes if mistake.name == diagnosis)
    return seen_of(known, way).rstrip(".")


def students(summary: Summary) -> str:
    """Everybody in one table that can be sorted: the class, and those who handed nothing in or nothing readable."""
    tests = list(summary.assignment.points)
    rows = []
    for outcome in summary.outcomes:
        cells = [outcome.diagnoses.get(test) or ("passed" if outcome.passed.get(test) else "–") for test in tests]
        rows.append((outcome.student, "graded", f"{outcome.points:g}", cells, outcome.remarks))
    rows += [(student, state, "–", ["–"] * len(tests), [why]) for student, state, why in summary.without_grade()]
    late = summary.late_ids()
    body = "".join(
        f"<tr><th scope='row'>{linked(summary, student)}</th><td>{html.escape(state)}</td>"
        f"<td>{'late' if student in late else ''}</td><td class='number'>{points}</td>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        + f"<td>{html.escape('; '.join(filter(None, remarks)))}</td></tr>"
        for student, state, points, cells, remarks in sorted(rows, key=lambda row: summary.called(row[0]).casefold())
    )
    heads = "".join(
        f"<th scope='col'{' aria-sort=ascending' if head == 'student' else ''}>"
        f"<button type='button'>{html.escape(head)}</button></th>"
        for head in ("student", "state", "late", "points", *tests, "remarks")
    )
    return (
        "<section aria-labelledby='students'><h2 id='students'>Students</h2>"
        "<p class='quiet'>Press the heading of a column to sort by it. A name leads to the report.</p>"
        "<div class='wide' role='region' aria-label='Table of students' tabindex='0'><table class='sortable'>"
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def linked(summary: Summary, student: str) -> str:
    """A student's name, with a link to the report where there is one."""
    name = html.escape(summary.called(student))
    is_graded = any(o.student == student for o in summary.outcomes)
    return f"<a href='#{anchor('report', student)}'>{name}</a>" if is_graded else name


def written(summary: Summary) -> str:
    """The written answers: the rubric and a model answer, and answers that are alike together."""
    parts = []
    for cell, model in summary.assignment.answers.items():
        texts = {o.student: o.written[cell] for o in summary.outcomes if cell in o.written}
        stub = summary.assignment.stub(cell)
        empty = sorted(student for student, text in texts.items() if text.strip() in ("", stub))
        found = groups({student: text for student, text in texts.items() if student not in empty})
        items = [answers_alike(summary, cell, names, texts) for names in found]
        if empty:
            items.append(f"<p>Not written ({len(empty)}): {links_to(summary, empty)}.</p>")
        parts.append(
            f"<h3>{html.escape(cell)} ({summary.assignment.all_points[cell]:g} points)</h3>"
            f"<details><summary>Model answer and rubric</summary><pre>{html.escape(model)}</pre></details>"
            f"<p>{len(texts) - len(empty)} answers in {len(found)} groups of similar wording.</p>{''.join(items)}"
        )
    if not parts:
        return ""
    return f"<section aria-labelledby='written'><h2 id='written'>Written answers</h2>{''.join(parts)}</section>"


def answers_alike(summary: Summary, cell: str, names: list[str], texts: dict[str, str]) -> str:
    """One group of answers: the longest in full, whose they are, and the command that gives them their points."""
    text = texts[names[0]]
    start = " ".join(text.split())[:90]
    words = ["python", "-m", "bncourse.course", "points", summary.assignment.name, cell, "POINTS", *names]
    command = " ".join(shlex.quote(word) for word in words)
    rest = "" if len(text) <= LONGEST_ANSWER else " …"
    others = "".join(
        f"<blockquote><p>{html.escape(summary.called(name))}</p><pre>{html.escape(texts[name][:LONGEST_ANSWER])}</pre>"
        "</blockquote>"
        for name in names[1:]
        if texts[name].split() != text.split()
    )
    return (
        f"<details><summary>{len(names)}: “{html.escape(start)}…”</summary>"
        f"<pre>{html.escape(text[:LONGEST_ANSWER])}{rest}</pre><p>{links_to(summary, names)}</p>{others}"
        f"<p>To give all of them the same points:</p><pre>{html.escape(command)}</pre></details>"
    )


def links_to(summary: Summary, names: list[str]) -> str:
    """Students, each with a link to the report."""
    return ", ".join(linked(summary, name) for name in names)


def reports(summary: Summary, folder: Path | None) -> str:
    """For each student what the checks said, folded."""
    parts = []
    for outcome in sorted(summary.outcomes, key=lambda o: summary.called(o.student).casefold()):
        said = "".join(
            f"<h3>{html.escape(test)}: {outcome.scores.get(test, 0):.0%} of what was compared</h3>"
            f"<pre>{html.escape(report)}</pre>"
            for test, report in outcome.reports.items()
        )
        remarks = "".join(f"<li>{html.escape(remark)}</li>" for remark in outcome.remarks)
        where = ""
        if folder is not None and outcome.notebook:
            address = html.escape(Path(os.path.relpath(outcome.notebook, folder)).as_posix(), quote=True)
            where = f"<p><a href='{address}'>The graded notebook</a></p>"
        parts.append(
            f"<details id='{anchor('report', outcome.student)}'>"
            f"<summary>{html.escape(summary.called(outcome.student))}: "
            f"{outcome.points:g} of {summary.most:g}</summary>{where}{f'<ul>{remarks}</ul>' if remarks else ''}{said}"
            "</details>"
        )
    return f"<section aria-labelledby='reports'><h2 id='reports'>Reports</h2>{''.join(parts)}</section>"


def anchor(*parts: str) -> str:
    """An id on the page; ids of students may hold anything."""
    return "-".join([parts[0], *(part.encode("utf-8", "replace").hex() for part in parts[1:])])


def draw_scores(summary: Summary) -> Figure:
    """How many have how many points."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    drawn = Figure(figsize=(7, 2.8), layout="constrained")
    axes = drawn.add_subplot()
    count = Counter(o.points for o in summary.outcomes)
    axes.bar(list(count), list(count.values()), width=0.8, color="#0072b2")
    axes.set(xlabel="automatic points", ylabel="students", xlim=(-0.6, summary.most + 0.6))
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    return drawn


def figure(drawn: Figure, words: str) -> str:
    """A picture for the page, with its alternative text."""
    file = io.BytesIO()
    drawn.savefig(file, format="svg")
    data = base64.b64encode(file.getvalue()).decode()
    return f'<p><img alt="{html.escape(words)}" src="data:image/svg+xml;base64,{data}"></p>'


SCRIPT = """
for (const table of document.querySelectorAll('table.sortable')) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  heads.forEach((head, column) => head.firstChild.addEventListener('click', () => {
    const down = head.getAttribute('aria-sort') === 'ascending';
    heads.forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const text = row => row.cells[column].textContent;
    const order = new Intl.Collator(undefined, {numeric: true}).compare;
    body.append(...[...body.rows].sort((a, b) => (down ? -1 : 1) * order(text(a), text(b))));
  }));
}
const open = () => {
  const found = document.getElementById(location.hash.slice(1));
  if (found && found.tagName === 'DETAILS') { found.open = true; found.scrollIntoView(); }
};
addEventListener('hashchange', open);
open();
"""
"""Sorts a table by the column whose heading is pressed, and unfolds the report that a link leads to."""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hashed}'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --ground: #fff; --text: #1a1a1a; --quiet: #444; --line: #ccc; --link: #0b57a4 }}
:root {{ --box: #f5f5f5; --mark: #fff3c4; --bar: #d55e00 }}
@media screen and (prefers-color-scheme: dark) {{
  :root {{ --ground: #16181c; --text: #e6e6e6; --quiet: #b8b8b8; --line: #4a4d52; --link: #8ab8f0 }}
  :root {{ --box: #23262b; --mark: #4a3f14; --bar: #f0883e }}
  img {{ background: #fff }}
}}
@media print {{ :root {{ color-scheme: light }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
body {{ background: var(--ground); color: var(--text); overflow-wrap: anywhere }}
h1 {{ line-height: 1.2 }}
h2 {{ margin-top: 2.5rem; border-bottom: 1px solid var(--line) }}
a {{ color: var(--link) }}
img {{ max-width: 100%; height: auto }}
.wide {{ overflow-x: auto }}
table {{ border-collapse: collapse; overflow-wrap: normal }}
.quiet {{ color: var(--quiet) }}
th, td {{ padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid var(--line) }}
th, td {{ text-align: left; vertical-align: top }}
.number {{ text-align: right }}
th button {{ font: inherit; font-weight: bold; background: none; border: 0; padding: 0.3rem 0; cursor: pointer }}
th button {{ color: inherit; text-decoration: underline dotted; white-space: nowrap }}
[aria-sort=ascending] button::after {{ content: " ↑" }}
[aria-sort=descending] button::after {{ content: " ↓" }}
dt {{ margin-top: 0.8rem }}
dd {{ margin: 0 0 0.8rem 1.5rem }}
.bar {{ display: inline-block; height: 0.8em; background: var(--bar) }}
details {{ margin: 0.3rem 0 }}
summary {{ cursor: pointer; padding: 0.2rem 0 }}
details:target > summary {{ background: var(--mark) }}
pre {{ white-space: pre-wrap; background: var(--box); padding: 0.5rem 0.8rem; font-size: 0.85rem }}
blockquote {{ margin: 0.5rem 0 0.5rem 1rem }}
@media print {{
  body {{ margin: 0; max-width: none; font-size: 11px }}
  .wide {{ overflow: visible }}
  tr, dt, dd, img {{ break-inside: avoid }}
  h2, h3 {{ break-after: avoid }}
  th button {{ white-space: normal; padding: 0; text-align: left }}
  a {{ color: inherit; text-decoration: none }}
  .bar {{ print-color-adjust: exact }}
}}
</style>
</head>
<body>
<main>
{body}
</main>
<script>{script}</script>
</body>
</html>
"""
