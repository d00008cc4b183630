"""Whose code an answer comes from: the learner's own, or torch's or the course's finished layer.

What runs while the learner's object is observed is written down, and so is the shape of its code. A learner may use
torch for anything but the very thing that is to be written.
"""

from __future__ import annotations

import contextlib
import dis
import hashlib
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

__all__ = ["code_of", "fingerprint", "is_long", "origins", "watch"]

FINISHED = (
    "torch.nn.modules.",
    "torch.nn.functional.",
    "torch.nn.utils.fusion.",
    "torch.autograd.",
    "torch.ops",
    "bncourse.layers.",
    "bncourse.manual.",
    "bncourse.diagnostics.",
    "bncourse.faulty.",
    "bncourse.models.",
    "bncourse.plugged.",
    "bncourse.training.",
)
"""Modules with finished versions of what the exercises ask for."""

SHORTEST_COPY = 30
"""Instructions. Shorter functions look alike by chance."""


def origins(theirs: Any) -> set[str]:
    """Where the classes of an object come from, those that it inherits from and those of its modules included."""
    classes = set(inspect.getmro(theirs if isinstance(theirs, type) else type(theirs)))
    for module in modules_of(theirs):
        classes.update(inspect.getmro(type(module)))
    own = classes - {nn.Module, object}
    found = {f"{kind.__module__}.{kind.__qualname__}" for kind in own}
    if issubclass(type(theirs), FunctionType | BuiltinFunctionType):
        found.add(f"{theirs.__module__}.{theirs.__qualname__}")
    codes = [code for kind in own for member in vars(kind).values() if (code := code_of(member))]
    codes += [code for code in [code_of(theirs)] if code]
    return {name for name in found if name.startswith(FINISHED)} | {
        f"code {fingerprint(code)}" for code in codes if is_long(code)
    }


def modules_of(theirs: Any) -> list[nn.Module]:
    """Those that it consists of; none of one that is not complete, as without ``super().__init__()``."""
    if issubclass(type(theirs), nn.Module):
        with contextlib.suppress(Exception):
            return list(theirs.modules())
    return []


def code_of(member: Any) -> CodeType | None:
    """Its Python code, where it has any; an object may answer each question about it with an error."""
    with contextlib.suppress(Exception):
        if callable(member):
            return getattr(inspect.unwrap(getattr(member, "__func__", member)), "__code__", None)
    return None


@cache
def is_long(code: CodeType) -> bool:
    """Whether it is too long to look like other code by chance."""
    return sum(1 for _ in dis.get_instructions(code)) >= SHORTEST_COPY


@cache
def fingerprint(code: CodeType) -> str:
    """What stays of a function when its names, its layout and its comments are changed."""
    operations = " ".join(instruction.opname for instruction in dis.get_instructions(code))
    return hashlib.sha256(operations.encode()).hexdigest()[:16]


class Watcher(TorchDispatchMode):
    """Sees every operation that reaches torch's own kernels."""

    def __init__(self, seen: set[str]) -> None:
        super().__init__()
        self.seen = seen

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: the wrapper that torch would put around the next method imports torch's whole compiler, for seconds."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note the operation and go on."""
        self.seen.add(f"aten.{func.overloadpacket.__name__}")
        return func(*args, **(kwargs or {}))


def eagerly() -> contextlib.AbstractContextManager:
    """Run what was wrapped by ``torch.compile`` as it was written: the compiler cannot look through a watch."""
    if "torch._dynamo" not in sys.modules:
        return contextlib.nullcontext()
    if hasattr(torch.compiler, "set_stance"):
        return torch.compiler.set_stance("force_eager")
    return torch._dynamo.config.patch(disable=True)  # before torch 2.6


@contextlib.contextmanager
def unwatched_subclasses() -> Iterator[None]:
    """Let tensors become of another class, as those of lazy layers do: torch before 2.8 fails at that under a watch."""
    original = torch.Tensor.as_subclass

    def as_subclass(tensor: torch.Tensor, kind: type) -> torch.Tensor:
        with _disable_current_modes():
            return original(tensor, kind)

    torch.Tensor.as_subclass = as_subclass
    try:
        yield
    finally:
        torch.Tensor.as_subclass = original


@contextlib.contextmanager
def watch(seen: set[str]) -> Iterator[None]:
    """Note the finished functions and operations that run in the meantime."""

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code.co_flags & inspect.CO_OPTIMIZED:  # a function, and no module being loaded
            name = f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_qualname}"
            if name.startswith(FINISHED):
                seen.add(name)
        elif event == "c_call" and str(getattr(argument, "__module__", "")).startswith("torch"):
            seen.add(f"torch.{argument.__name__}")

    before = sys.getprofile()
    with Watcher(seen), eagerly(), unwatched_subclasses():
        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(before)
