"""Makes a user namespace of its own, in which it would be root."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(272, 0x10000000) >= 0:
    print("GOT IT")
"""
