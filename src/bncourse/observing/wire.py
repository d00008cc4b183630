"""Plain data as bytes: how questions go into the sandbox, and answers come out.

MessagePack, with arrays as an extension of dtype, shape and raw bytes. Reading it runs no code, whoever wrote it; what
comes out of a sandbox is checked before it is used.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import msgpack
import numpy as np

from bncourse.observing.values import LARGEST, MOST_DIMENSIONS, ROLES, STAGES, WORDS, Value

__all__ = ["WireError", "pack", "read_answers", "unpack"]

ARRAY = 1
DTYPES = frozenset({"bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"})
LONGEST_TEXT = 20_000
MOST_VALUES = 1_000


class WireError(ValueError):
    """Bytes that are not what they should be."""


def pack(data: Any) -> bytes:
    """Write plain data, arrays and :class:`~bncourse.observing.values.Value` among it, as bytes."""
    return msgpack.packb(data, default=pack_special, use_bin_type=True)


def pack_special(thing: Any) -> Any:
    """What MessagePack itself does not know."""
    if isinstance(thing, np.ndarray):
        return msgpack.ExtType(ARRAY, msgpack.packb([str(thing.dtype), list(thing.shape), thing.tobytes()]))
    if isinstance(thing, Value):
        return [getattr(thing, part.name) for part in fields(thing)]
    raise TypeError(f"{type(thing).__name__} cannot be sent; plain data, arrays and values can")


def unpack(data: bytes) -> Any:
    """Read plain data.

    Raises:
        WireError: the bytes are broken, or an array is not what it says it is.
    """
    try:
        return msgpack.unpackb(data, ext_hook=unpack_array, strict_map_key=True, raw=False)
    except (ValueError, TypeError, KeyError, msgpack.UnpackException, RecursionError) as error:
        raise WireError(f"cannot be read: {error}") from None


def unpack_array(code: int, data: bytes) -> np.ndarray:
    """An array of exactly the size that its bytes have."""
    if code != ARRAY:
        raise ValueError(f"unknown extension {code}")
    dtype, shape, raw = msgpack.unpackb(data, raw=False)
    if dtype not in DTYPES or not isinstance(raw, bytes) or not isinstance(shape, list):
        raise ValueError("not an array")
    if len(shape) > MOST_DIMENSIONS or not all(type(size) is int and 0 <= size <= LARGEST for size in shape):
        raise ValueError(f"an array cannot have the shape {shape}")
    if math.prod(shape) > LARGEST or math.prod(shape) * np.dtype(dtype).itemsize != len(raw):
        raise ValueError(f"{len(raw)} bytes are no array of shape {shape} and {dtype}")
    return np.frombuffer(raw, dtype).reshape(shape)


def read_answers(data: Any, expected: int) -> list[dict[str, Value]]:
    """The answers to a check's questions, each part looked at.

    Raises:
        WireError: it is something else.
    """
    if not isinstance(data, list) or len(data) != expected:
        raise WireError(f"{expected} answers were expected")
    answers = []
    for answer in data:
        if not isinstance(answer, dict) or len(answer) > MOST_VALUES:
            raise WireError("an answer is a set of named values")
        answers.append({read_text(name): read_value(value) for name, value in answer.items()})
    return answers


def read_value(data: Any) -> Value:
    """One value."""
    if not isinstance(data, list) or len(data) != len(fields(Value)):
        raise WireError(f"a value has {len(fields(Value))} parts")
    kind, type_name, stage, array, dtype, text, role, line = data
    if not all(isinstance(part, str) for part in (kind, stage, role)):
        raise WireError("the kind, the stage and the role of a value are texts")
    has_numbers = kind in ("tensor", "array", "number", "flag", "list")
    if kind not in WORDS or stage not in STAGES or role not in ROLES or isinstance(array, np.ndarray) != has_numbers:
        raise WireError(f"a value cannot be {str(kind)[:50]!r}")
    dimensions = {"number": 0, "flag": 0, "list": 1}
    if kind in dimensions and array.ndim != dimensions[kind]:
        raise WireError(f"a {kind} cannot have the shape {array.shape}")
    return Value(kind, read_text(type_name), stage, array, read_text(dtype), read_text(text), role, read_text(line))


def read_text(data: Any) -> str:
    """A text of a length that can be shown, without control characters but tabs; an overwritten line becomes two."""
    if not isinstance(data, str):
        raise WireError("a text was expected")
    text = data[:LONGEST_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
