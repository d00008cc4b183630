"""Kills every process that it may (87)."""

GROUP = "resources"
CATALOGUE = (87,)
STOCK = False  # it would end whatever else this user runs
CODE = """
import os, signal

os.kill(-1, signal.SIGKILL)
"""
