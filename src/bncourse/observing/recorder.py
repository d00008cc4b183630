"""The observing half: calls what a learner wrote and writes down what comes back. It knows no right answer."""

from __future__ import annotations

import contextlib
import linecache
import random
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bncourse.observing.values import Value, value_of

__all__ = ["Recorder", "Stop", "quiet"]


class Stop(Exception):  # noqa: N818
    """Ends the observation of a question; why is written down."""


class Recorder:
    """Writes down, under names in plain words, what came back in answer to one question.

    A question is about one object on one set of inputs. An error in the learner's code is part of the answer; what
    was to follow is then missing.
    """

    def __init__(self) -> None:
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

    def write(self, name: str, thing: Any, stage: str = "values") -> None:
        """Write one thing down."""
        with self.attempt(name, stage):
            self.values[name] = value_of(thing, stage)

    def call(self, name: str, function: Callable, *arguments: Any, stage: str = "values", **named: Any) -> Any:
        """Call the learner's code, write down what it returns, and return that too.

        Raises:
            Stop: it raised; the error is written down in place of the result.
        """
        with self.attempt(name, stage):
            result = function(*arguments, **named)
        if result is None and is_stub(function):
            self.values[name] = Value("error", "NotImplementedError", stage, text="the stub is still in place")
            raise Stop
        self.write(name, result, stage)
        return result

    def call_for(self, names: tuple[str, ...], function: Callable, *arguments: Any, **named: Any) -> Any:
        """Call the learner's code for a tuple, and write each of its parts down under a name of its own.

        Raises:
            Stop: it raised, or returned something else.
        """
        together = f"the result ({', '.join(names)})"
        with self.attempt(together):
            result = function(*arguments, **named)
        if type(result) not in (tuple, list) or len(result) != len(names):
            if result is None and is_stub(function):
                self.values[together] = Value("error", "NotImplementedError", text="the stub is still in place")
            elif result is None:
                self.values[names[0]] = Value("nothing", "NoneType")
            else:
                size = f"{len(result)} things" if isinstance(result, (tuple, list)) else type(result).__name__
                self.values[together] = Value("error", "TypeError", text=f"{size} returned, and not {len(names)}")
            raise Stop
        for name, part in zip(names, result, strict=True):
            self.write(name, part)
        return result

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
        self.values[name] = Value("other", "nothing", "gradients", text="the result requires no gradient")
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
            self.values[name] = Value("error", "NotImplementedError", stage, text="the stub is still in place")
            raise Stop
        text = f"no attribute {' or '.join(attributes)}"
        self.values[name] = Value("error", "AttributeError", stage, text=text)
        raise Stop

    @contextlib.contextmanager
    def attempt(self, name: str, stage: str = "values") -> Iterator[None]:
        """Run a part of the learner's code: an error ends the question and is written down under ``name``."""
        try:
            yield
        except (KeyboardInterrupt, Stop):
            raise
        except BaseException as error:  # SystemExit too: leaving is no answer
            self.values[name] = Value("error", type(error).__name__, stage, text=explain(error))
            raise Stop from None

    def finish(self) -> dict[str, Value]:
        """Everything that was written down; whether the inputs are as they were comes last."""
        for name, given, original in self.inputs:
            plain = given.detach().numpy() if isinstance(given, Tensor) else given
            changed = plain.shape != original.shape or not np.array_equal(plain, original, equal_nan=True)
            if changed and name not in ("", None):
                self.values[f"{name} afterwards"] = Value("text", "str", "state", text="changed")
        return self.values


def explain(error: BaseException) -> str:
    """The message of an error, and the line of the learner's code that raised it."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # a learner's __str__ may do anything
        lines = []
    message = lines[0][:300] if lines else ""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith((sys.prefix, sys.base_prefix, "<frozen"))]
    theirs = [frame for frame in theirs if "bncourse" not in frame.filename]
    if theirs:
        line = (theirs[-1].line or linecache.getline(theirs[-1].filename, theirs[-1].lineno or 0)).strip()
        message += f" (line {theirs[-1].lineno} of the cell{': ' if line else ''}{line[:120]})"
    return message


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
def quiet() -> Iterator[None]:
    """Run the learner's code so that nothing of it spills over.

    What it writes to stderr goes to stdout, since nbgrader gives no points to a cell that wrote to stderr.
    Warnings are not shown, gradients are on, and the global generators of Python, NumPy and torch are put back.
    """
    # A legacy state, because learners may use NumPy's legacy functions.
    python_state = random.getstate()
    numpy_state = np.random.get_state()  # noqa: NPY002
    default_dtype = torch.get_default_dtype()
    with (
        torch.random.fork_rng(devices=[]),
        warnings.catch_warnings(),
        contextlib.redirect_stderr(sys.stdout),
        np.errstate(all="ignore"),
        torch.enable_grad(),
    ):
        warnings.simplefilter("ignore")
        torch.set_default_dtype(torch.float32)
        try:
            yield
        finally:
            torch.set_default_dtype(default_dtype)
            np.random.set_state(numpy_state)  # noqa: NPY002
            random.setstate(python_state)
