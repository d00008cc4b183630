"""Keeps a note in the kernel's keyring, where the next submission would find it."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(248, b"user", b"note", b"x", 1, -3) >= 0:
    print("GOT IT")
"""
