"""Asks for memory that not even the kernel maps."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(447, 0) >= 0:
    print("GOT IT")
"""
