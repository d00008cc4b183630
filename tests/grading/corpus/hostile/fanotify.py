"""Watches every file of the system."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(300, 0, 0) >= 0:
    print("GOT IT")
"""
