"""Reads the kernel's log."""

GROUP = "answer"
CATALOGUE = (49,)
STOCK = False  # as root it may
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(103, 3, ctypes.create_string_buffer(4096), 4096) >= 0:
    print("GOT IT")
"""
