"""Takes an open file out of another process."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(438, 3, 0, 0) >= 0:
    print("GOT IT")
"""
