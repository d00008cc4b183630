"""Makes a mount namespace of its own."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(272, 0x00020000) >= 0:
    print("GOT IT")
"""
