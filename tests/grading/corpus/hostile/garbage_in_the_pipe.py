"""Writes garbage to every pipe that is open, then closes all descriptors (80)."""

GROUP = "verdict"
CATALOGUE = (80,)
NEIGHBOUR = False  # nothing more can be said
CODE = """
import os, stat

for descriptor in range(64):
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.write(descriptor, os.urandom(4096))
    except OSError:
        pass
os.closerange(0, 64)
"""
