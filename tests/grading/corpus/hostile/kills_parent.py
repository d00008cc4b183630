"""Kills the process above it (87)."""

GROUP = "resources"
CATALOGUE = (87,)
CODE = """
import os, signal

if os.getppid() > 1:
    os.kill(os.getppid(), signal.SIGKILL)
"""
