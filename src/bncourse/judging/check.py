"""A check: a task, and what the answers to it mean.

The two halves share nothing but plain data. A :class:`~bncourse.observing.task.Task` runs the learner's code and writes
down what comes back; it knows no right answer. :meth:`Check.judge` runs no code of the learner's: it puts the same
questions to the right implementation and, if the answers differ, to wrong ones, each of which makes one mistake that
people make. The one that answers as the learner's object did names the mistake.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from bncourse.judging.combining import Both, combined
from bncourse.judging.comparison import allowed, expectation
from bncourse.judging.diagnosis import GENERAL_HINTS, Case, Finding, Known, Told, diagnose
from bncourse.judging.mistakes import Mistake, mistakes_of
from bncourse.judging.provenance import handed_in
from bncourse.judging.report import Report
from bncourse.judging.rewriting import Rewrite, functions_in, rewrites
from bncourse.observing.recorder import Ends, Recorder, Stop, apart
from bncourse.observing.task import PROVENANCE, Answer, Question, Task, inputs_of
from bncourse.observing.values import STAGES, Value

__all__ = ["Check"]


@dataclass(frozen=True, eq=False, repr=False)
class Check:
    """One thing that the learner writes, and how it is checked.

    Calling it with the learner's class or function gives a :class:`~bncourse.judging.report.Report`, and never raises.

    Attributes:
        task: what the learner writes, what is asked of it, and how that is observed.
        right: an implementation that is right.
        wrong: the mistakes that people make. An implementation that stands by itself is a mistake with that name, and
            with its docstring for a hint.
        forms: the right implementation as it is also written; its steps are rewritten too, to find the one that is
            wrong.
        forbidden: names of finished versions that may not be handed in, as in ``("batch_norm",)``.
        by_words: whether the answers are names, or yes and no, which agree with many mistakes by chance. A mistake is
            then named only if nothing that it would change is right, and no step of the right one is guessed.
        outcomes: for a check that trains a network with what was written: per number, or list of numbers, that is
            looked at, the name and the hint for a network in which it is different. The mistake itself is named by the
            check of the part.
    """

    task: Task
    right: Callable
    wrong: Sequence[Callable | Mistake] = ()
    forbidden: tuple[str, ...] = ()
    forms: Sequence[Callable] = ()
    by_words: bool = False
    outcomes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes that this check knows."""
        return mistakes_of(self.wrong)

    @cached_property
    def both(self) -> list[Both]:
        """Implementations with two of the mistakes at once."""
        return [] if self.outcomes or self.by_words else list(combined(self.right, self.mistakes))

    @cached_property
    def remembered(self) -> dict[bytes, Told]:
        """What the check's own implementations answered, by the questions: the same questions are asked often."""
        return {}

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

    def answer_of(self, known: Known, question: Question, ends: Ends | None = None) -> Answer:
        """Put a question to one of the check's own implementations; the answer ends early with a value that ends it."""
        if isinstance(known, Rewrite):
            with known.in_place():
                return self.answer_of(known.whole, question, ends)
        recorder = Recorder(ends)
        with apart(), contextlib.suppress(Stop):
            self.task.observing(recorder, known, question)
        return recorder.finish()

    def told(self, questions: Sequence[Question]) -> Told:
        """Return what the check's own implementations answered to these questions so far, to be added to."""
        key = hashlib.sha256(pickle.dumps(questions)).digest()
        if key not in self.remembered and len(self.remembered) >= MOST_REMEMBERED:
            self.remembered.pop(next(iter(self.remembered)))
        return self.remembered.setdefault(key, Told())

    def expected(self, questions: Sequence[Question]) -> list[Answer]:
        """Return the right answers."""
        told = self.told(questions).answers
        for i, question in enumerate(questions):
            if (self.right, i) not in told:
                told[self.right, i] = self.answer_of(self.right, question)
        return [told[self.right, i] for i in range(len(questions))]

    def rewrites(self, question: Question) -> list[Rewrite]:
        """Return the right implementations with one step written differently, for the steps that a question takes."""
        if self.outcomes or self.by_words:
            return []  # it trains a network, and would train one for each; or many would agree by chance
        found: list[Rewrite] = []
        seen: set[Callable] = set()
        for whole in (self.right, *self.forms):
            steps = functions_in(functools.partial(self.answer_of, whole, question), ANSWERS)
            # What an earlier form does in the same way need not be rewritten again.
            new = [step for step, around in steps.items() if step not in seen or not around <= seen]
            found += [one for step in new for one in rewrites(whole, step)]
            seen |= steps.keys()
        different = {one.effect: one for one in reversed(found)}.values()
        return sorted(different, key=lambda one: one.rank)

    def judge(self, questions: Sequence[Question], answers: Sequence[Mapping[str, Value]]) -> Report:
        """Say what the answers to the questions are worth."""
        expected = self.expected(questions)
        stages = self.stages(expected)
        compared = sum(map(len, expected))
        for answer in answers:
            if "itself" in answer:
                return self.not_usable(answer["itself"], stages)

        source = self.handed_in(answers)
        if source is not None:
            hint = f"This is {source}: using it elsewhere is fine, but this one is yours to write."
            return Report(self.name, False, 0.0, "reference-handed-in", "callable", stages, hint=hint)

        case = Case(
            questions,
            answers,
            expected,
            self.mistakes,
            self.answer_of,
            told=self.told(questions),
            rewrites=self.rewrites,
            both=lambda: self.both,
            by_words=self.by_words,
        )
        if not case.mismatches:
            return Report(self.name, True, 1.0, stages=stages)

        first = case.first
        if first.name in self.outcomes and first.seen is not None and first.seen.array is not None:
            name, hint = self.outcomes[first.name]
            findings = [Finding(name, " ".join(hint.split()))]
        else:
            findings = diagnose(case, self.task.defaults, self.task.arguments)
        diagnosis = " + ".join(found.name for found in findings)
        limit = allowed(questions[first.question].get("tolerance"), first.name)
        met = 0 if diagnosis == "not-attempted" else max(0, compared - len(case.mismatches))
        return Report(
            self.name,
            False,
            min(met / compared, 0.99),
            diagnosis,
            first.stage,
            stages,
            called=called(questions[first.question], first.name),
            returned=first.words,
            expected=expectation(first.right, first.words, limit if first.name in self.outcomes else None),
            hint="\n".join(" ".join(found.hint.split()) for found in findings),
            code=self.task.as_code(questions[first.question]),
            inputs=inputs_of(questions[first.question]),
        )

    def stages(self, expected: Sequence[Answer]) -> tuple[str, ...]:
        """The stages that matter for this check."""
        found = {value.stage for answer in expected for value in answer.values()}
        return tuple(stage for stage in STAGES if stage in found or stage not in ("gradients", "state"))

    def not_usable(self, given: Value, stages: tuple[str, ...]) -> Report:
        """The report on something that cannot be called at all."""
        if given.kind == "error":
            diagnosis = {"cell": "does-not-run", "undefined": "not-defined"}.get(given.role, "not-attempted")
            words = "" if diagnosis == "not-attempted" else str(given)
            hint = GENERAL_HINTS[diagnosis]
            return Report(self.name, False, 0.0, diagnosis, "defined", stages, returned=words, hint=hint)
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


ANSWERS = "bncourse.judging.answers"
"""The package of the right implementations."""

MOST_REMEMBERED = 3
"""Sets of questions, each drawn from a seed of its own, whose answers a check remembers."""


def called(question: Question, name: str) -> str:
    """Say what was called with what, and what was looked at."""
    words = f", {question['words']}" if question.get("words") else ""
    return f"{question['call']}{words}: {name}"
