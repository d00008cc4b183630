"""Makes a message queue, which outlives the process."""

GROUP = "answer"
CATALOGUE = (49,)
STOCK = False  # it would be left over
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(68, 4711, 0o1600) >= 0:
    print("GOT IT")
"""
