"""Checks of arguments: each raises with one sentence that says what was given and what is accepted."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection
from numbers import Real
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["check_choice", "check_flag", "check_number", "check_positive", "check_size", "check_tensor"]


def check_size(name: str, value: Any) -> int:
    """Return ``value`` as an ``int`` of at least 1 (NumPy's integers are accepted, ``True`` is not).

    Raises:
        TypeError: not a whole number.
        ValueError: below 1.
    """
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is {value!r}; it must be a whole number of at least 1")
    size = operator.index(value)
    if size < 1:
        raise ValueError(f"{name} is {size}; it must be a whole number of at least 1")
    return size


def check_number(name: str, value: Any, at_least: float = 0, at_most: float = math.inf) -> float:
    """Return ``value`` as a finite ``float`` in the range, both ends included.

    Raises:
        TypeError: not a real number.
        ValueError: not finite, or outside the range.
    """
    if at_most < math.inf:
        accepted = f"a number from {at_least:g} to {at_most:g}"
    else:
        accepted = "a finite number" if at_least == -math.inf else f"a finite number of at least {at_least:g}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}; it must be {accepted}")
    number = float(value)
    if not (math.isfinite(number) and at_least <= number <= at_most):
        raise ValueError(f"{name} is {number}; it must be {accepted}")
    return number


def check_positive(name: str, value: Any) -> float:
    """Return ``value`` as a finite ``float`` above 0.

    Raises:
        TypeError: not a real number.
        ValueError: not finite, or not above 0.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}; it must be a positive number")
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{name} is {value}; it must be a positive number")
    return number


def check_choice(name: str, value: Any, choices: Collection[str]) -> str:
    """Return ``value``, which must be one of ``choices``.

    Raises:
        ValueError: anything else.
    """
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {value!r}; it must be one of {', '.join(map(repr, choices))}")
    return value


def check_flag(name: str, value: Any) -> bool:
    """Return ``value``, which must be ``True`` or ``False``.

    Raises:
        TypeError: anything else, for instance a generator passed one place too early.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; it must be True or False")
    return value


def check_tensor(layer: nn.Module, x: Any, held: Tensor | None = None) -> None:
    """Raise unless ``x`` is a floating-point tensor, of the dtype of ``held`` where the layer holds numbers.

    A layer that holds float32 accepts 16-bit inputs too, as ``torch.nn``'s do: under autocast they arrive so.

    Raises:
        TypeError: not a tensor, not floating-point, or of another dtype than ``held``.
    """
    name = type(layer).__name__
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} was given a {type(x).__name__}; it takes a torch.Tensor")
    if not x.is_floating_point():
        raise TypeError(
            f"{name} was given a tensor of {x.dtype}; it takes a floating-point one, such as {torch.float32}"
        )
    if held is None or x.dtype == held.dtype:
        return
    if held.dtype != torch.float32 or x.dtype not in (torch.float16, torch.bfloat16):
        raise TypeError(f"{name} holds {held.dtype} and was given {x.dtype}; convert one of them with .to()")
