"""Attaches to the first process that it can see."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(101, 16, 1, 0, 0) >= 0:
    print("GOT IT")
"""
