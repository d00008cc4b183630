"""The observing half: calls what a learner wrote and writes down what comes back. It knows no right answer."""

from __future__ import annotations

import contextlib
import dis
import linecache
import os
import random
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bncourse.observing.values import Value, parts_of, value_of

__all__ = ["Ends", "Recorder", "Stop", "apart", "quiet"]

PACKAGE = f"{Path(__file__).parents[1]}{os.sep}"
"""What the name of every file of this package begins with; a learner's own folder may be called like it."""


class Stop(Exception):  # noqa: N818
    """Ends the observation of a question; why is written down."""


Ends = Callable[[str, Value], bool]
"""Whether an answer may end with the value that was written down under a name, because no more of it is needed."""


class Recorder:
    """Writes down, under names in plain words, what came back in answer to one question.

    A question is about one object on one set of inputs. An error in the learner's code is part of the answer; what
    was to follow is then missing.
    """

    def __init__(self, ends: Ends | None = None) -> None:
        self.ends = ends
        self.values: dict[str, Value] = {}
        self.inputs: list[tuple[str, Tensor | np.ndarray, Any]] = []

    def tensor(self, name: str, array: np.ndarray, *, requires_grad: bool = False, strided: bool = False) -> Tensor:
        """A fresh tensor from an array of the question.

        Arguments:
            name: for the report, should the learner's code change the tensor.
            array: the numbers.
            requires_grad: whether a gradient is to be asked for.
            strided: whether neighbours in the tensor lie apart in memory, as in a transposed or sliced one.
        """
        values = torch.from_numpy(array.copy())
        if strided:
            values = torch.stack([values, torch.full_like(values, 7)], dim=-1)[..., 0]
        values.requires_grad_(requires_grad)
        self.inputs.append((name, values, array))
        return values

    def array(self, name: str, array: np.ndarray, *, strided: bool = False) -> np.ndarray:
        """A fresh NumPy array from an array of the question; see :meth:`tensor`."""
        values = array.copy()
        if strided:
            values = np.stack([values, np.full_like(values, 7)], axis=-1)[..., 0]
        self.inputs.append((name, values, array))
        return values

    def write(self, name: str, thing: Any, stage: str = "values", *, role: str = "", told: str = "") -> None:
        """Write one thing down; ``role`` is one of :data:`~bncourse.observing.values.ROLES`.

        What is ``told`` stands beside it in a report, and is not compared: the number behind a yes or no.
        """
        with self.attempt(name, stage):
            self.values[name] = value_of(thing, stage, role)
            if told:
                self.values[name] = replace(self.values[name], text=told)
        if self.ends and self.ends(name, self.values[name]):
            raise Stop

    def first(self, name: str) -> None:
        """Move what was written down under a name before all the rest: what is written first is reported first."""
        self.values = {name: self.values.pop(name), **self.values}

    def stub(self, name: str, stage: str = "values") -> None:
        """Write down that nothing has been written yet, and end the question.

        Raises:
            Stop: always.
        """
        text = "the stub is still in place"
        self.values[name] = Value("error", "NotImplementedError", stage, text=text, role="stub")
        raise Stop

    def call(self, name: str, function: Callable, *arguments: Any, stage: str = "values", **named: Any) -> Any:
        """Call the learner's code, write down what it returns, and return that too.

        Raises:
            Stop: it raised; the error is written down in place of the result.
        """
        with self.attempt(name, stage):
            result = function(*arguments, **named)
        if result is None and is_stub(function):
            self.stub(name, stage)
        self.write(name, result, stage)
        return result

    def try_out(self, name: str, function: Callable, *arguments: Any) -> Any:
        """Call the learner's code and write nothing down but a stub or an error, as that of the part it is.

        Raises:
            Stop: nothing is written yet, or it raised.
        """
        result = self.call(name, function, *arguments)
        del self.values[name]
        return result

    def call_for(self, names: tuple[str, ...], function: Callable, *arguments: Any, **named: Any) -> Any:
        """Call the learner's code for a tuple, and write each of its parts down under a name of its own.

        Raises:
            Stop: it raised, or returned something else.
        """
        together = f"the result ({', '.join(names)})"
        with self.attempt(together):
            result = function(*arguments, **named)
        if result is None:
            if is_stub(function):
                self.stub(together)
            self.values[names[0]] = Value("nothing", "NoneType")
            raise Stop
        parts = parts_of(result) if isinstance(result, (tuple, list)) else None
        if parts is None or len(parts) != len(names):
            size = f"one {type(result).__name__}" if parts is None else f"{len(parts)} things"
            text = f"{size} returned, and not {len(names)}"
            self.values[together] = Value("error", "TypeError", text=text, role="parts")
            raise Stop
        if parts and all(part is None for part in parts):
            self.values[together] = Value("other", "None", text="for each part", role="parts")
            raise Stop
        for name, part in zip(names, parts, strict=True):
            self.write(name, part)
        return parts

    def make(self, name: str, kind: Callable, *arguments: Any, **named: Any) -> Any:
        """Make an object of the learner's class; only an error is written down.

        Raises:
            Stop: it raised.
        """
        with self.attempt(name):
            return kind(*arguments, **named)

    def backward(self, result: Any, dout: np.ndarray) -> None:
        """Send an upstream gradient back through a result that the learner's code returned.

        Raises:
            Stop: the result has no way back; that is written down.
        """
        name = "the gradient"
        with self.attempt(name, "gradients"):
            if isinstance(result, Tensor) and result.requires_grad:
                # As `result.backward(dout)`, which would first import torch's symbolic shapes, for half a second.
                (result * torch.from_numpy(dout).to(result.dtype)).sum().backward()
                return
        text = "the result requires no gradient"
        self.values[name] = Value("text", "str", "gradients", text=text, role="no-graph")
        raise Stop

    def get(self, name: str, thing: Any, *attributes: str, stage: str = "state") -> Any:
        """Write down the first of these attributes that the learner's object has, and return it.

        Raises:
            Stop: it has none of them.
        """
        for attribute in attributes:
            with self.attempt(name, stage):
                if hasattr(thing, attribute):
                    found = getattr(thing, attribute)
                    self.write(name, found, stage)
                    return found
        if is_stub(type(thing).__init__) or is_stub(thing):
            self.stub(name, stage)
        text = f"no attribute {' or '.join(attributes)}"
        self.values[name] = Value("error", "AttributeError", stage, text=text, role="no-attribute")
        raise Stop

    @contextlib.contextmanager
    def attempt(self, name: str, stage: str = "values") -> Iterator[None]:
        """Run a part of the learner's code: an error ends the question and is written down under ``name``."""
        try:
            yield
        except (KeyboardInterrupt, Stop):
            raise
        except BaseException as error:  # SystemExit too: leaving is no answer
            self.values[name] = error_value(error, stage)
            raise Stop from None

    def finish(self) -> dict[str, Value]:
        """Everything that was written down; whether the inputs are as they were comes last."""
        for name, given, original in self.inputs:
            plain = given.detach().numpy() if isinstance(given, Tensor) else given
            changed = plain.shape != original.shape or not np.array_equal(plain, original, equal_nan=True)
            if changed and name not in ("", None):
                self.values[f"{name} afterwards"] = Value("text", "str", "state", text="changed", role="input")
        return self.values


def error_value(error: BaseException, stage: str = "values") -> Value:
    """Write an error down: its message, and the line of the learner's code that raised it."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # a learner's __str__ may do anything
        lines = []
    message = lines[0][:300] if lines else ""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith((sys.prefix, sys.base_prefix, "<frozen"))]
    theirs = [frame for frame in theirs if not frame.filename.startswith(PACKAGE)]
    role, line = "", ""
    if theirs:
        code = (theirs[-1].line or linecache.getline(theirs[-1].filename, theirs[-1].lineno or 0)).strip()
        line = f"line {theirs[-1].lineno} of the cell{': ' if code else ''}{code[:120]}"
    elif isinstance(error, TypeError) and re.search(r"argument|positional", message):
        # A layer of torch that is given something else than a tensor says nothing of how theirs is called.
        role = "" if re.search(r"must be [^,]+, not", message) else "signature"
    if isinstance(error, NotImplementedError) and theirs and theirs[-1] is frames[-1]:
        role = "stub"  # raised on purpose, and not by torch
    elif theirs and theirs[-1] is frames[-1] and is_raised(error):
        role = "raised"
    return Value("error", type(error).__name__[:200], stage, text=message, role=role, line=line)


def is_raised(error: BaseException) -> bool:
    """Whether an error comes from a ``raise`` or an ``assert``, and not from something that was called."""
    innermost = error.__traceback__
    while innermost and innermost.tb_next:
        innermost = innermost.tb_next
    if innermost is None:
        return False
    return dis.opname[innermost.tb_frame.f_code.co_code[innermost.tb_lasti]] == "RAISE_VARARGS"


def is_stub(function: Any) -> bool:
    """Whether a function, or the method behind a callable object, has no body but ``...`` or ``pass``."""
    if not hasattr(function, "__code__"):
        kind = type(function)
        function = vars(kind).get("forward") or vars(kind).get("__call__")
    code = getattr(function, "__code__", None)
    return code is not None and code.co_code == empty_body(code)


def empty_body(code: Any) -> bytes:
    """The bytecode of a function without a body, compiled like this one."""
    blank: dict[str, Any] = {}
    exec("def plain(): ...\ndef documented():\n    'text'", blank)
    bodies = [blank["plain"].__code__, blank["documented"].__code__]
    return next((body.co_code for body in bodies if body.co_code == code.co_code), b"")


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """Run code so that torch's settings are the usual ones, and its settings and its generator are put back.

    It runs in one thread: the tensors are small, and on a busy machine threads that wait for each other take seconds.
    """
    default_dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    with (
        torch.random.fork_rng(devices=[]),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        torch.enable_grad(),
    ):
        warnings.simplefilter("ignore")
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
            torch.set_default_dtype(default_dtype)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Run the learner's code so that nothing of it spills over.

    What it writes to stderr goes to stdout, since nbgrader gives no points to a cell that wrote to stderr.
    Warnings are not shown, gradients are on, and the global generators of Python, NumPy and torch are put back.
    """
    # A legacy state, because learners may use NumPy's legacy functions.
    python_state = random.getstate()
    numpy_state = np.random.get_state()  # noqa: NPY002
    with apart(), contextlib.redirect_stderr(sys.stdout):
        try:
            yield
        finally:
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)
