"""Loads a program into the kernel."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(321, 0, 0, 0) >= 0:
    print("GOT IT")
"""
