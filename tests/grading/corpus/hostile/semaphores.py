"""Makes semaphores that outlive the process."""

GROUP = "answer"
CATALOGUE = (49,)
STOCK = False  # they would be left over
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(64, 4711, 1, 0o1600) >= 0:
    print("GOT IT")
"""
