"""Counts what the processor does, others' work included."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0) >= 0:
    print("GOT IT")
"""
