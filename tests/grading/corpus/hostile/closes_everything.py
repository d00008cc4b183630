"""Closes every file that is open, and opens others in their place."""

GROUP = "verdict"
NEIGHBOUR = False
CODE = """
import os

os.closerange(0, 256)
for _ in range(64):
    os.open("/dev/null", os.O_RDWR)
"""
