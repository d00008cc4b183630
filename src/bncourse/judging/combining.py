"""Two known mistakes at once: each overrides members of the right class that the other leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import new_class

from bncourse.judging.mistakes import Mistake, as_function

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
    ways = [(mistake, steps_of(mistake.ways[0]), overridden(mistake.ways[0], whole)) for mistake in mistakes]
    for (one, way, members), (other, other_way, other_members) in combinations(ways, 2):
        if members and other_members and not members & other_members:
            yield Both(one, other, made("Both", (way, other_way)))


def steps_of(way: Callable) -> type | None:
    """Return a class as it is, for a function the class whose methods are its steps, if there is one."""
    return way if isinstance(way, type) else getattr(way, "steps", None)


def overridden(way: Callable, right: type) -> frozenset[str]:
    """Return the names of the members in which a way differs from the right class; none if it does not inherit it."""
    steps = steps_of(way)
    if steps is None or not issubclass(steps, right):
        return frozenset()
    before = steps.__mro__[: steps.__mro__.index(right)]
    return frozenset(name for kind in before for name in vars(kind)) - EVERY_CLASS_HAS
