"""Starts processes that nobody waits for, each for less time than is looked at."""

GROUP = "resources"
CATALOGUE = (
    83,
    86,
)
NEIGHBOUR = False  # its time is used up
SLOW = True
CODE = """
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
until = time.monotonic() + 20
while time.monotonic() < until:
    if os.fork() == 0:
        end = time.monotonic() + 0.05
        while time.monotonic() < end:
            pass
        os._exit(0)
    time.sleep(0.02)
"""
