"""Asks for userfaultfd, with which faults of the kernel are won."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(323, 1) >= 0:
    print("GOT IT")
"""
