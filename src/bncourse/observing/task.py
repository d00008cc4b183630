"""A task: something that a learner writes, what is asked of it, and how its answers are observed.

This is the half of a check that runs the learner's code. It knows no right answer, so that it can run where
submissions are graded, out of reach of what is right.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from bncourse.observing import provenance
from bncourse.observing.recorder import Recorder, Stop, quiet
from bncourse.observing.values import Value

__all__ = ["PROVENANCE", "Answer", "Question", "Task"]

Question = dict[str, Any]
"""Plain data: texts, numbers, lists and NumPy arrays. ``"call"`` says in words what is called with what."""

Answer = dict[str, Value]
"""What came back, by names in plain words."""

PROVENANCE = "provenance"
"""The name under which an answer says whose code gave it."""


@dataclass(frozen=True, eq=False)
class Task:
    """One thing that the learner writes.

    Attributes:
        name: its name in ``bncourse.checks``.
        subject: what the learner writes, as the assignment puts it.
        ask: draws the questions from a generator.
        observing: calls the learner's object for one question and writes the answer into a recorder.
        parts: the names of the objects, where the task is about several together. ``observing`` then has them as
            attributes of one object.
    """

    name: str
    subject: str
    ask: Callable[[np.random.Generator], list[Question]]
    observing: Callable[[Recorder, Any, Question], None]
    parts: tuple[str, ...] = ()

    @property
    def objects(self) -> tuple[str, ...]:
        """The names of what the learner writes."""
        return self.parts or (re.match(r"\w+", self.subject).group(),)

    @property
    def wants_class(self) -> bool:
        """Whether the learner writes classes, which have names with capitals."""
        return self.objects[0][0].isupper()

    def observe(self, theirs: Sequence[Any], question: Question) -> Answer:
        """Put one question to the learner's objects; write down their answer, and whose code gave it."""
        for thing in theirs:
            if thing is None or thing is ...:
                return {"itself": Value("error", "NotImplementedError", text="")}
            # For a class a function that makes such objects is as good: it is judged by what it makes.
            usable = isinstance(thing, type) or is_function(thing) if self.wants_class else callable(thing)
            if not usable:
                return {"itself": Value("other", type(thing).__name__, text="")}
        recorder = Recorder()
        theirs_together = SimpleNamespace(**dict(zip(self.parts, theirs, strict=True))) if self.parts else theirs[0]
        facts: set[str] = set()
        with quiet():
            with contextlib.suppress(Stop), provenance.watch(facts):
                for thing in theirs:
                    facts |= provenance.origins(thing)
                self.observing(recorder, theirs_together, question)
            answer = recorder.finish()
        answer[PROVENANCE] = Value("text", "str", text="\n".join(sorted(facts)))
        return answer


def is_function(thing: Any) -> bool:
    """Whether it is a plain function, or a partial or builtin one, and no object with a state."""
    return type(thing).__name__ in ("function", "partial", "builtin_function_or_method", "method")
