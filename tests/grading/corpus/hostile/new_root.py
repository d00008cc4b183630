"""Makes a folder its root."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(161, b"/nowhere") >= 0:
    print("GOT IT")
"""
