"""What a submission sees of the machine and may ask of it: mounts, environment, processes, sockets, keyrings, calls.

    python benchmarks/seen.py                    # stock nbgrader beside this course's sandbox
    python benchmarks/seen.py --before COMMIT    # and beside the sandbox of an earlier commit

The same program runs in a kernel, as stock nbgrader runs a submission, and in the sandbox; as an ordinary user and, if
root runs this, as root. ``tests/grading/test_sandbox.py`` fails when what it finds in the sandbox grows.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "grading")]

from look import CALLS  # noqa: E402
from looking import KERNEL, SANDBOX, look  # noqa: E402
from people import PEOPLE, Person  # noqa: E402

EARLIER = """
import sys
sys.path.insert(0, os.path.join(os.getcwd(), "src"))
import bncourse.grading
assert bncourse.grading.__file__.startswith(os.getcwd()), "not the earlier commit's"
HIDDEN = {}
"""


def some(names: list[str], most: int = 12) -> str:
    """A list of names, or how many they are."""
    return str(len(names)) if len(names) > most else ", ".join(f"`{name}`" for name in names) or "none"


def yes(found: bool) -> str:
    """A word for it."""
    return "yes" if found else "no"


ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "environment: variables": lambda seen: str(len(seen["variables"])),
    "environment: the instructor's token": lambda seen: yes(seen["token"]),
    "environment: the token in that of other processes": lambda seen: yes(seen["token of other processes"]),
    "mounts: what lies in `/`": lambda seen: some(seen["folders"]["/"]),
    "mounts: entries in `/etc`": lambda seen: str(len(seen["folders"]["/etc"])),
    "mounts: the kernel's list of them": lambda seen: f"{seen['mounts']} lines" if seen["mounts"] else "not there",
    "mounts: folders that can be written to, of 11": lambda seen: some(seen["writable"]),
    "mounts: the course's secret can be read": lambda seen: yes(seen["course"]),
    "accounts in `/etc/passwd`": lambda seen: str(seen["accounts"]),
    "devices": lambda seen: str(len(seen["dev"])),
    "processes: entries in `/proc`": lambda seen: str(len(seen["proc"])),
    "processes that can be seen": lambda seen: str(seen["processes"]),
    "processes: command lines of others": lambda seen: str(seen["commands"]),
    "sockets": lambda seen: some(seen["sockets"]),
    "sockets: a server of the machine answers": lambda seen: yes(seen["host's server"]),
    "keyrings: calls that are there, of 3": lambda seen: some([n for n in seen["calls"] if "key" in n]),
    f"system calls that are there, of {len(CALLS)} without use": lambda seen: some(seen["calls"], 6),
    "a user namespace of its own": lambda seen: yes(seen["namespace"]),
    "capabilities in the bounding set": lambda seen: str(seen["capabilities"]),
    "runs as root": lambda seen: yes(seen["root"]),
    "the machine's name": lambda seen: "`sandbox`" if seen["host"] == "sandbox" else "yes",
}


def found(person: Person, commit: str) -> dict[str, dict[str, Any]]:
    """Per way what a submission sees there."""
    ways = {"stock nbgrader": (KERNEL, "")}
    if commit:
        ways[f"sandbox of {commit}"] = (SANDBOX, EARLIER)
    ways["sandbox"] = (SANDBOX, "")
    seen = {}
    for name, (way, before) in ways.items():
        with tempfile.TemporaryDirectory(prefix="bncourse-seen-") as course:
            if before:
                archive = subprocess.run(["git", "archive", commit, "src"], cwd=ROOT, check=True, capture_output=True)
                subprocess.run(["tar", "--extract"], cwd=course, input=archive.stdout, check=True)
            seen[name] = look(person, Path(course), way, before)
    return seen


def main() -> None:
    """Print a table for each of those who may grade here."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--before", default="", metavar="COMMIT", help="whose sandbox is looked at too")
    given = options.parse_args()
    for person in PEOPLE:
        # The earlier sandbox takes Python and its packages from where they lie, which may be its user's own.
        seen = found(person, given.before if person is PEOPLE[-1] else "")
        print(f"\nGraded by {person.name}:\n")
        print(f"| what a submission sees | {' | '.join(seen)} |\n| --- |{' --- |' * len(seen)}")
        for row, say in ROWS.items():
            print(f"| {row} | {' | '.join(map(say, seen.values()))} |")


if __name__ == "__main__":
    main()
