"""What a learner's object gave back, as plain data that can be compared, shown and sent to another process."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

__all__ = ["LARGEST", "STAGES", "WORDS", "Value", "value_of"]

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


@dataclass(frozen=True)
class Value:
    """One thing that came back, without the thing itself.

    Attributes:
        kind: a key of :data:`WORDS`.
        type: the name of its type, as in ``"Tensor"`` or, for an error, ``"ValueError"``.
        stage: at which stage of a check it is compared: ``"values"``, ``"gradients"`` or ``"state"``.
        array: its numbers, where it has numbers.
        dtype: their type, as in ``"float32"``; NumPy lacks some of torch's.
        text: for a text the text, for an error its message, for another object its ``repr``.
    """

    kind: str
    type: str
    stage: str = "values"
    array: np.ndarray | None = None
    dtype: str = ""
    text: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of its numbers."""
        return () if self.array is None else self.array.shape

    def __str__(self) -> str:
        if self.kind == "error":
            return f"{self.type}: {self.text}" if self.text else self.type
        if self.kind in ("tensor", "array"):
            small = self.array.size <= 6
            numbers = f", {np.array2string(self.array, precision=4, separator=', ')}" if small else ""
            return f"{WORDS[self.kind]} of shape {self.shape}, {self.dtype}{numbers}"
        if self.kind in ("number", "flag"):
            return f"{self.array.item():.6g}" if self.kind == "number" else str(bool(self.array))
        if self.kind == "list":
            return f"a list of {len(self.array)} numbers, {np.array2string(self.array, precision=4, separator=', ')}"
        if self.kind == "nothing":
            return "None"
        return f"{self.type} {self.text}".strip()


def value_of(thing: Any, stage: str = "values") -> Value:
    """Write a thing down.

    Only exact types are taken for what they are: a subclass of Tensor or of ndarray may say one thing and hold
    another.
    """
    kind = type(thing)
    name = kind.__name__
    if thing is None:
        return Value("nothing", name, stage)
    if kind in (torch.Tensor, torch.nn.Parameter):
        return tensor_value(thing, stage)
    if kind is np.ndarray and thing.dtype.kind in "biuf" and thing.size <= LARGEST and thing.ndim <= MOST_DIMENSIONS:
        return Value("array", name, stage, np.array(thing, order="C"), str(thing.dtype))
    if kind in (bool, np.bool_):
        return Value("flag", name, stage, np.array(bool(thing)), "bool")
    if kind is int or kind is float or isinstance(thing, (np.floating, np.integer)):
        return Value("number", name, stage, np.array(to_float(thing)), name)
    if kind in (list, tuple) and 0 < len(thing) <= LARGEST:
        if all(isinstance(item, (int, float, np.floating, np.integer)) for item in thing):
            return Value("list", name, stage, np.array([to_float(item) for item in thing]), name)
        if all(type(item) is torch.Tensor and item.numel() == 1 for item in thing):
            return Value("list", name, stage, np.array([float(item) for item in thing]), "Tensor")
    if kind is str:
        return Value("text", name, stage, text=thing[:500])
    return Value("other", name, stage, text=describe(thing))


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
    """As a float; a whole number that is too large for one becomes infinite."""
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)


def describe(thing: Any) -> str:
    """Its ``repr``, at most one line."""
    try:
        text = repr(thing)
    except Exception as error:  # a learner's __repr__ may do anything
        return f"whose repr raises {type(error).__name__}"
    return text.splitlines()[0][:200] if text else ""
