"""A mistake that people make: its name, one sentence that helps, and every way in which it is written.

A mistake is a value. The same value may stand in several checks, so that one mistake has one wording everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bncourse.judging.hints import SHARED_HINTS

__all__ = ["Mistake", "as_function", "in_steps", "mistakes_of", "written"]


@dataclass(frozen=True, init=False)
class Mistake:
    """One mistake.

    Attributes:
        name: the diagnosis, as in ``"biased-running-variance"``.
        hint: a question or a sentence that helps to find the mistake, without the solution. For a name in
            :data:`~bncourse.judging.hints.SHARED_HINTS` it is the one that stands there.
        ways: implementations that make it and no other mistake. Each is a class or a function, called as the
            learner's object is.
        loose: whether two errors of one type are the same error, whatever their messages say.
    """

    name: str
    hint: str
    ways: tuple[Callable, ...]
    loose: bool = False

    def __init__(self, name: str, hint: str | None, *ways: Callable, loose: bool = False) -> None:
        if not ways:
            raise ValueError(f"the mistake {name!r} has no implementation; give it at least one")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "hint", " ".join(SHARED_HINTS.get(name, hint or "").split()))
        object.__setattr__(self, "ways", ways)
        object.__setattr__(self, "loose", loose)


LOOSE = {
    "key-missing",
    "missing-gradient-not-noticed",
    "other-error-for-missing-gradient",
    "kept-output-thrown-away",
    "asserted-instead-of-raised",
    "arguments-swapped",
    "no-bias-not-expected",
    "affine-off-not-expected",
}


def slug(name: str) -> str:
    """Return the diagnosis that a class or function is named after: BiasedVariance becomes biased-variance."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


def written(first: Callable, *others: Callable) -> Mistake:
    """Return a mistake with every way in which it is written; the first gives its name and, as docstring, its hint."""
    name = slug(first.__name__)
    return Mistake(name, first.__doc__, first, *others, loose=name in LOOSE)


def as_function(steps: type) -> Callable:
    """Return a function whose steps are the methods of a class, under its name and with its hint.

    A mistake is then one method written differently, and two mistakes can be made at once.
    """

    def function(*args: Any, **keywords: Any) -> Any:
        return steps()(*args, **keywords)

    function.__name__, function.__doc__, function.steps = steps.__name__, steps.__doc__, steps  # type: ignore[attr-defined]
    return function


def in_steps(first: type, *others: type) -> Mistake:
    """Return a mistake in one of the steps of a function, with every way in which it is written."""
    return written(*map(as_function, (first, *others)))


def mistakes_of(wrong: Iterable[Callable | Mistake]) -> tuple[Mistake, ...]:
    """Return mistakes; an implementation that stands by itself is the only way in which its mistake is written."""
    return tuple(thing if isinstance(thing, Mistake) else written(thing) for thing in wrong)
