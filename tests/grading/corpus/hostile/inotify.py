"""Watches files of the system for changes."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(253) >= 0:
    print("GOT IT")
"""
