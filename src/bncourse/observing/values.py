"""What a learner's object gave back, as plain data that can be compared, shown and sent to another process."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

__all__ = ["LARGEST", "ROLES", "STAGES", "WORDS", "Value", "parts_of", "value_of"]

STAGES = ("defined", "callable", "shape", "dtype", "values", "gradients", "state")
"""In the order in which they are checked: the first that fails is reported."""

LARGEST = 100_000
"""Entries of an array that is written down; no question and no right answer is larger."""

MOST_DIMENSIONS = 8

WORDS = {
    "tensor": "a torch tensor",
    "array": "a NumPy array",
    "number": "a number",
    "flag": "a bool",
    "list": "a list of numbers",
    "text": "a text",
    "nothing": "None",
    "error": "an error",
    "other": "another object",
}


ROLES = (
    "",
    "stub",
    "raised",
    "cell",
    "undefined",
    "signature",
    "no-attribute",
    "parts",
    "input",
    "listed",
    "no-graph",
)
"""What a value is about, where that decides what it means; the judge goes by it and by no wording.

For an error: ``"stub"``, nothing is written yet; ``"raised"``, a ``raise`` or an ``assert`` of the learner's;
``"cell"``, the cell that defines the object did not run; ``"undefined"``, no cell defines it; ``"signature"``, Python
refused the call before a line of the learner's ran;
``"no-attribute"``, the object lacks what was asked for; ``"parts"``, the result has not the parts that were asked for.
Else: ``"input"``, whether what was handed in is unchanged; ``"listed"``, whether an optimiser finds a parameter;
``"no-graph"``, a result through which no gradient flows.
"""


@dataclass(frozen=True)
class Value:
    """One thing that came back, without the thing itself.

    Attributes:
        kind: a key of :data:`WORDS`.
        type: the name of its type, as in ``"Tensor"`` or, for an error, ``"ValueError"``.
        stage: at which stage of a check it is compared: ``"values"``, ``"gradients"`` or ``"state"``.
        array: its numbers, where it has numbers.
        dtype: their type, as in ``"float32"``; NumPy lacks some of torch's.
        text: for a text the text, for an error its message, for another object its ``repr``; beside a flag the number
            that decided it.
        role: one of :data:`ROLES`.
        line: for an error the line of the learner's code that raised it, with its number.
    """

    kind: str
    type: str
    stage: str = "values"
    array: np.ndarray | None = None
    dtype: str = ""
    text: str = ""
    role: str = ""
    line: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its numbers; () where it has none."""
        return () if self.array is None else self.array.shape

    @property
    def numbers(self) -> np.ndarray:
        """Its numbers.

        Raises:
            TypeError: it has none.
        """
        if self.array is None:
            raise TypeError(f"{WORDS[self.kind]} has no numbers")
        return self.array

    def __str__(self) -> str:
        if self.kind == "error":
            told = f"{self.type}: {self.text}" if self.text else self.type
            return f"{told} ({self.line})" if self.line else told
        if self.kind in ("tensor", "array"):
            small = self.numbers.size <= 6
            numbers = f", {np.array2string(self.numbers, precision=4, separator=', ')}" if small else ""
            return f"{WORDS[self.kind]} of shape {self.shape}, {self.dtype}{numbers}"
        if self.kind == "number":
            return f"{self.numbers.item():.6g}"
        if self.kind == "flag":
            return f"{bool(self.array)} ({self.text})" if self.text else str(bool(self.array))
        if self.kind == "list":
            numbers = np.array2string(self.numbers, precision=4, separator=", ")
            return f"a list of {len(self.numbers)} numbers, {numbers}"
        if self.kind == "nothing":
            return "None"
        return self.text if self.kind == "text" else f"{self.type} {self.text}".strip()


def value_of(thing: Any, stage: str = "values", role: str = "") -> Value:
    """Write a thing down.

    Only exact types of arrays are taken for what they are: a subclass of Tensor or of ndarray may say one thing and
    hold another. A list or a tuple may be of any kind, because its items are looked at one by one.
    """
    kind = type(thing)
    name = kind.__name__
    if thing is None:
        return Value("nothing", name, stage, role=role)
    if kind in (torch.Tensor, torch.nn.Parameter):
        return tensor_value(thing, stage)
    if kind is np.ndarray and thing.dtype.kind in "biuf" and thing.size <= LARGEST and thing.ndim <= MOST_DIMENSIONS:
        return Value("array", name, stage, np.array(thing, order="C"), str(thing.dtype))
    if kind in (bool, np.bool_):
        return Value("flag", name, stage, np.array(bool(thing)), "bool", role=role)
    if is_number(thing):
        return Value("number", name, stage, np.array(to_float(thing)), name)
    if isinstance(thing, (list, tuple)):
        items = parts_of(thing)
        if 0 < len(items) <= LARGEST and all(is_number(item) or is_scalar(item) for item in items):
            types = {type(item).__name__ for item in items}
            numbers = np.array([to_float(item) for item in items])
            return Value("list", name, stage, numbers, types.pop() if len(types) == 1 else name)
    if kind is str:
        return Value("text", name, stage, text=thing[:500], role=role)
    return Value("other", name, stage, text=describe(thing))


def parts_of(thing: list | tuple) -> list[Any]:
    """The items of a list or a tuple, named tuples and other subclasses included, taken once."""
    return list(tuple.__iter__(thing) if isinstance(thing, tuple) else list.__iter__(thing))


def is_number(thing: Any) -> bool:
    """Whether it is a number of Python's or NumPy's."""
    return type(thing) in (int, float, bool) or isinstance(thing, (np.floating, np.integer))


def is_scalar(thing: Any) -> bool:
    """Whether it is a tensor or an array with one entry."""
    if type(thing) in (torch.Tensor, torch.nn.Parameter):
        return thing.numel() == 1 and not thing.dtype.is_complex
    return type(thing) is np.ndarray and thing.size == 1 and thing.dtype.kind in "biuf"


def tensor_value(tensor: torch.Tensor, stage: str) -> Value:
    """Write a tensor down, with a copy of its numbers."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    too_large = tensor.numel() > LARGEST or tensor.ndim > MOST_DIMENSIONS
    if too_large or tensor.layout != torch.strided or tensor.dtype.is_complex:
        return Value("other", "Tensor", stage, text=f"of shape {tuple(tensor.shape)}, {dtype}, {tensor.layout}")
    plain = tensor.detach().cpu().resolve_conj().resolve_neg()
    numbers = plain.float() if plain.dtype in (torch.bfloat16, torch.float16) else plain
    return Value("tensor", "Tensor", stage, numbers.numpy().copy(order="C"), dtype)


def to_float(number: Any) -> float:
    """Return it as a float; a whole number that is too large for one becomes infinite."""
    try:
        return float(number.item() if isinstance(number, np.ndarray) else number)
    except OverflowError:
        return math.copysign(math.inf, number)


def describe(thing: Any) -> str:
    """Return its ``repr``, at most one line of it."""
    try:
        text = repr(thing)
    except Exception as error:  # a learner's __repr__ may do anything
        return f"whose repr raises {type(error).__name__}"
    return text.splitlines()[0][:200] if text else ""
