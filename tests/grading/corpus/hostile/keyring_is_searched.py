"""Joins a keyring by name, to read what others left there."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(250, 1, b"bncourse") >= 0:
    print("GOT IT")
"""
