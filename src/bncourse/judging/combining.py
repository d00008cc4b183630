"""Two known mistakes at once.

Where the right implementation is a class of small members, one is made that overrides those of both mistakes. Where it
is a function of one piece, nothing can be made of two; but one that multiplies the result can stand beside any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import new_class

import numpy as np
from numpy.typing import NDArray

from bncourse.judging.mistakes import Mistake, as_function

__all__ = ["Both", "combined", "plain_factors"]


class Plain:
    """A class without members of its own."""


EVERY_CLASS_HAS = {*vars(Plain), "__annotations__", "__annotate__"}
"""Which names these are depends on the version of Python."""


@dataclass(frozen=True)
class Both:
    """An implementation that makes two mistakes at once."""

    one: Mistake
    other: Mistake
    way: Callable


def combined(right: Callable, mistakes: Sequence[Mistake]) -> Iterator[Both]:
    """Yield every implementation that makes two of the mistakes, where the right one is made of small members.

    Two that override the same member cannot be combined. Each is taken as it is first written, so that there are some
    hundred pairs, which takes less than a second, and not thousands.
    """
    whole = steps_of(right)
    if whole is None:
        return
    made = new_class if isinstance(right, type) else lambda name, ways: as_function(new_class(name, ways))
    steps = [(mistake, steps_of(mistake.ways[0])) for mistake in mistakes]
    ways = [(mistake, way, overridden(way, whole)) for mistake, way in steps if way is not None]
    for (one, way, members), (other, other_way, other_members) in combinations(ways, 2):
        if members and other_members and not members & other_members:
            yield Both(one, other, made("Both", (way, other_way)))


def steps_of(way: Callable) -> type | None:
    """Return a class as it is, for a function the class whose methods are its steps, if there is one."""
    return way if isinstance(way, type) else getattr(way, "steps", None)


def overridden(way: type, right: type) -> frozenset[str]:
    """Return the names of the members in which a class differs from the right one; none if it does not inherit it."""
    if not issubclass(way, right):
        return frozenset()
    before = way.__mro__[: way.__mro__.index(right)]
    return frozenset(name for kind in before for name in vars(kind)) - EVERY_CLASS_HAS


def plain_factors(numbers: Sequence[tuple[NDArray, NDArray]]) -> list[float | None]:
    """Return by which factor a mistake changes each of several results, if it is one that can stand beside any other.

    That is a factor that is the same in all results, as for a wrong sign or another unit, or a whole number in each, or
    one over such a number, as for a sum in place of a mean. ``None`` stands for a result of zeros, unless the factor is
    always the same. The list is empty if it is no such factor.

    Arguments:
        numbers: per result the right numbers, and those with the mistake.
    """
    factors: list[float | None] = []
    for right, told in numbers:
        seen = right != 0
        if not (np.isrealobj(told) and np.isfinite(told).all()) or told[~seen].any():
            return []
        ratios = told[seen] / right[seen]
        if not np.allclose(ratios, ratios[:1], rtol=1e-4, atol=0):
            return []
        factors.append(float(ratios[0]) if ratios.size else None)
    known = np.array([factor for factor in factors if factor is not None])
    if not known.size or np.allclose(known, 1, rtol=1e-3):
        return []
    if np.allclose(known, known[0], rtol=1e-4):
        return [float(known[0])] * len(factors)
    for each in (known, 1 / known if known.all() else known):
        if np.allclose(each, each.round(), rtol=1e-4, atol=0):
            return factors
    return []
