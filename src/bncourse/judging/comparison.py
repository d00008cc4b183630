"""Comparing what came back with what is right, value by value; what differs is said in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bncourse.observing.task import PROVENANCE, Answer
from bncourse.observing.values import WORDS, Value

__all__ = ["TOLERANCE", "Mismatch", "allowed", "compare", "difference", "expectation", "much_alike", "same_error"]

TOLERANCE = {"float32": 2e-5, "float64": 1e-9}
"""Largest difference, relative to the largest entry or to 1, unless a question has a ``"tolerance"`` of its own."""

Tolerance = float | Mapping[str, float] | None
"""That of a question: for all values, or for those that have one of their own, by their names."""


WIDE = 0.01
"""A tolerance from which on it is told: what a trained network does depends on what it draws."""


def allowed(tolerance: Tolerance, name: str) -> float | None:
    """Return the tolerance of a question for one value; ``None`` where the type of its numbers decides."""
    return tolerance.get(name) if isinstance(tolerance, Mapping) else tolerance


@dataclass(frozen=True)
class Mismatch:
    """One thing that is not as it should be.

    Attributes:
        question: the number of the question.
        name: what was compared, as the answer calls it.
        stage: the stage at which it differs.
        words: what came back.
        seen: what came back; ``None`` if the answer does not get that far.
        right: what should have come back.
    """

    question: int
    name: str
    stage: str
    words: str
    seen: Value | None
    right: Value


def compare(
    index: int, seen: Mapping[str, Value], right: Answer, tolerance: Tolerance, *, loose: bool = False
) -> list[Mismatch]:
    """Return everything in an answer that is not as it should be; ``loose`` lets the types of the numbers differ."""
    found = []
    for name, value in right.items():
        if name not in seen:
            found.append(Mismatch(index, name, "state", "the call did not get that far", None, value))
            continue
        different = difference(seen[name], value, allowed(tolerance, name), loose=loose)
        if different:
            found.append(Mismatch(index, name, *different, seen[name], value))
    for name in seen.keys() - right.keys() - {PROVENANCE}:
        value = seen[name]
        if value.kind == "error" or value.role in ("no-graph", "parts"):
            stage = "gradients" if value.stage == "gradients" else "shape" if value.role == "parts" else "callable"
            found.append(Mismatch(index, name, stage, str(value), value, Value("nothing", "NoneType")))
        elif value.role == "input":
            words = f"{name.removesuffix(' afterwards')} is no longer what was handed in"
            right_value = Value("text", "str", text="unchanged", role="input")
            found.append(Mismatch(index, name, "values", words, value, right_value))
    return found


def same_error(one: Value, other: Value) -> bool:
    """Whether two errors say the same thing: of one type, with messages that differ in numbers and own names alone."""
    return one.type == other.type and skeleton(one.text) == skeleton(other.text)


KNOWN_TYPES = frozenset(("Tensor", "ndarray", "float", "int", "bool", "str", "list", "tuple", "NoneType", "type"))


def skeleton(message: str) -> str:
    """Return a message without what differs from one learner to the next: numbers, and names of their own.

    How many numbers a shape has stays, since one that is missing and one that is too many are different mistakes.
    """
    named = re.sub(r"'([^']*)'", lambda m: f"'{m[1]}'" if m[1].split(".")[-1] in KNOWN_TYPES else "''", message)
    named = re.sub(r"[\w.<>]+\(\)", "#()", named)
    return re.sub(r"-?\d+(\.\d+)?", "#", named).strip().lower()


def difference(
    seen: Value, right: Value, tolerance: float | None = None, *, loose: bool = False
) -> tuple[str, str] | None:
    """Return the stage at which two values differ, and what was seen in words; ``None`` if they agree.

    ``loose`` lets the type of the numbers differ.
    """
    later = right.stage in ("gradients", "state")
    if right.kind == "error":
        same = seen.kind == "error" and seen.type == right.type
        return None if same else (right.stage, str(seen))
    if seen.kind == "error":
        return "callable", str(seen)
    if right.kind in ("text", "nothing", "other"):
        same = (seen.kind, seen.text) == (right.kind, right.text)
        return None if same else (right.stage, str(seen))
    if seen.array is None:
        words = f"the text {seen.text!r}" if seen.kind == "text" else str(seen)
        return right.stage if later else "shape", words
    if seen.shape != right.shape:
        return right.stage if later else "shape", str(seen)
    if not loose and not type_fits(seen, right):
        return right.stage if later else "dtype", str(seen)

    a, b = seen.array.astype(np.float64), right.numbers.astype(np.float64)
    finite = np.isfinite(b)
    same_odd = np.where(np.isnan(b), np.isnan(a), a == b)
    scale = max(1.0, float(np.abs(b[finite]).max(initial=0.0)))
    # What a layer remembers may be kept in float32 whatever it is given, and so may what follows from that.
    least = TOLERANCE["float32"] if right.stage == "state" else TOLERANCE.get(right.dtype, 1e-9)
    # A gradient is a difference of larger numbers that nearly cancel, so float32 leaves less of it right.
    lost = 5 if right.stage == "gradients" and "float32" in (seen.dtype, right.dtype) else 1
    asked = tolerance or max(TOLERANCE.get(seen.dtype, 0), least)
    limit = lost * (max(asked, least) if right.stage == "state" and right.dtype.startswith("float") else asked) * scale
    with np.errstate(all="ignore"):
        far = ~np.where(finite, np.abs(a - b) <= limit, same_odd)
    if not far.any():
        return None
    return right.stage, where_they_differ(a, b, far, seen)


def much_alike(one: Value, other: Value) -> bool:
    """Whether two values may be the same: a first look, which costs little and knows no tolerance of a question."""
    a, b = one.array, other.array
    if a is None or b is None:
        return (one.kind, one.type) == (other.kind, other.type)
    if a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):  # what is not finite is not far apart, as long as it is only looked at
        return not (np.abs(np.subtract(a, b, dtype=np.float64)) > 0.01 + 0.01 * np.abs(b, dtype=np.float64)).any()


def type_fits(seen: Value, right: Value) -> bool:
    """Whether a result's type will do: float64 for float32, and 0-d tensors and arrays for numbers."""
    if right.kind in ("number", "flag", "list"):
        is_flag = seen.dtype == "bool"
        return is_flag == (right.kind == "flag")
    if seen.kind != right.kind:
        return False
    if right.stage == "state" and right.dtype.startswith("float"):
        return seen.dtype.startswith("float")  # a buffer keeps its own precision
    if right.dtype.startswith("float"):
        precision = {"float32": 32, "float64": 64}
        return precision.get(seen.dtype, 0) >= precision.get(right.dtype, 0)
    return seen.numbers.dtype.kind == right.numbers.dtype.kind


def where_they_differ(a: np.ndarray, b: np.ndarray, far: np.ndarray, seen: Value) -> str:
    """Say how two arrays differ, with the entry that is furthest off in as many digits as it takes."""
    if a.ndim == 0:
        return str(seen) if seen.kind == "flag" else f"{digits(a.item(), b.item())[0]} ({WORDS[seen.kind]})"
    gap = np.where(far, np.nan_to_num(np.abs(a - b), nan=np.inf), -1)
    at = np.unravel_index(int(np.argmax(gap)), gap.shape)
    entry = ", ".join(map(str, at))
    shown, wanted = digits(a[at], b[at])
    return (
        f"{shown} at [{entry}], where {wanted} is right; "
        f"{int(far.sum())} of {far.size} entries are off in {WORDS[seen.kind]} of shape {seen.shape}"
    )


def digits(a: float, b: float) -> tuple[str, str]:
    """Return two numbers with so many digits that one sees where they differ."""
    for count in range(6, 17):
        one, other = f"{a:.{count}g}", f"{b:.{count}g}"
        if one != other:
            return one, other
    return repr(float(a)), repr(float(b))


def expectation(right: Value, words: str = "", tolerance: float | None = None) -> str:
    """Say what was to come back, in enough digits to differ from what did, or in as many as a wide tolerance allows."""
    if right.kind == "number" and tolerance and tolerance >= WIDE:
        number = right.numbers.item()
        return f"{number:.2f}, give or take {tolerance * max(1.0, abs(number)):.2g}"
    if right.kind == "nothing":
        return ""
    if right.kind == "error":
        return f"{right.type} to be raised"
    if right.kind == "number" and words:
        shown = re.match(r"-?[\d.]+(e[+-]?\d+)?", words)
        count = len(re.sub(r"^-?0*\.?0*|e.*|\.", "", shown[0])) if shown else 6
        return f"{right.numbers.item():.{max(6, count)}g}"
    return str(right)
