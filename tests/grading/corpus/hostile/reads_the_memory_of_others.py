"""Reads the memory of the first process that it can see."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(310, 1, 0, 0, 0, 0, 0, 0) >= 0:
    print("GOT IT")
"""
