"""Starts 58 loops, so that others get little of the processor."""

GROUP = "resources"
CATALOGUE = (
    83,
    86,
)
NEIGHBOUR = False  # its time is used up
SLOW = True
CODE = """
import os
import time

for _ in range(58):
    if os.fork() == 0:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            pass
        os._exit(0)
"""
