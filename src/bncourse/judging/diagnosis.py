"""Naming what is wrong: by the known mistakes, by how a call's arguments are used, and otherwise in general."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bncourse.judging.combining import Both, plain_factors
from bncourse.judging.comparison import Mismatch, allowed, compare, difference, much_alike, same_error
from bncourse.judging.mistakes import Mistake
from bncourse.judging.rewriting import REWRITES, Rewrite
from bncourse.judging.symptoms import KINDS_OF_ERROR, RELATIONS, kind_of_error, relation
from bncourse.observing.task import Answer, Question
from bncourse.observing.values import STAGES, Value

__all__ = ["GENERAL_HINTS", "Case", "Finding", "Known", "Told", "diagnose"]

GENERAL_HINTS = {
    "not-attempted": "The stub is still in place: write your code, run its cell, then run this one again.",
    "does-not-run": "The cell that defines it stopped with an error, so nothing can be checked: fix that line first.",
    "not-defined": "No cell of the notebook defines it: was it renamed or deleted?",
    "wrong-signature": "It cannot be called in the way that the assignment says: compare the names, the order and the "
    "number of the arguments.",
    "missing-attribute": "The assignment says under which names the layer keeps what it learns and what it remembers.",
    "raises-an-error": "Read the message, and run the call yourself to see the whole traceback.",
    "refused-without-need": "Your own code refuses an input that has an answer: is the condition of that `raise` or "
    "`assert` the right way round, and as strict as the assignment asks?",
    **{name: hint for name, (_, hint) in KINDS_OF_ERROR.items()},
    "returns-nothing": "None comes back: is there a `return`, and has what it returns been computed?",
    "returns-nones": "There is a `return`, but every part of what it returns is still None: assign each of them first.",
    "wrong-number-of-results": "Compare what is returned with the assignment: how many parts are there, in which "
    "order?",
    "changes-its-input": "What is handed in belongs to the caller: work on a new tensor or array instead of writing "
    "into it.",
    "no-error": "This input cannot be answered in a meaningful way, so an error is expected.",
    "no-gradient": "No gradient arrives here: is it part of what the result is computed from?",
    "not-differentiable": "The result has no gradient: somewhere the numbers left torch's graph, as with `.item()`, "
    "`.detach()`, `.data`, `no_grad()` or a new tensor made from old numbers.",
    "no-parameters": "An optimiser finds nothing to train: what is learned must be in `parameters()`, and require "
    "gradients.",
    "not-finite": "There are infinities or NaNs in it: which step divides by zero or overflows?",
    "root-of-a-negative-number": "A complex number comes back: in Python a negative number to the power of 0.5 is one. "
    "Which number is negative that should not be?",
    "wrong-values": "Take the smallest input that you can work through by hand, and compare step by step.",
    "wrong-shape": "Print the shape after each step: which axis was reduced, or kept, that should not have been?",
    "wrong-dtype": "The type is looked at before the numbers: the assignment says which one it must be.",
    "wrong-gradients": "The values are right and the gradient is not: which step did it skip, or pass through twice?",
    "wrong-state": "Compare what is kept after one call with a calculation by hand on the same batch.",
    "precision-lost": "A float64 input came back with less precision: somewhere the numbers were converted.",
    **RELATIONS,
    **REWRITES,
}
"""The last resort: what can be said of any check."""


Known = Callable | Rewrite
"""An implementation of the check's own."""


@dataclass(frozen=True)
class Told:
    """What is known of a check's own implementations, for one set of questions.

    Attributes:
        answers: by the implementation and the number of the question.
        claims: what each mistaken implementation has wrong.
    """

    answers: dict[tuple[Known, int], Answer] = field(default_factory=dict)
    claims: dict[Known, list[Mismatch]] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """A name for what is wrong, and a sentence that helps."""

    name: str
    hint: str


@dataclass(frozen=True)
class Case:
    """The answers to all questions of a check, beside the right ones.

    Attributes:
        questions: what was asked.
        answers: what the learner's object answered.
        expected: what the right implementation answers.
        mistakes: the mistakes that are known.
        answer_of: puts a question to one of the check's own implementations; the answer may be ended early.
        mismatches: everything in the answers that is not as it should be.
        told: what the check's own implementations answered so far.
        rewrites: returns the right implementation with one step written differently, for a question.
        both: returns implementations with two of the mistakes at once.
        by_words: whether the answers are names, or yes and no.
    """

    questions: Sequence[Question]
    answers: Sequence[Mapping[str, Value]]
    expected: Sequence[Answer]
    mistakes: Sequence[Mistake]
    answer_of: Callable[..., Answer]
    mismatches: Sequence[Mismatch] = ()
    told: Told = field(default_factory=Told)
    rewrites: Callable[[Question], Sequence[Rewrite]] = field(default=lambda _: ())
    both: Callable[[], Sequence[Both]] = field(default=lambda: ())
    by_words: bool = False

    def __post_init__(self) -> None:
        found = [m for i in range(len(self.questions)) for m in self.compared(i, self.answers[i])]
        object.__setattr__(self, "mismatches", self.mismatches or found)

    def compared(self, i: int, answer: Mapping[str, Value]) -> list[Mismatch]:
        """Return what is not as it should be in an answer to one question."""
        return compare(i, answer, self.expected[i], self.questions[i].get("tolerance"))

    def answered_by(self, way: Known, i: int) -> Answer:
        """Return a mistaken implementation's answer to one question."""
        if (way, i) not in self.told.answers:
            self.told.answers[way, i] = self.answer_of(way, self.questions[i])
        return self.told.answers[way, i]

    def claimed_in(self, way: Known, i: int) -> list[Mismatch]:
        """Return what a mistaken implementation has wrong in one question."""
        return self.compared(i, self.answered_by(way, i))

    def claimed_by(self, way: Known) -> list[Mismatch]:
        """Return what a mistaken implementation has wrong, in all questions."""
        if way not in self.told.claims:
            each = range(len(self.questions))
            self.told.claims[way] = [m for i in each for m in self.claimed_in(way, i)]
        return self.told.claims[way]

    def answered_as(self, way: Known, i: int) -> bool:
        """Whether one question is answered as an implementation of the check's own answers it.

        Errors are the same to the letter, but for those that the assignment asks for.
        """
        seen, told = self.answers[i], self.answered_by(way, i)
        # Whether numbers are torch's or NumPy's says nothing of the step that is wrong, unless it is what is wrong.
        loose = self.first.stage != "dtype"
        if compare(i, seen, told, self.questions[i].get("tolerance"), loose=loose):
            return False
        raised = [name for name in told if told[name].kind == "error" and told[name].type not in self.asked_errors]
        return all(seen[name].text == told[name].text for name in raised)

    @functools.cached_property
    def asked_errors(self) -> set[str]:
        """The types of the errors that the assignment asks for; their messages are the learner's own."""
        return {value.type for answer in self.expected for value in answer.values() if value.kind == "error"}

    def answered_much_as(self, way: Known, i: int) -> bool:
        """Whether a first look, which ends with the first difference, leaves open that it is answered so."""
        found: list[str] = []

        def differs(name: str, told: Value) -> bool:
            seen = self.answers[i].get(name)
            if seen is not None and not much_alike(seen, told):
                found.append(name)
            return bool(found)

        self.answer_of(way, self.questions[i], differs)
        return not found

    def in_order(self) -> list[int]:
        """Return all questions, those that decide most at once first: answered wrongly, and with a short answer."""
        wrong = {m.question for m in self.mismatches}
        return sorted(range(len(self.questions)), key=lambda i: (i not in wrong, len(self.expected[i]), i))

    @property
    def first(self) -> Mismatch:
        """The mismatch that is reported: that of the earliest stage, and there of the first question."""
        return min(self.mismatches, key=lambda m: (STAGES.index(m.stage), m.question))

    def explains(self, mistake: Mistake, way: Callable, m: Mismatch) -> bool:
        """Whether an implementation gives just what was seen."""
        told = self.answered_by(way, m.question)
        if m.seen is None or m.name not in told:
            return False
        if m.seen.kind == told[m.name].kind == "error":
            return (mistake.loose and m.seen.type == told[m.name].type) or same_error(m.seen, told[m.name])
        if m.stage in ("values", "gradients") and (m.seen.dtype, told[m.name].dtype) == ("float64", "float32"):
            return False  # else any small error would pass for a loss of precision
        # Where the type is what is wrong, right numbers of the right type explain nothing.
        tolerance = allowed(self.questions[m.question].get("tolerance"), m.name)
        return not difference(m.seen, told[m.name], tolerance, loose=m.stage != "dtype")


Key = tuple[int, str]
NUMBERS = ("tensor", "array", "number", "list")


def keys(mismatches: Sequence[Mismatch]) -> set[Key]:
    """Return what tells mismatches apart."""
    return {(m.question, m.name) for m in mismatches}


@dataclass(frozen=True)
class Theory:
    """What one implementation of a mistake says about a case.

    Attributes:
        mistake: the mistake.
        explained: the mismatches that it reproduces exactly.
        claimed: the mismatches that it would bring about.
        claimed_numbers: those of them in which numbers would differ.
    """

    mistake: Mistake
    explained: set[Key]
    claimed: set[Key]
    claimed_numbers: set[Key]

    @property
    def is_likely(self) -> bool:
        """Whether what it explains is a good part of what it would change."""
        return len(self.claimed) <= 4 * len(self.explained)

    @property
    def weight(self) -> int:
        """How well it fits; what it would change and did not change speaks against it."""
        return 2 * len(self.explained) - len(self.claimed)


def theory(case: Case, mistake: Mistake, way: Callable) -> Theory:
    """Compare an implementation of a mistake with a case, in all questions."""
    claimed = case.claimed_by(way)
    missing = {(m.question, m.name) for m in claimed if m.seen is None}
    explained = {
        (m.question, m.name)
        for m in case.mismatches
        if case.explains(mistake, way, m) or (m.seen is None and (m.question, m.name) in missing)
    }
    return Theory(mistake, explained, keys(claimed), keys([m for m in claimed if m.right.kind in NUMBERS]))


def is_contradicted(case: Case, mistake: Mistake, way: Callable) -> bool:
    """Whether something that a mistake would change is right, or a name that it would give is not that which was given.

    It ends with the first question that says so, since each answer costs a network.
    """
    wrong = {(m.question, m.name): m for m in case.mismatches}
    for i in case.in_order():
        for claim in case.claimed_in(way, i):
            m = wrong.get((i, claim.name))
            if m is None or (m.right.kind == "text" and m.seen is not None and not case.explains(mistake, way, m)):
                return True
    return False


def theories(case: Case, about: Mismatch) -> list[Theory]:
    """Return every known mistake that reproduces one mismatch, the one that fits best first.

    The first one that reproduces everything and nothing else ends the search: no other can fit better.
    """
    # What is not listed gets no gradient either, and then that is no mistake of its own.
    unlisted = [m for m in case.mismatches if m.seen is not None and m.seen.role == "listed"]
    everything, found = keys(case.mismatches), []
    for mistake in case.mistakes:
        for way in mistake.ways:
            if case.explains(mistake, way, about) and all(case.explains(mistake, way, m) for m in unlisted):
                if case.by_words and not mistake.loose and is_contradicted(case, mistake, way):
                    continue
                one = theory(case, mistake, way)
                if one.explained == one.claimed == everything:
                    return [one]
                found.append(one)
    return sorted(found, key=lambda one: -one.weight)


def diagnose(case: Case, defaults: Mapping[str, object], arguments: Sequence[str] = ()) -> list[Finding]:
    """Name what is wrong: one mistake, or two that together explain everything, or what can be said in general.

    Arguments:
        case: the answers beside the right ones.
        defaults: the default values of the arguments that the learner's object takes.
        arguments: the names of all its arguments.
    """
    first, everything = case.first, keys(case.mismatches)
    general = general_diagnosis(first)
    if general == "not-attempted":
        return [Finding(general, GENERAL_HINTS[general])]
    if general == "no-gradient" and any(m.seen is not None and m.seen.role == "listed" for m in case.mismatches):
        general = "no-parameters"

    found = theories(case, first)
    whole = [one for one in found if one.explained == one.claimed == everything]
    if whole:
        return [finding(whole[0].mistake)]
    explained = [one for one in found if one.explained == everything and not one.claimed_numbers - everything]
    if explained:
        return [finding(explained[0].mistake)]
    used, rest = misused_arguments(case, defaults)
    if used:
        others = replace(case, mismatches=rest)
        more = [one for one in diagnose(others, {}) if one.name not in GENERAL_HINTS] if rest else []
        return used + [one for one in more if one not in used]
    most = 2 * len(everything) // 3
    both = (
        two_mistakes(case, found, everything, least=most)
        or on_different_outputs(case, everything)
        or two_mistakes(case, found, everything)
    )
    if both:
        return both
    rewrite = rewritten(case)
    if rewrite:
        return [Finding(rewrite.name, rewrite.hint(arguments))]
    several = in_one_output(case) or times_a_factor(case) or pure(case, found)
    if several:
        return several
    # One that leaves most of it unexplained, or would have changed far more than that, agrees by chance.
    reached = [m for m in case.mismatches if m.seen is not None]
    alike = {(m.question, m.name) for m in reached if (m.name, m.stage) == (first.name, first.stage)}
    for one in found[:1]:
        most = 4 * len(one.explained) >= len(reached) and 2 * len(alike & one.explained) >= len(alike)
        if most and one.is_likely:
            return [finding(one.mistake)]
    if general in ("wrong-values", "wrong-gradients", "wrong-state", "wrong-shape"):
        general = relation(first, case.mismatches, case.questions) or general
    return [Finding(general, GENERAL_HINTS.get(general, ""))]


def finding(mistake: Mistake) -> Finding:
    """Return the name and the hint of a mistake."""
    return Finding(mistake.name, mistake.hint)


def rewritten(case: Case) -> Rewrite | None:
    """Return the right implementation with one step written differently that answers just as the learner's object did.

    Several steps may fail with one message. Of these none is named, unless they have one name.
    """
    first = case.first
    if first.seen is None:
        return None
    fails = (
        first.seen.kind == "error"
        and first.seen.role in ("", "raised")
        and first.right.kind != "error"
        and kind_of_error(first.seen) in ERRORS_OF_SHAPE
    )
    if first.seen.array is None and not fails and first.right.kind != "error":
        return None  # a result that is no number or has no graph says by itself what is wrong
    in_order = case.in_order()
    found: list[Rewrite] = []
    most = max(500, MOST_VALUES // len(case.expected[in_order[0]]))
    for rewrite in case.rewrites(case.questions[in_order[0]])[:most]:
        if not rewrite.code or not case.answered_much_as(rewrite, in_order[0]):
            continue
        if all(case.answered_as(rewrite, i) for i in in_order):
            found.append(rewrite)
            if not fails or first.seen.type in case.asked_errors:
                break
    return found[0] if len({rewrite.name for rewrite in found}) == 1 else None


def two_mistakes(case: Case, found: Sequence[Theory], everything: set[Key], least: int = 0) -> list[Finding]:
    """Return two known mistakes that together bring about everything that is wrong, or nothing.

    Each reproduces something that the other does not, together they reproduce more than the best single mistake does
    and more than ``least``, and what neither reproduces, both together change.
    """
    best = max((least, *(len(one.explained) for one in found)))
    for one in found or some_theories(case):
        # Alone it could not have brought about all of this.
        if not one.claimed < everything:
            continue
        left = [m for m in case.mismatches if (m.question, m.name) not in one.explained and m.seen is not None]
        left.sort(key=lambda m: ((m.question, m.name) in one.claimed, STAGES.index(m.stage), m.question))
        fitting = [
            other
            for other in (theories(case, left[0]) if left else [])
            if other.mistake.name != one.mistake.name
            and other.claimed <= everything
            and one.explained - other.explained
            and other.explained - one.explained
            and len(one.explained | other.explained) > best
            and everything <= one.claimed | other.claimed | one.explained | other.explained
        ]
        if fitting:
            other = max(fitting, key=lambda other: len(one.explained | other.explained))
            return [finding(one.mistake), finding(other.mistake)]
    return []


def in_one_output(case: Case) -> list[Finding]:
    """Return two known mistakes that go into the same numbers, and together answer just as was seen, or nothing."""
    if case.first.seen is None or case.first.seen.kind == "error":
        return []
    in_order = case.in_order()
    i = in_order[0]
    wrong = {m.name for m in case.mismatches if m.question == i}
    changed = functools.cache(lambda mistake: {m.name for m in case.claimed_in(mistake.ways[0], i)})
    for pair in case.both():
        # What neither changes by itself both leave alone, and what one of them changes is wrong in the end.
        if changed(pair.one) | changed(pair.other) != wrong or not case.answered_much_as(pair.way, i):
            continue
        if all(case.answered_as(pair.way, question) for question in in_order):
            return [finding(pair.one), finding(pair.other)]
    return []


def times_a_factor(case: Case) -> list[Finding]:
    """Return two known mistakes, one of which multiplies what the other gives by a factor, or nothing.

    It is for functions of one piece, of which no implementation with two mistakes can be made.
    """
    if case.both() or case.by_words or len(case.mismatches) < FEWEST_RESULTS:
        return []
    shortest = case.in_order()[0]
    places = sorted(case.mismatches, key=lambda m: m.question != shortest)
    if not all(map(are_numbers_for_numbers, places)):
        return []
    for one in case.mistakes:
        # A look at one place is enough for most.
        if not factors_in(case, one, places[:1]):
            continue
        factors = factors_in(case, one, places)
        for other in case.mistakes if factors else ():
            if other is one or not is_multiple(case, other, places, factors):
                continue
            if keys(case.claimed_by(other.ways[0])) <= keys(places):
                return [finding(other), finding(one)]
    return []


def are_numbers_for_numbers(m: Mismatch) -> bool:
    """Whether numbers came back where numbers are right, and in the right shape."""
    seen, right = m.seen, m.right
    return seen is not None and seen.array is not None and right.array is not None and seen.shape == right.shape


def factors_in(case: Case, mistake: Mistake, places: Sequence[Mismatch]) -> list[float | None]:
    """Return by which plain factors a mistake changes what is right in some places, or nothing."""
    told = [told_in(case, mistake, m) for m in places]
    numbers = [(m.right.numbers, t) for m, t in zip(places, told, strict=True) if t is not None]
    return plain_factors(numbers) if len(numbers) == len(places) else []


def told_in(case: Case, mistake: Mistake, m: Mismatch) -> np.ndarray | None:
    """Return the numbers that a mistake gives in one place, if they have the right shape."""
    value = case.answered_by(mistake.ways[0], m.question).get(m.name)
    return value.numbers if value is not None and value.array is not None and value.shape == m.right.shape else None


def is_multiple(case: Case, mistake: Mistake, places: Sequence[Mismatch], factors: Sequence[float | None]) -> bool:
    """Whether what was seen is what a mistake gives, times these factors, and the mistake itself shows."""
    shows = False
    for m, factor in zip(places, factors, strict=True):
        told = told_in(case, mistake, m)
        if told is None or m.seen is None:
            return False
        if factor is not None and not np.allclose(m.seen.numbers, factor * told, rtol=1e-3, atol=1e-7):
            return False
        shows |= not np.allclose(told, m.right.numbers, rtol=1e-3, atol=1e-7)
    return shows


def pure(case: Case, found: Sequence[Theory]) -> list[Finding]:
    """Return known mistakes that are each seen to the last number, in all that they would bring about, or nothing.

    Something else is wrong too that no mistake explains, or there are three: the first reproduces what is reported, and
    each further one something that the others do not. One that shows in no number agrees too easily.
    """
    everything = keys(case.mismatches)

    def is_pure(one: Theory) -> bool:
        return one.explained == one.claimed and len(one.claimed_numbers & everything) > 1

    chosen = [one for one in found if is_pure(one)][:1]
    if chosen:
        for one in some_theories(case):
            if is_pure(one) and not any(one.explained & other.explained for other in chosen):
                chosen.append(one)
    return [finding(one.mistake) for one in chosen[:3]]


def on_different_outputs(case: Case, everything: set[Key]) -> list[Finding]:
    """Return two known mistakes, each of which reproduces all that is wrong with some of the outputs, or nothing.

    A mistake may be made in one output alone: momentum that is reversed for the running mean and not for the running
    variance. What is wrong with the other outputs must depend on what the two change.
    """
    outputs: dict[str, list[Mismatch]] = {}
    for m in sorted(case.mismatches, key=lambda m: m.question):
        outputs.setdefault(m.name, []).append(m)
    found: list[tuple[Theory, set[str]]] = []
    for name, mismatches in outputs.items():
        if mismatches[0].seen is None or any(name in names for _, names in found):
            continue
        fitting = [(one, whole_outputs(one, outputs, everything)) for one in theories(case, mismatches[0])]
        found += sorted([pair for pair in fitting if name in pair[1]], key=lambda pair: -len(pair[1]))[:1]
    for i, (one, names) in enumerate(found):
        for other, others in found[i + 1 :]:
            rest = {(m.question, m.name) for m in case.mismatches if m.name not in names | others}
            is_named_twice = one.mistake.name == other.mistake.name
            if not is_named_twice and names - others and others - names and rest <= one.claimed | other.claimed:
                return [finding(one.mistake), finding(other.mistake)]
    return []


def whole_outputs(one: Theory, outputs: Mapping[str, Sequence[Mismatch]], everything: set[Key]) -> set[str]:
    """Return the outputs in which a mistake changes just what is wrong, to just what was seen."""
    return {
        name
        for name, mismatches in outputs.items()
        if keys(mismatches) <= one.explained and {key for key in one.claimed if key[1] == name} <= everything
    }


def some_theories(case: Case) -> list[Theory]:
    """Return known mistakes that reproduce something, where none reproduces what is reported first."""
    tried: set[tuple[str, str]] = set()
    found: list[Theory] = []
    for m in sorted(case.mismatches, key=lambda m: (m.question, STAGES.index(m.stage))):
        if m.seen is not None and (m.stage, m.name) not in tried and len(tried) < MOST_TRIED:
            tried.add((m.stage, m.name))
            found += theories(case, m)
    return found


ERRORS_OF_SHAPE = (
    "axis-or-index-out-of-range",
    "shapes-do-not-fit",
    "one-number-where-several-are-needed",
    "several-numbers-where-one-is-needed",
    "unpacking-does-not-fit",
    None,
)
"""Kinds of error whose message does not say which step is wrong; ``None`` is an error of no known kind."""

MOST_VALUES = 11_000
"""Values in the answers of the rewrites that are tried, the likeliest first, so that a report comes within a second."""

FEWEST_RESULTS = 4
"""Wrong results, below which two mistakes may give them by chance."""

MOST_TRIED = 6
"""Mismatches that are tried as the starting point for two mistakes."""


# Arguments


def misused_arguments(case: Case, defaults: Mapping[str, object]) -> tuple[list[Finding], list[Mismatch]]:
    """Find out by which argument a call goes wrong: ask the same with other arguments, and compare the answers.

    Questions of one ``"family"`` differ in their ``"given"`` arguments alone.

    Returns:
        The findings, and the mismatches that they leave unexplained.
    """
    wrong = {m.question for m in case.mismatches}
    refused = {m.question for m in case.mismatches if m.seen is not None and m.seen.role == "signature"}
    families: dict[str, list[int]] = {}
    for i, question in enumerate(case.questions):
        if "family" in question:
            families.setdefault(question["family"], []).append(i)
    for members in families.values():
        plain = [i for i in members if not case.questions[i]["given"]]
        here = {m.name for m in case.mismatches if m.question in members}
        unused = []
        for name in defaults:
            depends = ignored(case, members, name, defaults)
            # With a constant of its own in place of the default, nothing may be wrong but what depends on it.
            if depends and (not set(plain) & wrong or here <= depends):
                unused.append(name)
        if unused:
            return [Finding(f"{name}-ignored", IGNORED.format(name)) for name in unused], []
    for members in families.values():
        given = {(frozenset(case.questions[i]["given"]), case.questions[i]["by position"]): i for i in members}
        by_name, by_position = (given.get((frozenset(defaults), way)) for way in (False, True))
        if by_name in refused and by_position is not None and by_position not in wrong:
            names = ", ".join(f"`{name}`" for name in defaults)
            return [Finding("argument-has-another-name", OTHER_NAME.format(names))], unexplained(case, is_by_name)
        if by_name in wrong:
            continue
        found: list[Finding] = []
        explained: list[Callable[[Question], bool]] = []
        for name in defaults:
            alone = given.get((frozenset(defaults) - {name}, False))
            if alone in wrong:
                kind, hint = ("missing", NO_DEFAULT) if alone in refused else ("changed", OTHER_DEFAULT)
                found.append(Finding(f"default-{name}-{kind}", hint.format(name)))
                explained.append(functools.partial(is_left_out, name))
        if not found and by_position in wrong:
            if by_position in refused:
                found.append(Finding("arguments-only-by-name", ONLY_BY_NAME))
            else:
                found.append(Finding("arguments-in-another-order", ORDER.format(", ".join(defaults))))
            explained.append(lambda q: q["by position"])
        if found:
            return found, unexplained(case, functools.partial(is_any, explained))
    return [], []


def is_left_out(name: str, question: Question) -> bool:
    """Whether a question leaves the argument out."""
    return name not in question["given"]


def is_by_name(question: Question) -> bool:
    """Whether a question gives an argument by its name."""
    return bool(question["given"]) and not question["by position"]


def is_any(explanations: Iterable[Callable[[Question], bool]], question: Question) -> bool:
    """Whether one of the explanations holds for a question."""
    return any(explains(question) for explains in explanations)


IGNORED = "Whatever is given for `{}`, the answer is the same: where does it come in, and what does it change there?"
NO_DEFAULT = "`{}` may be left out, and has a default value then: the assignment says which."
OTHER_DEFAULT = "It is right where `{}` is given, and wrong where it is left out: what is its default value?"
ORDER = "By name the call is right, by position it is not: the order of the arguments is {}."

ONLY_BY_NAME = "By name the call is right, by position it is refused: may a `*` in the signature go?"
OTHER_NAME = "By position the call is right, by name it is refused: in the assignment the arguments are called {}."


def unexplained(case: Case, explained: Callable[[Question], bool]) -> list[Mismatch]:
    """Return the mismatches in questions that have given arguments and are not explained, or have none of it."""
    return [
        m
        for m in case.mismatches
        if not ("given" in case.questions[m.question] and explained(case.questions[m.question]))
    ]


def ignored(case: Case, members: Sequence[int], name: str, defaults: Mapping[str, object]) -> set[str]:
    """Return what depends on an argument, by its names in the answers, if the answers agree whatever it is."""

    def meant(i: int) -> dict[str, object]:
        return {**defaults, **case.questions[i]["given"]}

    depends: set[str] = set()
    for i in members:
        for j in members:
            one, other = meant(i), meant(j)
            if j <= i or one[name] == other[name] or any(one[n] != other[n] for n in defaults if n != name):
                continue
            tolerance = case.questions[i].get("tolerance")
            telling = [
                key
                for key, value in case.expected[i].items()
                if key in case.expected[j] and difference(value, case.expected[j][key], allowed(tolerance, key))
            ]
            for key in telling:
                a, b = case.answers[i].get(key), case.answers[j].get(key)
                limit = allowed(tolerance, key)
                if a is None or b is None or a.array is None or b.array is None or difference(a, b, limit):
                    return set()
                depends.add(key)
    return depends


# In general


def general_diagnosis(mismatch: Mismatch) -> str:
    """Name what can be said of any check."""
    seen, right = mismatch.seen, mismatch.right
    if seen is None:
        return "wrong-state"
    if seen.role == "input":
        return "changes-its-input"
    if seen.role == "parts":
        return "returns-nones" if seen.kind == "other" else "wrong-number-of-results"
    if seen.kind == "error":
        if seen.role == "stub":
            return "not-attempted"
        if seen.role == "no-attribute":
            return "missing-attribute"
        if seen.role == "signature":
            return "wrong-signature"
        if seen.role == "raised":
            return "refused-without-need"
        return kind_of_error(seen) or "raises-an-error"
    if seen.role == "no-graph":
        return "not-differentiable"
    if right.kind == "error":
        return "no-error"
    if seen.kind == "nothing":
        return "no-gradient" if right.stage == "gradients" else "returns-nothing"
    if mismatch.stage == "dtype" and (right.dtype, seen.dtype) == ("float64", "float32"):
        return "precision-lost"
    if seen.type == "complex" or seen.dtype.startswith("complex"):
        return "root-of-a-negative-number"
    if is_finite(right) and seen.array is not None and not is_finite(seen):
        return "not-finite"
    return f"wrong-{mismatch.stage}"


def is_finite(value: Value) -> bool:
    """Whether a value has numbers, and all are finite."""
    return value.array is not None and bool(np.isfinite(value.array).all())
