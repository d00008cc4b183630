"""A job that brings its worker down; in a module of its own, so that a worker loads nothing else for it."""

import os
import signal


def die_of_three(n: int) -> int:
    """Return the number, unless it is three."""
    if n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return n
