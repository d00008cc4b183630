"""Arguments that may be left out: the ways in which a call can give them, each of which is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["arguments_of", "in_words", "ways_to_call"]


def ways_to_call(others: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the arguments of one family of questions: none, each alone, all by name, and all by position.

    Arguments:
        others: for each argument, in the order of the assignment's text, a value that is not its default.
    """
    ways: list[tuple[dict[str, Any], bool]] = [(dict(others), False), ({}, False)]
    if len(others) > 1:
        ways += [({name: value}, False) for name, value in others.items()]
    ways.append((dict(others), True))
    return [{"given": given, "by position": by_position} for given, by_position in ways]


def in_words(question: Mapping[str, Any], *first: Any) -> str:
    """Return the arguments of a call as code: those that are always given, and those of the question."""
    given = question["given"].items()
    words = [str(argument) for argument in first]
    words += [shown(value) if question["by position"] else f"{name}={shown(value)}" for name, value in given]
    return ", ".join(words)


def shown(value: Any) -> str:
    """Return an argument as one writes it."""
    return f"{value:g}" if isinstance(value, float) else repr(value)


def arguments_of(question: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the arguments of the question, by position and by name."""
    given = question["given"]
    return (list(given.values()), {}) if question["by position"] else ([], dict(given))
