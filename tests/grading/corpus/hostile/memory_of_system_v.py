"""Takes memory that no process has mapped any more."""

GROUP = "resources"
CATALOGUE = (82,)
CODE = """
import ctypes

system = ctypes.CDLL(None)
system.shmat.restype = ctypes.c_void_p
for key in range(60):
    number = system.shmget(0, 50 << 20, 0o1600)
    if number >= 0:
        print("GOT IT")
        system.shmctl(number, 0, 0)
"""
