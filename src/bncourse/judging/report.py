"""What a check found, in words: HTML in a notebook, text in a terminal."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bncourse.observing.values import STAGES

__all__ = ["Report"]

MARKS = {"passed": "✓", "failed": "✗", "open": "·"}


class NotRight(AssertionError):  # noqa: N818
    """What was required is not right; a notebook shows the report alone, since the traceback has nothing to add."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


@dataclass(frozen=True)
class Report:
    """The outcome of a check.

    Attributes:
        check: name of the check, as in ``"running_statistics"``.
        passed: whether everything was as it should be.
        score: the share of what was compared that was as it should be, from 0 to 1; 1 if and only if passed.
        diagnosis: name of what went wrong, as in ``"biased-running-variance"``; ``None`` if nothing did.
        failed: the stage, one of ``stages``, at which the check ended; ``None`` if it passed.
        stages: the stages that this check has.
        called: what was called with what.
        returned: what came back.
        expected: what was to come back.
        hint: a sentence that helps; for several mistakes at once one line each, in the order of the diagnosis.
        code: the failing call as code that can be pasted, where it fits in a few lines.
        inputs: the numbers of the failing call, as NumPy arrays, by the names that the code has for them.
    """

    check: str
    passed: bool
    score: float
    diagnosis: str | None = None
    failed: str | None = None
    stages: tuple[str, ...] = STAGES
    called: str = ""
    returned: str = ""
    expected: str = ""
    hint: str = ""
    code: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def headline(self) -> str:
        """The outcome in one line."""
        if self.passed:
            return f"{self.check}: right."
        if self.diagnosis == "not-attempted":
            return f"{self.check}: not written yet."
        return f"{self.check}: not right yet ({self.diagnosis})."

    @property
    def marks(self) -> dict[str, str]:
        """Per stage ``"passed"``, ``"failed"`` or ``"open"``; what comes after the first failure was not looked at."""
        if self.passed or self.failed not in self.stages:
            return dict.fromkeys(self.stages, "passed" if self.passed else "open")
        at = self.stages.index(self.failed)
        return {stage: "passed" if i < at else "failed" if i == at else "open" for i, stage in enumerate(self.stages)}

    def rows(self) -> list[tuple[str, str]]:
        """What to tell, with a word for each."""
        if self.diagnosis == "not-attempted":
            return [("next", self.hint)]
        hints = self.hint.splitlines()
        told = [
            ("called", self.called),
            ("came back", self.returned),
            ("expected", self.expected),
            *((f"hint {number}" if len(hints) > 1 else "hint", text) for number, text in enumerate(hints, start=1)),
            ("try", self.code),
        ]
        return [(word, text) for word, text in told if text]

    def require(self) -> None:
        """Do nothing if passed.

        Raises:
            AssertionError: it did not pass; the message is the report.
        """
        __tracebackhide__ = True  # in pytest
        if not self.passed:
            raise NotRight(str(self))

    def __str__(self) -> str:
        lines = [self.headline]
        if self.diagnosis != "not-attempted":
            lines.append("  ".join(f"{MARKS[mark]} {stage}" for stage, mark in self.marks.items()))
        for word, text in self.rows():
            if word == "try":
                first, *rest = text.splitlines()
                lines += [f"{'try:':<11}{first}", *(" " * 11 + line for line in rest)]
                continue
            lines += textwrap.wrap(text, 88, initial_indent=f"{word + ':':<11}", subsequent_indent=" " * 11)
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """For a notebook; every colour stands out from light and from dark paper."""
        colour = "#2e7d32" if self.passed else "#8a8a8a" if self.diagnosis == "not-attempted" else "#d1480f"
        stages = " ".join(
            f'<span style="white-space: nowrap; opacity: {0.55 if mark == "open" else 1}">{MARKS[mark]} {stage}</span>'
            for stage, mark in self.marks.items()
        )
        rows = "".join(
            f'<div style="margin-top: 0.3em"><b>{word}</b> {marked_up(word, text)}</div>' for word, text in self.rows()
        )
        shown = "" if self.diagnosis == "not-attempted" else f'<div style="margin-top: 0.3em">{stages}</div>'
        return (
            f'<div role="status" style="border-left: 4px solid {colour}; padding: 0.3em 0.8em; max-width: 46em; '
            f'text-align: left; overflow-wrap: anywhere"><b>{html.escape(self.headline)}</b>{shown}{rows}</div>'
        )


def marked_up(word: str, text: str) -> str:
    """Return one row as HTML: the words of a hint with its code marks, code in its lines, and all the rest as it is."""
    plain = html.escape(text)
    if word.startswith("hint"):
        return re.sub(r"`([^`]+)`", r"<code>\1</code>", plain)
    return f'<pre style="margin: 0; white-space: pre-wrap">{plain}</pre>' if word == "try" else plain
