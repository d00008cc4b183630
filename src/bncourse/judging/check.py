"""A check: a task, and what the answers to it mean.

The two halves share nothing but plain data. A :class:`~bncourse.observing.task.Task` runs the learner's code and writes
down what comes back; it knows no right answer. :meth:`Check.judge` runs no code of the learner's: it puts the same
questions to the right implementation and, if the answers differ, to wrong ones, each of which makes one mistake that
people make. The one that answers as the learner's object did names the mistake.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bncourse.judging.provenance import handed_in
from bncourse.judging.report import Report
from bncourse.observing.recorder import Recorder, Stop, quiet
from bncourse.observing.task import PROVENANCE, Answer, Question, Task
from bncourse.observing.values import STAGES, WORDS, Value

__all__ = ["Check"]

TOLERANCE = {"float32": 2e-5, "float64": 1e-9}
"""Largest difference, relative to the largest entry or to 1, unless a question has a ``"tolerance"`` of its own."""

GENERAL_HINTS = {
    "not-attempted": "The stub is still in place: write your code, run its cell, then run this one again.",
    "wrong-signature": "It cannot be called in the way that the assignment says: compare names and number of the "
    "arguments.",
    "missing-attribute": "The assignment says under which names the layer keeps what it learns and what it remembers.",
    "undefined-name": "A name is used that does not exist there: is it spelt right, imported, and defined before?",
    "raises-an-error": "Run the call by yourself to see the whole traceback.",
    "returns-nothing": "Nothing comes back: is there a `return`, and does it return what was computed?",
    "changes-its-input": "What is handed in belongs to the caller: work on a new tensor or array instead of writing "
    "into it.",
    "no-error": "This input cannot be answered in a meaningful way, so an error is expected.",
    "not-differentiable": "The result has no gradient: somewhere the numbers left torch's graph, as with `.item()`, "
    "`.detach()`, `.data`, `no_grad()` or a new tensor made from old numbers.",
    "no-parameters": "An optimiser finds nothing to train: what is learned must be in `parameters()`, and require "
    "gradients.",
    "not-finite": "There are infinities or NaNs in it: which step divides by zero or overflows?",
    "wrong-values": "Take the smallest input that you can work through by hand, and compare step by step.",
    "wrong-shape": "Print the shape after each step: which axis was summed away, or kept, that should not have been?",
    "wrong-dtype": "The numbers look right; the assignment says of which type they are to be.",
    "wrong-gradients": "The values are right and the gradient is not: through which step did it not go, or go twice?",
    "wrong-state": "Compare what is kept after one call with a calculation by hand on the same batch.",
    "precision-lost": "A float64 input came back with less precision: somewhere the numbers were converted.",
}


@dataclass(frozen=True)
class Mismatch:
    """One thing that is not as it should be."""

    question: int
    name: str
    stage: str
    words: str
    seen: Value | None
    right: Value


@dataclass(frozen=True, eq=False, repr=False)
class Check:
    """One thing that the learner writes, and how it is checked.

    Calling it with the learner's class or function gives a :class:`~bncourse.judging.report.Report`, and never raises.

    Attributes:
        task: what the learner writes, what is asked of it, and how that is observed.
        right: an implementation that is right.
        wrong: implementations that each make one mistake. The class's or function's name is the diagnosis, its
            docstring the hint.
        forbidden: names of finished versions that may not be handed in, as in ``("batch_norm",)``.
    """

    task: Task
    right: Callable
    wrong: Sequence[Callable] = ()
    forbidden: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in ``bncourse.checks``."""
        return self.task.name

    @property
    def objects(self) -> tuple[str, ...]:
        """The names of what the learner writes."""
        return self.task.objects

    def __repr__(self) -> str:
        call = f"checks.{self.name}({', '.join(self.objects)})"
        return f"{call} checks {self.task.subject}: call it with what you wrote."

    def __call__(self, *theirs: Any, seed: int = 0) -> Report:
        """Check what the learner wrote; other seeds draw other inputs.

        Raises:
            TypeError: the number of objects is not that of the check.
        """
        if len(theirs) != len(self.objects):
            raise TypeError(f"checks.{self.name} was given {len(theirs)} objects; it takes {', '.join(self.objects)}")
        questions = self.task.ask(np.random.default_rng(seed))
        return self.judge(questions, [self.task.observe(theirs, question) for question in questions])

    def answer_of(self, known: Callable, question: Question) -> Answer:
        """Put a question to one of the check's own implementations."""
        recorder = Recorder()
        with quiet(), contextlib.suppress(Stop):
            self.task.observing(recorder, known, question)
        return recorder.finish()

    def judge(self, questions: Sequence[Question], answers: Sequence[Mapping[str, Value]]) -> Report:
        """Say what the answers to the questions are worth."""
        expected = [self.answer_of(self.right, question) for question in questions]
        stages = self.stages(expected)
        compared = sum(map(len, expected))
        for answer in answers:
            if "itself" in answer:
                return self.not_usable(answer["itself"], stages)

        source = self.handed_in(answers)
        if source is not None:
            hint = f"This is {source}: using it elsewhere is fine, but this one is yours to write."
            return Report(self.name, False, 0.0, "reference-handed-in", "callable", stages, hint=hint)

        mismatches = [
            mismatch
            for i, (question, answer, right) in enumerate(zip(questions, answers, expected, strict=True))
            for mismatch in compare(i, answer, right, question.get("tolerance"))
        ]
        if not mismatches:
            return Report(self.name, True, 1.0, stages=stages)

        first = min(mismatches, key=lambda mismatch: (STAGES.index(mismatch.stage), mismatch.question))
        diagnosis, hint = self.diagnose(questions, answers, expected, mismatches, first)
        met = 0 if diagnosis == "not-attempted" else max(0, compared - len(mismatches))
        return Report(
            self.name,
            False,
            min(met / compared, 0.99),
            diagnosis,
            first.stage,
            stages,
            called=f"{questions[first.question]['call']}: {first.name}",
            returned=first.words,
            expected="" if first.right.kind == "nothing" else expectation(first.right),
            hint=hint,
        )

    def stages(self, expected: Sequence[Answer]) -> tuple[str, ...]:
        """The stages that matter for this check."""
        found = {value.stage for answer in expected for value in answer.values()}
        return tuple(stage for stage in STAGES if stage in found or stage not in ("gradients", "state"))

    def not_usable(self, given: Value, stages: tuple[str, ...]) -> Report:
        """The report on something that cannot be called at all."""
        if given.kind == "error":
            hint = GENERAL_HINTS["not-attempted"]
            return Report(self.name, False, 0.0, "not-attempted", "defined", stages, hint=hint)
        a_class = self.task.wants_class
        what = "the class itself, without calling it" if a_class else "the function itself, without calling it"
        return Report(
            self.name,
            False,
            0.0,
            "not-callable",
            "callable",
            stages,
            returned=f"the check was given an object of type {given.type}",
            expected=self.task.subject,
            hint=f"Give the check {what}.",
        )

    def handed_in(self, answers: Sequence[Mapping[str, Value]]) -> str | None:
        """The finished version behind the answers, if there is one."""
        noted = [answer[PROVENANCE].text for answer in answers if PROVENANCE in answer]
        facts = {fact for text in noted for fact in text.splitlines()}
        return handed_in(facts, self.forbidden) if self.forbidden else None

    def diagnose(
        self,
        questions: Sequence[Question],
        answers: Sequence[Mapping[str, Value]],
        expected: Sequence[Answer],
        mismatches: Sequence[Mismatch],
        first: Mismatch,
    ) -> tuple[str, str]:
        """Name the mistake behind the mismatches: that of the wrong implementation that explains the most of them."""
        general = general_diagnosis(first)
        if general == "not-attempted":
            return general, GENERAL_HINTS[general]
        # What is not listed gets no gradient either, and then that is no mistake of its own.
        unlisted = [m for m in mismatches if m.name.endswith("in parameters()") and m.seen is not None]
        if unlisted and general == "no-gradient":
            general = "no-parameters"
        best: tuple[float, str, str] | None = None

        def explains(told: Answer, m: Mismatch) -> bool:
            tolerance = questions[m.question].get("tolerance")
            if m.seen is None or m.name not in told:
                return False
            # Where the type is what is wrong, right numbers of the right type explain nothing.
            return not difference(m.seen, told[m.name], tolerance, loose=m.stage != "dtype")

        for mistaken in self.wrong:
            if not explains(self.answer_of(mistaken, questions[first.question]), first):
                continue
            told = [self.answer_of(mistaken, question) for question in questions]
            if not all(explains(told[m.question], m) for m in unlisted):
                continue
            explained = {(m.question, m.name) for m in mismatches if explains(told[m.question], m)}
            # What the mistake would change and did not change speaks against it.
            claims = {
                (i, m.name)
                for i, question in enumerate(questions)
                for m in compare(i, told[i], expected[i], question.get("tolerance"))
            }
            weight = 2 * len(explained) - len(claims)
            if best is None or weight > best[0]:
                best = (weight, slug(mistaken.__name__), " ".join((mistaken.__doc__ or "").split()))
        if best is not None:
            return best[1], best[2]
        return general, GENERAL_HINTS.get(general, "")


def slug(name: str) -> str:
    """The diagnosis that a class or function is named after: BiasedVariance becomes biased-variance."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


def compare(index: int, seen: Mapping[str, Value], right: Answer, tolerance: float | None) -> list[Mismatch]:
    """Everything in an answer that is not as it should be."""
    found = []
    for name, value in right.items():
        if name not in seen:
            found.append(Mismatch(index, name, "state", "it did not get that far", None, value))
            continue
        different = difference(seen[name], value, tolerance)
        if different:
            found.append(Mismatch(index, name, *different, seen[name], value))
    for name in seen.keys() - right.keys() - {PROVENANCE}:
        if seen[name].kind == "error" or name == "the gradient":
            stage = "gradients" if seen[name].stage == "gradients" else "callable"
            found.append(Mismatch(index, name, stage, str(seen[name]), seen[name], Value("nothing", "NoneType")))
        elif name.endswith(" afterwards"):
            words = f"{name.removesuffix(' afterwards')} is no longer what was handed in"
            found.append(Mismatch(index, name, "values", words, seen[name], Value("text", "str", text="unchanged")))
    return found


def difference(
    seen: Value, right: Value, tolerance: float | None = None, *, loose: bool = False
) -> tuple[str, str] | None:
    """The stage at which two values differ, and what was seen in words; ``None`` if they agree.

    ``loose`` lets the type of the numbers differ.
    """
    later = right.stage in ("gradients", "state")
    if right.kind == "error":
        same = seen.kind == "error" and seen.type == right.type
        return None if same else (right.stage, str(seen))
    if seen.kind == "error":
        return "callable", str(seen)
    if right.kind in ("text", "nothing", "other"):
        same = (seen.kind, seen.text) == (right.kind, right.text)
        return None if same else (right.stage, str(seen))
    if seen.array is None:
        return right.stage if later else "shape", str(seen)
    if seen.shape != right.shape:
        return right.stage if later else "shape", str(seen)
    if not loose and not type_fits(seen, right):
        return right.stage if later else "dtype", str(seen)

    a, b = seen.array.astype(np.float64), right.array.astype(np.float64)
    finite = np.isfinite(b)
    same_odd = np.where(np.isnan(b), np.isnan(a), a == b)
    scale = max(1.0, float(np.abs(b[finite]).max(initial=0.0)))
    # What a layer remembers may be kept in float32 whatever it is given, and so may what follows from that.
    least = TOLERANCE["float32"] if right.stage == "state" else TOLERANCE.get(right.dtype, 1e-9)
    # A gradient is a difference of larger numbers that nearly cancel, so float32 leaves less of it right.
    lost = 5 if right.stage == "gradients" and "float32" in (seen.dtype, right.dtype) else 1
    limit = lost * (tolerance or max(TOLERANCE.get(seen.dtype, 0), least)) * scale
    with np.errstate(all="ignore"):
        far = ~np.where(finite, np.abs(a - b) <= limit, same_odd)
    if not far.any():
        return None
    return right.stage, where_they_differ(a, b, far, seen)


def type_fits(seen: Value, right: Value) -> bool:
    """Whether a result's type will do: float64 for float32, and 0-d tensors for numbers."""
    if right.kind in ("number", "flag", "list"):
        is_flag = seen.dtype == "bool"
        return is_flag == (right.kind == "flag")
    if seen.kind != right.kind:
        return False
    if right.stage == "state" and right.dtype.startswith("float"):
        return seen.dtype.startswith("float")  # a buffer keeps its own precision
    if right.dtype.startswith("float"):
        precision = {"float32": 32, "float64": 64}
        return precision.get(seen.dtype, 0) >= precision.get(right.dtype, 0)
    return np.dtype(seen.array.dtype).kind == np.dtype(right.array.dtype).kind


def where_they_differ(a: np.ndarray, b: np.ndarray, far: np.ndarray, seen: Value) -> str:
    """In words, with the entry that is furthest off."""
    if a.ndim == 0:
        return f"{a.item():.6g} ({WORDS[seen.kind]})"
    gap = np.where(far, np.nan_to_num(np.abs(a - b), nan=np.inf), -1)
    at = np.unravel_index(int(np.argmax(gap)), gap.shape)
    entry = ", ".join(map(str, at))
    return (
        f"{a[at]:.6g} at [{entry}], where {b[at]:.6g} is right; "
        f"{int(far.sum())} of {far.size} entries are off in {WORDS[seen.kind]} of shape {seen.shape}"
    )


def expectation(right: Value) -> str:
    """What was to come back, in words."""
    if right.kind == "error":
        return f"{right.type} to be raised"
    if right.kind == "text":
        return right.text
    return str(right)


def general_diagnosis(mismatch: Mismatch) -> str:
    """What can be said of any check."""
    seen, right = mismatch.seen, mismatch.right
    if mismatch.name.endswith(" afterwards"):
        return "changes-its-input"
    if seen is None:
        return "wrong-state"
    if seen.kind == "error":
        if seen.type == "NotImplementedError":
            return "not-attempted"
        if seen.type == "NameError":
            return "undefined-name"
        if seen.type == "AttributeError" and seen.text.startswith("no attribute"):
            return "missing-attribute"
        # Raised by the call itself, before a line of the learner's ran.
        if (
            seen.type == "TypeError"
            and re.search(r"argument|positional", seen.text)
            and " of the cell" not in seen.text
        ):
            return "wrong-signature"
        return "raises-an-error"
    if mismatch.name == "the gradient":
        return "not-differentiable"
    if right.kind == "error":
        return "no-error"
    if seen.kind == "nothing":
        return "no-gradient" if right.stage == "gradients" else "returns-nothing"
    if mismatch.stage == "dtype" and (right.dtype, seen.dtype) == ("float64", "float32"):
        return "precision-lost"
    if seen.array is not None and not np.isfinite(seen.array).all() and np.isfinite(right.array).all():
        return "not-finite"
    return f"wrong-{mismatch.stage}"
