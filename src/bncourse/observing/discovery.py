"""Which exercises there are: the files of a package that are named after assignments."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import TypeVar

__all__ = ["exercises"]

Kind = TypeVar("Kind")


def exercises(package: str, kind: type[Kind]) -> Iterator[Kind]:
    """Yield every object of this class that a file ``exercise_NN_….py`` of a package defines, in order.

    Raises:
        ImportError: a file cannot be imported. It is never left out in silence.
    """
    for module in sorted(found.name for found in pkgutil.iter_modules(import_module(package).__path__)):
        if module.startswith("exercise_"):
            yield from (thing for thing in vars(import_module(f"{package}.{module}")).values() if type(thing) is kind)
