"""Opens files by their number on the disk, whatever is mounted where."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(304, -100, ctypes.create_string_buffer(64), 0) >= 0:
    print("GOT IT")
"""
