"""A task: something that a learner writes, what is asked of it, and how its answers are observed.

This is the half of a check that runs the learner's code. It knows no right answer, so that it can run where
submissions are graded, out of reach of what is right.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, SimpleNamespace
from typing import Any

import numpy as np

from bncourse.observing import provenance
from bncourse.observing.recorder import Recorder, Stop, quiet
from bncourse.observing.values import Value

__all__ = ["PROVENANCE", "Answer", "Missing", "Question", "Task"]

Question = dict[str, Any]
"""Plain data: texts, numbers, lists and NumPy arrays. ``"call"`` says in words what is called with what."""

Answer = dict[str, Value]
"""What came back, by names in plain words."""

PROVENANCE = "provenance"
"""The name under which an answer says whose code gave it."""


@dataclass(frozen=True)
class Missing:
    """Stands in for an object that a notebook does not define; says why in a value with the role of an error."""

    value: Value


@dataclass(frozen=True, eq=False)
class Task:
    """One thing that the learner writes.

    Attributes:
        name: its name in ``bncourse.checks``.
        subject: what the learner writes, as the assignment puts it.
        ask: draws the questions from a generator.
        observing: calls the learner's object for one question and writes the answer into a recorder.
        parts: the names of the objects, where the task is about several together. ``observing`` then has them as
            attributes of one object.
        defaults: the arguments that may be left out, in their order, with the value that each has then. Questions that
            differ in these arguments alone have the same ``"family"``, the arguments in ``"given"``, and whether they
            go ``"by position"``.
        in_numpy: whether what is handed in are NumPy's arrays, and not torch's tensors.
        in_graph: whether what is handed in requires a gradient, unless a question says otherwise under
            ``"in a graph"``.
        watched: whether it is noted what runs meanwhile. A task without a finished version that could be handed in
            need not be watched, and trains networks in a third of the time.
    """

    name: str
    subject: str
    ask: Callable[[np.random.Generator], list[Question]]
    observing: Callable[[Recorder, Any, Question], None]
    parts: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    in_numpy: bool = False
    in_graph: bool = False
    watched: bool = True

    @property
    def objects(self) -> tuple[str, ...]:
        """The names of what the learner writes."""
        return self.parts or tuple(re.findall(r"^\w+", self.subject))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of the arguments of what the learner writes."""
        return tuple(re.findall(r"\w+(?=[,=)])", self.subject.partition(" -> ")[0]))

    @property
    def wants_class(self) -> bool:
        """Whether the learner writes classes, which have names with capitals."""
        return self.objects[0][0].isupper()

    def as_code(self, question: Question) -> str:
        """Return the call of a question as code that can be pasted; empty where it is no call in plain code.

        Small arrays are written out; the others stand in the report's ``inputs``. What is handed in requires a gradient
        where it does in the check, and lies apart in memory where it does there: some mistakes show only then.
        """
        call, arrays = question["call"], inputs_of(question)
        used = {name: array for name, array in arrays.items() if re.search(rf"\b{name}\b", call)}
        library = "torch" if not self.in_numpy else "np"
        lines = list(question.get("setup", ()))
        makes = self.wants_class and call.partition("(")[0] in self.objects
        if makes:
            lines.append(f"layer = {call}")
            first = next((name for name in FIRST if name in arrays), None)
            used = {first: arrays[first]} if first else {}
        in_graph = question.get("in a graph", self.in_graph) and not self.in_numpy
        for name, array in used.items():
            code = f"{name} = {literal(array, library)}"
            if len(code) > WIDEST:
                stored = f"report.inputs[{name!r}]"
                code = f"{name} = {stored if self.in_numpy else f'torch.from_numpy({stored})'}"
                again = f"report = checks.{self.name}({', '.join(self.objects)})"
                lines = lines if again in lines else [again, *lines]
            lines.append(code)
            if question.get("strided") and name not in COMPACT:
                axis = "axis" if self.in_numpy else "dim"
                lines.append(f"{name} = {library}.stack([{name}, {name}], {axis}=-1)[..., 0]  # apart in memory")
            if in_graph and array.dtype.kind == "f":
                lines.append(f"{name}.requires_grad_()")
        if makes:
            lines.append(f"layer({first})" if first else "")
        else:
            lines.append(call)
        code = "\n".join(line for line in lines if line)
        return code if len(lines) <= MOST_LINES and runs(code, self.objects) else ""

    def observe(self, theirs: Sequence[Any], question: Question) -> Answer:
        """Put one question to the learner's objects; write down their answer, and whose code gave it."""
        if unusable := next(filter(None, map(self.unusable, theirs)), None):
            return {"itself": unusable}
        recorder = Recorder()
        theirs_together = SimpleNamespace(**dict(zip(self.parts, theirs, strict=True))) if self.parts else theirs[0]
        facts: set[str] = set()
        with quiet():
            watching = provenance.watch(facts) if self.watched else contextlib.nullcontext()
            # What goes wrong between two calls of their code comes from what they made, too, and costs this question.
            with contextlib.suppress(Stop), watching, recorder.attempt("the result"):
                for thing in theirs:
                    facts |= provenance.origins(thing)
                self.observing(recorder, theirs_together, question)
            answer = recorder.finish()
        answer[PROVENANCE] = Value("text", "str", text="\n".join(sorted(facts)))
        return answer

    def unusable(self, thing: Any) -> Value | None:
        """Why an object cannot be asked anything; its kind is taken from its type, since it may lie about its class."""
        kind = type(thing)
        if kind is Missing:
            return thing.value
        if thing is None or thing is ...:
            return Value("error", "NotImplementedError", role="stub")
        # For a class a function that makes such objects is as good: it is judged by what it makes.
        usable = issubclass(kind, (type, *FUNCTIONS)) if self.wants_class else callable(thing)
        return None if usable else Value("other", type.__dict__["__name__"].__get__(kind), text="")


def inputs_of(question: Question) -> dict[str, np.ndarray]:
    """Return the arrays of a question, by the names that :meth:`Task.as_code` has for them."""
    found = {}
    for name, value in question.items():
        if isinstance(value, np.ndarray):
            found[re.sub(r"\W", "_", name)] = np.ascontiguousarray(value)
        elif isinstance(value, list) and value and all(isinstance(item, np.ndarray) for item in value):
            found |= {f"{re.sub('(es|s)$', '', name)}_{i}": item for i, item in enumerate(value, start=1)}
    return found


FIRST = ("x", "batch_1", "input_1")
"""What a layer is called with first, by the name that a question has for it."""

COMPACT = ("gamma", "beta", "targets")
"""What checks hand over as one piece of memory, also where ``"strided"`` says that the rest is not."""

FUNCTIONS = (FunctionType, BuiltinFunctionType, MethodType, partial)
"""Kinds of plain functions, which are no objects with a state."""

MOST_LINES, WIDEST = 10, 100
"""Lines of code, and characters in one, that a report shows of a failing call."""


def literal(array: np.ndarray, library: str) -> str:
    """Return an array as code."""
    numbers = re.sub(r"\s+", " ", np.array2string(array, separator=", ", floatmode="unique", max_line_width=10**6))
    kind = f"torch.{array.dtype}" if library == "torch" else f"'{array.dtype}'"
    return f"{library}.{'tensor' if library == 'torch' else 'array'}({numbers}, dtype={kind})"


def runs(code: str, objects: Sequence[str]) -> bool:
    """Whether code is Python in which every name is defined, by itself or by the learner's objects and imports."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return False
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    stored = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return {node.id for node in names} <= stored | {*objects, "torch", "np", "checks"}
