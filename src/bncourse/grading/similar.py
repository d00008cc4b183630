"""Written answers that say nearly the same in nearly the same words, so that they can be graded together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

__all__ = ["groups"]

ALIKE = 0.5
"""The share of words and of pairs of words that two answers of a group have in common, at least."""


def features(text: str) -> frozenset[str]:
    """The words of an answer, and the pairs of words that follow each other."""
    words = re.findall(r"\w+", text.casefold())
    return frozenset(words) | {f"{one} {two}" for one, two in pairwise(words)}


def groups(answers: Mapping[str, str]) -> list[list[str]]:
    """Return the names of those whose answers are alike, the largest group first.

    The longest answer of a group comes first, and the others are alike to it.
    """
    found: list[tuple[frozenset[str], list[str]]] = []
    for name in sorted(answers, key=lambda name: (-len(answers[name]), name)):
        own = features(answers[name])
        for first, names in found:
            # Sizes that differ too much cannot be alike: most comparisons end here.
            small, large = sorted((len(own), len(first)))
            if small < ALIKE * large:
                continue
            both = len(own & first)
            if both >= ALIKE * (len(own) + len(first) - both):
                names.append(name)
                break
        else:
            found.append((own, [name]))
    return sorted((names for _, names in found), key=len, reverse=True)
