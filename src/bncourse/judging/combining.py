"""Two known mistakes in one class: each overrides members of the right one that the other leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import new_class

from bncourse.judging.mistakes import Mistake

__all__ = ["Both", "combined"]


class Plain:
    """A class without members of its own."""


EVERY_CLASS_HAS = {*vars(Plain), "__annotations__", "__annotate__"}
"""Which names these are depends on the version of Python."""


@dataclass(frozen=True)
class Both:
    """An implementation that makes two mistakes at once."""

    one: Mistake
    other: Mistake
    way: type


def combined(right: Callable, mistakes: Sequence[Mistake]) -> Iterator[Both]:
    """Yield every implementation that makes two of the mistakes, where the right one is a class with small members.

    Two that override the same member cannot be combined. Each is taken as it is first written, so that there are some
    hundred pairs, which takes less than a second, and not thousands.
    """
    if not isinstance(right, type):
        return
    ways = [(mistake, mistake.ways[0], overridden(mistake.ways[0], right)) for mistake in mistakes]
    for (one, way, members), (other, other_way, other_members) in combinations(ways, 2):
        if members and other_members and not members & other_members:
            yield Both(one, other, new_class("Both", (way, other_way)))


def overridden(way: Callable, right: type) -> frozenset[str]:
    """Return the names of the members in which a class differs from the right one; none if it does not inherit it."""
    if not (isinstance(way, type) and issubclass(way, right)):
        return frozenset()
    before = way.__mro__[: way.__mro__.index(right)]
    return frozenset(name for kind in before for name in vars(kind)) - EVERY_CLASS_HAS
