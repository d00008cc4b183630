"""Ignores every signal, and stops itself (81, 87)."""

GROUP = "resources"
CATALOGUE = (81, 87)
NEIGHBOUR = False  # it is ended as a whole
SLOW = True
CODE = """
import os, signal

for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
os.kill(os.getpid(), signal.SIGSTOP)
"""
