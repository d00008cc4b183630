"""Asks for memory that always lies at the same addresses."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(135, 0x0040000) >= 0:
    print("GOT IT")
"""
