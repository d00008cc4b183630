"""Reads a byte in each two megabytes of a terabyte: no pages of its own, and yet a table of the kernel's for each."""

GROUP = "resources"
STOCK = False  # it would take gigabytes
NEIGHBOUR = False
CODE = """
import ctypes, os, time

system = ctypes.CDLL(None, use_errno=True)
system.mmap.restype = ctypes.c_void_p
system.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
for size in (8 << 40, *[100 << 30] * 20):
    if os.fork() == 0:
        start = system.mmap(None, size, 1, 0x4022, -1, 0)
        if start not in (None, ctypes.c_void_p(-1).value):
            for at in range(0, size, 2 << 20):
                ctypes.c_char.from_address(start + at).value
        time.sleep(5)
        os._exit(0)
time.sleep(5)
print("GOT IT")
"""
