"""What in a submission's code reaches around the wall: shown to the instructor, and never punished by itself.

Most of it has honest uses. It tells which of a hundred submissions are worth a look.
"""

from __future__ import annotations

import ast
import re

__all__ = ["reaches"]

MODULES = frozenset(
    ["ctypes", "cffi", "gc", "inspect", "importlib", "mmap", "marshal", "subprocess", "multiprocessing", "socket"]
)
CALLS = frozenset(["exec", "eval", "compile", "__import__", "_getframe", "fork", "system", "popen", "setprofile"])
ATTRIBUTES = frozenset(
    [
        "sys.modules",
        "torch.ops",
        "torch.library",
        "torch._C",
        "torch._decomp",
        "torch._refs",
        "__globals__",
        "__code__",
        "__closure__",
        "__subclasses__",
        "cell_contents",
    ]
)
PACKAGE = re.compile(r"bncourse\.(observing|judging|grading|layers|manual)\b")

LONGEST_READ = 100_000
"""Characters of a cell that are read as Python; in longer ones the words alone are looked for."""

LONGEST_NAME = 3
"""Parts of a dotted name that are looked at: a chain of attributes may be as long as its author likes."""


def reaches(source: str) -> list[str]:
    """What in the code of a cell reaches beyond it, each thing once, in the order of the alphabet."""
    found: set[str] = {f"bncourse.{name}" for name in PACKAGE.findall(source)}
    if "/proc/" in source:
        found.add("/proc")
    try:
        if len(source) > LONGEST_READ:
            raise ValueError
        # Spaces and tabs alone: what also takes line ends looks from each empty line on at all that follow.
        tree = ast.parse(re.sub(r"^([ \t]*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        words = [*MODULES, *CALLS, *ATTRIBUTES]
        return sorted(found | {word for word in words if re.search(rf"\b{re.escape(word)}\b", source)})
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] in MODULES}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            found.add(node.module or "")
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CALLS and not (isinstance(node.func, ast.Attribute) and name in ("compile", "eval")):
                found.add(name)
        if isinstance(node, ast.Attribute):
            whole = dotted(node)
            found |= {name for name in ATTRIBUTES if whole == name or node.attr == name}
    return sorted(found)


def dotted(node: ast.expr) -> str:
    """The name of an attribute, as in ``torch.ops``; empty where it is longer or begins with no name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < LONGEST_NAME:
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
