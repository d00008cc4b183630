"""Starts 300 processes (83)."""

GROUP = "resources"
CATALOGUE = (83,)
NEIGHBOUR = False  # it is ended as a whole
CODE = """
import os, time

for _ in range(300):
    try:
        if os.fork() == 0:
            time.sleep(10)
            os._exit(0)
    except OSError:
        break
"""
