"""Inside the sandbox: a learner's cells, run by IPython, and what they leave to be seen."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from bncourse.observing.recorder import error_value
from bncourse.observing.task import Missing
from bncourse.observing.values import Value

__all__ = ["Cells"]


class Shell(InteractiveShell):
    """IPython's shell, for a place without a screen."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Nothing, so that ``%matplotlib inline`` finds what it asks for."""


class Cells:
    """Runs cells one after the other, as a notebook does.

    Attributes:
        room: bytes of output that are left; what goes beyond is cut.
    """

    def __init__(self, room: int) -> None:
        torch.set_num_threads(1)
        self.room = room
        self.shell = Shell.instance()
        self.shell.colors = "nocolor"
        if self.shell.history_manager is not None:
            self.shell.history_manager.enabled = False
        self.errors: list[dict[str, Any]] = []
        self.failed: list[tuple[str, BaseException]] = []
        self.shell.showtraceback = self.note_error
        self.shell.showsyntaxerror = self.note_error

    @property
    def names(self) -> dict[str, Any]:
        """What the cells have defined."""
        return self.shell.user_ns

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run one cell; returns its outputs in the form of a notebook's: texts, pictures and an error at most."""
        self.errors.clear()
        try:
            with capture_output() as captured:
                result = self.shell.run_cell(source, store_history=True, silent=False)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as raised:  # leaving is no way out of a notebook
            captured, error = None, raised
        outputs: list[dict[str, Any]] = []
        if captured is not None:
            for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr)):
                if text:
                    outputs.append({"output_type": "stream", "name": name, "text": self.cut(text)})
            outputs += [self.shown(output) for output in captured.outputs[:50]]
        if error is not None:
            self.failed.append((source, error))
            name, message = type(error).__name__, self.cut(str(error))
            trace = self.cut("\n".join(self.errors[-1]["lines"])) if self.errors else f"{name}: {message}"
            outputs.append({"output_type": "error", "ename": name, "evalue": message, "traceback": [trace]})
        return outputs

    def object(self, name: str) -> Any:
        """Return what the cells have defined under a name, or why there is nothing under it."""
        if name in self.names:
            return self.names[name]
        defines = re.compile(rf"^\s*(?:class|def)\s+{re.escape(name)}\b|^{re.escape(name)}\s*=", re.MULTILINE)
        for source, error in reversed(self.failed):
            if defines.search(source):
                return Missing(cell_error(error, source))
        return Missing(Value("error", "NameError", text=f"no cell defines {name}", role="undefined"))

    def note_error(self, *arguments: Any, **named: Any) -> None:
        """Keep a traceback instead of printing it."""
        kind, value, trace = self.shell._get_exc_info()
        try:
            lines = self.shell.InteractiveTB.structured_traceback(kind, value, trace, tb_offset=1)
        except Exception:
            lines = [f"{kind.__name__}"]
        self.errors.append({"lines": [str(line) for line in lines]})

    def shown(self, output: Any) -> dict[str, Any]:
        """A displayed object, as text and, where it is one, as a picture; nothing that a browser would run."""
        data = getattr(output, "data", None) or {}
        kept = {"text/plain": self.cut(str(data.get("text/plain", "")))}
        picture = data.get("image/png")
        if isinstance(picture, bytes):
            picture = base64.b64encode(picture).decode()
        if isinstance(picture, str) and len(picture) <= self.room:
            self.room -= len(picture)
            kept["image/png"] = picture
        return {"output_type": "display_data", "data": kept, "metadata": {}}

    def cut(self, text: str) -> str:
        """As much of a text as there is room for."""
        kept = text[: max(self.room, 0)]
        self.room -= len(kept)
        return kept if len(kept) == len(text) else f"{kept}\n… (cut)"


def cell_error(error: BaseException, source: str) -> Value:
    """Write down why a cell did not run, with the line at which it stopped."""
    value = replace(error_value(error), role="cell")
    if isinstance(error, SyntaxError):
        lines = source.splitlines()
        number = error.lineno or 0
        code = lines[number - 1].strip()[:120] if 0 < number <= len(lines) else ""
        value = replace(value, text=str(error.msg)[:300], line=f"line {number} of the cell{': ' if code else ''}{code}")
    return value
