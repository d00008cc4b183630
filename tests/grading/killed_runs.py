"""Commands of the course that are killed, in the words of the tests that do so."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from classroom import Classroom

from commands import environment


def dice_of_this_run() -> random.Random:
    """Other moments each time; what is printed repeats them."""
    seed = int(os.environ.get("SEED", random.SystemRandom().randrange(10**6)))
    print(f"SEED={seed} repeats this")
    return random.Random(seed)


def run_until(classroom: Classroom, moment: int, *words: str) -> int:
    """Run ``python -m bncourse.course`` until it touches its folder for so many times; 0 is to its end.

    What an earlier run has done already need not be done again, so that it may come to its end before.

    Returns:
        How often it touched the folder, if it came to its end.
    """
    program = [sys.executable, str(Path(__file__).with_name("killed.py")), str(classroom.folder.resolve())]
    done = subprocess.run(
        [*program, str(moment), "bncourse.course", *words],
        cwd=classroom.folder,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, -signal.SIGKILL if moment else 0), done.stderr
    return int(done.stderr.splitlines()[-1]) if done.returncode == 0 else 0
