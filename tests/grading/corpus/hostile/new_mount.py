"""Mounts a file system of its own, which would have no limit."""

GROUP = "answer"
CATALOGUE = (49,)
STOCK = False  # as root it would hide the machine's /tmp
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(165, b"none", b"/tmp", b"tmpfs", 0, 0) >= 0:
    print("GOT IT")
"""
