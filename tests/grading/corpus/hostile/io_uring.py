"""Sets up io_uring, which does file and network work that no filter of calls sees."""

GROUP = "answer"
CATALOGUE = (49,)
CODE = """
import ctypes

system = ctypes.CDLL(None, use_errno=True)
if system.syscall(425, 4, ctypes.create_string_buffer(256)) >= 0:
    print("GOT IT")
"""
